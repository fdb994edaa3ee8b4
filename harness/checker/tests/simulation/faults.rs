//! Servers with one fault in every response, each of which breaks a requirement.

use hearback_checker::{State, check_history};
use hearback_contract::{Operation, RoomId};
use hearback_history::{ConnectionId, Event, EventKind, History};
use serde_json::{Value, json};

use super::response_rewriter::{Response, Shown, add_one, flip, is_deleted, rewrite_responses};
use super::users::{Plan, simulate};

/// The requirement that a fault breaks, and the fault.
type Fault = (&'static str, fn(&mut Response<'_>));

static FAULTS: &[Fault] = &[
    ("unread/detail", |it| it.on(Operation::RoomsGet, |room| add_one(room, "unread_count"))),
    ("unread/list", |it| it.on_items(Operation::RoomsList, |room| add_one(room, "unread_count"))),
    ("unread/stats", |it| it.on(Operation::RoomsStats, |stats| add_one(stats, "unread_count"))),
    ("unread/participants", |it| it.on_participants(|member| add_one(member, "unread_count"))),
    ("unread/own-never-count", |it| it.on_counts(|count| count + 1)),
    ("unread/zero-after-mark-read", |it| it.on_counts(|count| count.max(1))),
    ("unread/zero-after-socket-mark", |it| it.on_counts(|count| count.max(1))),
    ("unread/others-unmoved", |it| it.on_counts(|_| 0)),
    ("receipts/stored", |it| it.on_messages(forget_readers)),
    ("receipts/count", |it| it.on_messages(|message, _| add_one(message, "read_count"))),
    ("receipts/is-read", |it| it.on_messages(|message, _| flip(message, "is_read"))),
    ("receipts/idempotent", |it| {
        let time = json!(format!("2026-01-02T00:00:00.{:09}Z", it.body.to_string().len()));
        it.on_messages(|message, _| set_times(message, &time));
    }),
    ("receipts/no-phantom", |it| {
        it.on_messages(|message, _| message["read_by"]["6"] = message["created_at"].clone());
    }),
    ("receipts/never-lost", |it| {
        if it.operation == Operation::MessagesGet {
            it.on_messages(forget_readers);
        }
    }),
    ("receipts/time", |it| {
        it.on_messages(|message, _| set_times(message, &json!("2025-12-31T23:59:59Z")));
    }),
    ("receipts/last-read-at", |it| {
        it.on_participants(|member| member["last_read_at"] = Value::Null);
    }),
    ("deletion/placeholder", |it| it.on_deleted(|message, _| message["content"] = json!("gone"))),
    ("deletion/flags", |it| it.on_deleted(|message, _| message["deleted_at"] = Value::Null)),
    ("deletion/text-is-gone", |it| {
        it.on_deleted(|message, first| message["content"] = first["content"].clone());
    }),
    ("deletion/changes-nothing-else", |it| {
        it.on_deleted(|message, _| message["created_at"] = json!("2025-12-31T23:59:59Z"));
    }),
    ("deletion/not-in-search", |it| it.find_all_ever_shown()),
    ("deletion/not-in-preview", |it| {
        let last = it.body.get("last_message").and_then(|last| last.get("id")?.as_str());
        if let Some(first) = last.and_then(|id| it.shown.get(id)) {
            it.body["last_message"]["content"] = first["content"].clone();
        }
    }),
    ("deletion/not-in-replies", |it| {
        it.on_messages(|message, shown| {
            let answered = message["reply_to"].as_str().and_then(|id| shown.get(id));
            if let Some(answered) = answered.cloned() {
                message["reply_to"] = answered;
            }
        });
    }),
    ("deletion/stays-deleted", |it| it.replace_status(Operation::MessagesEdit, 400, 200)),
    ("deletion/get-agrees-with-list", |it| {
        if it.operation == Operation::MessagesGet && is_deleted(it.body) {
            *it.status = 404;
        }
    }),
    ("deletion/delete-own", |it| it.replace_status(Operation::MessagesDelete, 200, 403)),
    ("participant/add", |it| it.replace_status(Operation::ParticipantsAdd, 201, 403)),
    ("participant/add-as-admin", |it| it.on_participants(|member| flip(member, "is_admin"))),
    ("participant/listed-once", |it| {
        if let Some(list) = it.body.get_mut("participants").and_then(Value::as_array_mut) {
            list.extend(list.last().cloned());
        }
    }),
    ("participant/list-equals-room", |it| {
        if let Some(list) = it.body.get_mut("participants").and_then(Value::as_array_mut) {
            list.pop();
        }
    }),
    ("participant/remove", |it| it.replace_status(Operation::ParticipantsRemove, 200, 403)),
    ("participant/mute", |it| it.on_participants(|member| member["is_muted"] = json!(false))),
    ("participant/unmute", |it| it.on_participants(|member| member["is_muted"] = json!(true))),
];

