//! Checks a history of a million events against every requirement: `cargo bench -p
//! hearback-checker`.
//!
//! The history has rooms of fifty members with open sockets, sends by socket and by REST, receipts,
//! and reads of every view. The benchmark prints the time for a quarter, a half and the whole of a
//! million events, which should grow nearly linearly.

#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints, and has no reader")]

use std::sync::Arc;
use std::time::Instant;
use std::{iter, mem};

use hearback_checker::{State, check_history};
use hearback_contract::{Operation, UserId, examples};
use hearback_history::{
    ActorName, CallId, ConnectionId, Credential, CredentialKind, Event, EventKind, History,
    Invocation, Nanoseconds, Payload, RunStart,
};
use hearback_testkit::dsl;
use serde_json::{Value, json};

/// The allocator of the command line, so that users see the same times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MEMBERS: usize = 50;

fn main() {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![250_000, 500_000, 1_000_000];
    }
    for size in sizes {
        let mut count = 0;
        let events = Recording::default().events(size).inspect(|_| count += 1);
        let began = Instant::now();
        let history = History::from_events(events);
        let built = began.elapsed();
        let began = Instant::now();
        let verdicts = check_history(&history, |_| true);
        let checked = began.elapsed();
        let broken: Vec<_> =
            verdicts.in_state(State::Broken).map(|verdict| &verdict.requirement).collect();
        assert!(broken.is_empty(), "a correct history: {broken:?}");
        let observations: u64 = verdicts.verdicts.iter().map(|verdict| verdict.observations).sum();
        println!(
            "{count:>9} events: recorded and built in {:.2} s, checked in {:.2} s ({observations} observations)",
            built.as_secs_f64(),
            checked.as_secs_f64(),
        );
    }
}

/// The events of a correct server and its users, one room after the other.
#[derive(Default)]
struct Recording {
    /// Events of the current room.
    events: Vec<Event>,
    count: usize,
    now: u64,
    calls: u64,
    sent: u64,
}

impl Recording {
    fn push(&mut self, kind: EventKind) {
        self.now += 1_000;
        self.events.push(Event { seq: self.count as u64, at: Nanoseconds::new(self.now), kind });
        self.count += 1;
    }

    /// The events, which are not all kept at the same time: journals are read like this as well.
    fn events(mut self, size: usize) -> impl Iterator<Item = Event> {
        self.start();
        let mut rooms = 0..;
        let of_rooms = iter::from_fn(move || {
            let room = rooms.next().filter(|_| self.count < size)?;
            self.room(&dsl::id(&format!("room{room}")), room, size);
            Some(mem::take(&mut self.events))
        });
        of_rooms.flatten()
    }

    fn start(&mut self) {
        self.push(EventKind::RunStarted(Box::new(RunStart {
            run: "bench".to_owned(),
            version: "0".to_owned(),
            specification: "1.0.0".to_owned(),
            target: "http://target.test/api".to_owned(),
            socket: "ws://target.test/ws".to_owned(),
            target_options: None,
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            timeout_ms: 1_000,
            selection: Vec::new(),
            shard: None,
            depth: None,
            contract: None,
            host: None,
        })));
        for member in 0..MEMBERS {
            self.push(EventKind::ActorKnown {
                actor: name(member),
                user_id: Some(UserId::new(member as i64 + 1)),
                username: Some(name(member).to_string()),
            });
        }
    }