fn forget_readers(message: &mut Value, _: &Shown) {
    message["read_by"] = json!({});
    message["read_count"] = json!(0);
    message["is_read"] = json!(false);
}

fn set_times(message: &mut Value, time: &Value) {
    for read_at in message["read_by"].as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
        *read_at = time.clone();
    }
}

/// Maximum number of runs to try, because a run may not exercise a fault.
const MAX_RUNS: u64 = 80;

/// Plants a defect in a run. Returns whether anything changed.
type Plant<'p> = &'p dyn Fn(&mut Vec<Event>) -> bool;

/// Returns the requirements that no run breaks after its defect was planted.
fn unbroken<'p>(mut plants: Vec<(&'p str, Plant<'_>)>) -> Vec<&'p str> {
    for seed in 0..MAX_RUNS {
        if plants.is_empty() {
            break;
        }
        let events = simulate(Plan { seed, steps: 600 });
        plants.retain(|(requirement, plant)| {
            let mut events = events.clone();
            let is_broken = plant(&mut events)
                && check_history(&History::from_events(events), |it| it.as_str() == *requirement)
                    .in_state(State::Broken)
                    .next()
                    .is_some();
            !is_broken
        });
    }
    plants.into_iter().map(|(requirement, _)| requirement).collect()
}

#[test]
fn faults_break_their_requirements() {
    let plants: Vec<_> = FAULTS
        .iter()
        .map(|(requirement, fault)| {
            (*requirement, move |run: &mut Vec<Event>| rewrite_responses(run, *fault))
        })
        .collect();
    let missed = unbroken(plants.iter().map(|(name, plant)| (*name, plant as Plant<'_>)).collect());
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Sends every message that a socket receives to every other open socket of the room.
fn leak(events: &mut Vec<Event>) -> bool {
    let mut open: Vec<(ConnectionId, RoomId)> = Vec::new();
    let mut leaked = Vec::new();
    let mut is_changed = false;
    for event in events.drain(..) {
        let mut copies = Vec::new();
        match &event.kind {
            EventKind::Connecting { connection, room, .. } => {
                open.push((*connection, room.clone()))
            }
            EventKind::ConnectFailed { connection, .. } | EventKind::Closed { connection, .. } => {
                open.retain(|(other, _)| other != connection);
            }
            EventKind::Received { connection, frame } => {
                let room = open.iter().find(|(other, _)| other == connection).map(|(_, room)| room);
                let others = open.iter().filter(|(other, its)| {
                    other != connection && Some(its) == room && is_message(frame.as_text())
                });
                copies.extend(others.map(|(connection, _)| EventKind::Received {
                    connection: *connection,
                    frame: frame.clone(),
                }));
            }
            _ => {}
        }
        is_changed |= !copies.is_empty();
        let at = event.at;
        leaked.push(event);
        leaked.extend(copies.into_iter().map(|kind| Event { seq: 0, at, kind }));
    }
    *events = leaked;
    events.iter_mut().zip(0..).for_each(|(event, seq)| event.seq = seq);
    is_changed
}

fn is_message(frame: Option<&str>) -> bool {
    frame.is_some_and(|text| text.contains(r#""type":"chat_message""#))
}

#[test]
fn leaks_to_departed_members_are_found() {
    let requirements = ["participant/removed-stream-ends", "participant/departed-stream-ends"];
    assert!(unbroken(requirements.map(|it| (it, &leak as Plant<'_>)).to_vec()).is_empty());
}

/// Adds one to the unread count of every new socket.
fn miscount(events: &mut Vec<Event>) -> bool {
    let mut is_changed = false;
    for event in events {
        let EventKind::Received { frame, .. } = &mut event.kind else { continue };
        let Some(mut json) = frame.to_json() else { continue };
        if json["type"] == "connection_established" {
            add_one(&mut json, "unread_count");
            *frame = json.to_string().into();
            is_changed = true;
        }
    }
    is_changed
}

#[test]
fn wrong_counts_of_new_sockets_are_found() {
    assert!(unbroken(vec![("unread/established", &miscount)]).is_empty());
}