    fn room(&mut self, room: &str, index: u64, size: usize) {
        let others: Vec<_> = (2..=MEMBERS).collect();
        let body = json!({"room_type": "group", "name": "bench", "participant_ids": others});
        let user =
            |id: usize| json!({"id": id, "username": name(id - 1), "full_name": "", "email": ""});
        let participants: Vec<Value> = (1..=MEMBERS)
            .map(|id| {
                let mut participant = examples::fixture("participant").expect("an example").clone();
                participant["id"] = json!(index as usize * MEMBERS + id);
                participant["user"] = user(id);
                participant["room"] = json!(room);
                participant["is_admin"] = json!(id == 1);
                participant["unread_count"] = json!(0);
                participant
            })
            .collect();
        let mut created = examples::fixture("room").expect("an example").clone();
        created["id"] = json!(room);
        created["name"] = json!("bench");
        created["display_name"] = json!("bench");
        created["room_type"] = json!("group");
        created["created_by"] = user(1);
        created["participants"] = json!(participants);
        created["participant_count"] = json!(MEMBERS);
        created["last_message"] = Value::Null;
        created["unread_count"] = json!(0);
        self.call(0, Operation::RoomsCreate, None, Some(body), 201, created);

        let first = index * MEMBERS as u64;
        for member in 0..MEMBERS {
            let connection = ConnectionId(first + member as u64);
            self.push(EventKind::Connecting {
                connection,
                scenario: "bench".into(),
                actor: name(member),
                credential: credential(member),
                room: room.into(),
            });
            self.push(EventKind::Connected { connection });
            let established = json!({"type": "connection_established", "room_id": room,
                "unread_count": 0, "user_id": member + 1, "username": name(member)});
            self.push(received(connection, &established));
        }
        for message in 0..40 {
            if self.count >= size {
                return;
            }
            self.message(room, first, message);
        }
    }

    fn message(&mut self, room: &str, first: u64, index: usize) {
        self.sent += 1;
        let sender = index % MEMBERS;
        let id = dsl::id(&format!("message{}", self.sent));
        let text = format!("message number {} of {}", self.sent, name(sender));
        let second = self.sent % 60;
        let minute = self.sent / 60 % 60;
        let hour = self.sent / 3600 % 24;
        let day = 1 + self.sent / 86_400;
        let created_at = format!("2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        let by_rest = index % 5 == 4;
        if !by_rest {
            let event = json!({"type": "chat_message", "message": text});
            let connection = ConnectionId(first + sender as u64);
            self.push(EventKind::Sent { connection, frame: event.to_string().into() });
        }
        let event = json!({"type": "chat_message", "message": {
            "id": id, "room_id": room, "content": text, "message_type": "text",
            "sender": {"id": sender + 1, "username": name(sender), "full_name": ""},
            "reply_to_id": null, "created_at": created_at, "is_edited": false, "edited_at": null}});
        if by_rest {
            let body = json!({"room": room, "content": text});
            let mut sent = examples::fixture("message").expect("an example").clone();
            sent["id"] = json!(id);
            sent["room"] = json!(room);
            sent["content"] = json!(text);
            sent["sender"] =
                json!({"id": sender + 1, "username": name(sender), "full_name": "", "email": ""});
            sent["created_at"] = json!(created_at);
            sent["is_read"] = json!(false);
            sent["read_count"] = json!(0);
            sent["read_by"] = json!({});
            self.call(sender, Operation::MessagesSend, None, Some(body), 201, sent);
        }
        for member in 0..MEMBERS as u64 {
            self.push(received(ConnectionId(first + member), &event));
        }
    }

    fn call(
        &mut self,
        actor: usize,
        operation: Operation,
        subject: Option<&str>,
        body: Option<Value>,
        status: u16,
        response: Value,
    ) {
        self.calls += 1;
        let call = CallId(self.calls);
        let parameters: Vec<_> = subject.into_iter().collect();
        self.push(EventKind::Invoked(Arc::new(Invocation {
            call,
            scenario: "bench".into(),
            actor: name(actor),
            operation: Some(operation),
            credential: credential(actor),
            method: operation.spec().method.as_str().to_owned(),
            path: operation.spec().path_with(&parameters),
            path_parameters: parameters.iter().map(|&text| text.to_owned()).collect(),
            query: Vec::new(),
            content_type: body.as_ref().map(|_| "application/json".to_owned()),
            body: body.map(|body| Payload::from(body.to_string())),
            attempt: 1,
        })));
        self.push(EventKind::Returned {
            call,
            status,
            content_type: Some("application/json".to_owned()),
            headers: Vec::new(),
            throttled_s: None,
            body: response.to_string().into(),
            truncated: false,
        });
    }
}

fn name(member: usize) -> ActorName {
    format!("member{member}").into()
}

fn credential(member: usize) -> Credential {
    Credential { kind: CredentialKind::Access, owner: name(member) }
}

fn received(connection: ConnectionId, event: &Value) -> EventKind {
    EventKind::Received { connection, frame: event.to_string().into() }
}
