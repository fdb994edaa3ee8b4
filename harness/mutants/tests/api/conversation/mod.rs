//! Each fault changes a conversation that covers the whole API.

mod input;
mod transcript;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use hearback_mutants::{FAULTS, FaultSet, FaultSpec};
use hearback_reference::Options;
use reqwest::multipart;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use self::transcript::Transcript;
use crate::support::{self, Actor, Lab, Socket};

const SECRET: &str = "known to the test";
const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";
/// Maximum number of concurrent conversations.
const CONCURRENCY: usize = 4;

/// A part of the conversation, with a server of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Auth,
    Room,
    Message,
    Page,
    Socket,
    Participant,
    Input,
}

const PARTS: [Part; 7] = [
    Part::Room,
    Part::Message,
    Part::Auth,
    Part::Page,
    Part::Socket,
    Part::Participant,
    Part::Input,
];

/// Maximum time of a conversation; only a missing response exceeds it.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_changes_the_conversation() {
    let client = Client::new();
    let mut clean = Vec::new();
    for part in PARTS {
        let talk = Talk { client: client.clone(), faults: FaultSet::default(), part };
        let lines = talk.clone().hold(Transcript::default()).await;
        assert_eq!(talk.differs(&lines).await, None, "{part:?} varies");
        clean.push((part, lines));
    }
    let clean = Arc::new(clean);
    // Faults that only sequences of commands reach have reproductions in the tests of the binary.
    let faults = FAULTS.iter().filter(|fault| !fault.in_sequences);
    let unnoticed: Vec<_> = stream::iter(faults)
        .map(async |fault| {
            let shown = tokio::spawn(shows(client.clone(), fault, Arc::clone(&clean)));
            (fault.id, shown.await.unwrap())
        })
        .buffer_unordered(CONCURRENCY)
        .filter_map(async |(id, shown)| (!shown).then_some(id))
        .collect()
        .await;
    assert!(unnoticed.is_empty(), "no effect: {unnoticed:#?}");
}

/// True if any part of the conversation differs. The part of the fault's family is tried first.
async fn shows(
    client: Client,
    fault: &'static FaultSpec,
    clean: Arc<Vec<(Part, Vec<String>)>>,
) -> bool {
    let first = match fault.id.family() {
        "auth" => Part::Auth,
        "input" => Part::Input,
        "message" | "deletion" | "delivery" | "receipts" | "unread" => Part::Message,
        "page" => Part::Page,
        "socket" | "order" => Part::Socket,
        "participant" | "authorization" => Part::Participant,
        _ => Part::Room,
    };
    let mut parts: Vec<_> = clean.iter().collect();
    parts.sort_by_key(|(part, _)| *part != first);
    for (part, lines) in parts {
        let faults = FaultSet::from(fault.id);
        let talk = Talk { client: client.clone(), faults, part: *part };
        // A conversation that does not end differs, too.
        if timeout(TIMEOUT, talk.differs(lines)).await.map_or(true, |line| line.is_some()) {
            return true;
        }
    }
    false
}

/// One part of the conversation.
#[derive(Clone)]
struct Talk {
    client: Client,
    faults: FaultSet,
    part: Part,
}

impl Talk {
    /// The first line that differs; the conversation ends there.
    async fn differs(self, expected: &[String]) -> Option<String> {
        let (report, mut reported) = mpsc::unbounded_channel();
        let expected = Some((expected.to_vec(), report));
        tokio::select! {
            biased;
            difference = reported.recv() => difference,
            // The last line may differ.
            _ = self.hold(Transcript { expected, ..Transcript::default() }) => {
                reported.try_recv().ok()
            }
        }
    }

    async fn hold(self, mut transcript: Transcript) -> Vec<String> {
        let jwt_secret = Some(SECRET.to_owned());
        let options = Options { seams: self.faults.seams(), jwt_secret, ..Options::default() };
        let lab = support::lab(self.client, options).await;
        let actors = lab.actors(["alice", "bob", "carol", "dave"]).await;
        let room = actors[0].group(&[&actors[1], &actors[2]]).await;
        match self.part {
            Part::Auth => tokens(&mut transcript, &lab, &actors).await,
            Part::Room => rooms(&mut transcript, &actors).await,
            Part::Message => messages(&mut transcript, &lab, &actors, &room).await,
            Part::Page => pages(&mut transcript, &actors[0]).await,
            Part::Socket => sockets(&mut transcript, &actors, &room).await,
            Part::Participant => participants(&mut transcript, &actors, &room).await,
            Part::Input => input::input(&mut transcript, &actors, &room).await,
        }
        transcript.lines
    }
}

async fn tokens(transcript: &mut Transcript, lab: &Lab, actors: &[Actor; 4]) {
    let base = lab.server.base_url();
    let [alice, bob, ..] = actors;
    let room = bob.group(&[alice]).await;
    for (username, password) in [("bob", "bob-password"), ("bob", "x"), ("unknown", "x")] {
        let body = json!({ "username": username, "password": password });
        let request = lab.client.post(format!("{base}/token/")).json(&body);
        let tokens = transcript.ask(request).await;
        let Some(refresh) = tokens["refresh"].as_str() else { continue };
        let access = tokens["access"].as_str().unwrap();
        let (signed, _) = access.rsplit_once('.').unwrap();
        let of_refresh = refresh.rsplit_once('.').unwrap().0;
        for token in [refresh, access, "garbage", &format!("{of_refresh}.AAAA")] {
            let body = json!({ "refresh": token });
            let request = lab.client.post(format!("{base}/token/refresh/")).json(&body);
            if let Some(access) = transcript.ask(request).await["access"].as_str() {
                let list = lab.client.get(format!("{base}/chat/rooms/"));
                transcript.ask(list.bearer_auth(access)).await;
            }
        }
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", signed.split_once('.').unwrap().1);
        let tampered = format!("{signed}.AAAA");
        let expired = expired(bob.id);
        for token in ["garbage", refresh, &tampered, &unsigned, &expired] {
            let list = lab.client.get(format!("{base}/chat/rooms/"));
            transcript.ask(list.bearer_auth(token)).await;
            transcript.knock(&format!("{}?token={token}", door(lab, &room))).await;
        }
    }
    transcript.ask(lab.client.get(format!("{base}/chat/rooms/"))).await;
    transcript.knock(&door(lab, &room)).await;
}

fn door(lab: &Lab, room: &str) -> String {
    format!("{}/ws/chat/{room}/", lab.server.socket_url())
}

fn expired(user: i64) -> String {
    let claims = json!({
        "token_type": "access", "exp": 1_000_000_000, "iat": 0, "user_id": user, "jti": UNKNOWN,
    });
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

async fn rooms(transcript: &mut Transcript, [alice, bob, carol, dave]: &[Actor; 4]) {
    let mut created = Vec::new();
    for body in [
        json!({ "room_type": "direct", "participant_ids": [2] }),
        json!({ "room_type": "group", "name": "Team spirit", "participant_ids": [2, 3] }),
        json!({ "room_type": "task", "task": 42, "participant_ids": [2] }),
        json!({ "room_type": "property", "property": 7 }),
        json!({ "room_type": "direct", "participant_ids": [2, 3] }),
        json!({ "room_type": "club" }),
        json!({ "room_type": "group", "participant_ids": [2, 999] }),
    ] {
        let room = transcript.post(alice, "/chat/rooms/", body).await;
        created.extend(room["id"].as_str().map(str::to_owned));
    }
    for viewer in [alice, bob, carol, dave] {
        for room in &created[..2] {
            transcript.get(viewer, &format!("/chat/rooms/{room}/")).await;
        }
        for query in ["", "?room_type=task", "?search=spirit"] {
            transcript.get(viewer, &format!("/chat/rooms/{query}")).await;
        }
    }
    transcript.post(carol, &format!("/chat/rooms/{}/leave/", created[1]), Value::Null).await;
    transcript.get(carol, &format!("/chat/rooms/{}/", created[1])).await;
    transcript.post(alice, &format!("/chat/rooms/{}/archive/", created[1]), Value::Null).await;
    transcript.post(alice, &format!("/chat/rooms/{UNKNOWN}/leave/"), Value::Null).await;
    for query in ["", "?include_archived=true"] {
        transcript.get(alice, &format!("/chat/rooms/{query}")).await;
    }
    transcript.get(alice, &format!("/chat/rooms/{}/", created[1])).await;
}

async fn messages(transcript: &mut Transcript, lab: &Lab, actors: &[Actor; 4], room: &str) {
    let [alice, bob, carol, dave] = actors;
    let list = format!("/chat/messages/?room={room}");
    let elsewhere = alice.group(&[bob]).await;
    let foreign = transcript.say(alice, &elsewhere, "an errand elsewhere").await;
    transcript.say(alice, &elsewhere, &"x".repeat(9000)).await;
    let mut sent = Vec::new();
    for content in ["plain words", " padded\nlines ", "<b>&</b>", "👩 emoji", "five"] {
        sent.push(transcript.say(alice, room, content).await);
    }
    for body in [
        json!({ "room": room, "content": "reply", "reply_to": sent[0] }),
        json!({ "room": room, "content": "reply", "reply_to": foreign }),
        json!({ "room": room, "content": "reply", "reply_to": UNKNOWN }),
        json!({ "room": room, "content": "" }),
        json!({ "room": UNKNOWN, "content": "lost" }),
        json!({
            "room": room, "content": "altered", "is_deleted": true, "is_edited": true,
            "sender": 2, "created_at": "2001-01-01T00:00:00Z", "read_by": { "2": "x" },
        }),
    ] {
        transcript.post(bob, "/chat/messages/", body).await;
    }
    let part = multipart::Part::bytes(b"picture".to_vec())
        .file_name("a.png")
        .mime_str("image/png")
        .unwrap();
    let form = multipart::Form::new().text("room", room.to_owned()).part("attachment", part);
    let image = alice.request(Method::POST, "/chat/messages/").multipart(form);
    let image = transcript.ask(image).await;
    let file = lab.client.get(image["attachment"].as_str().unwrap()).bearer_auth(&bob.token);
    let file = file.send().await.unwrap().bytes().await.unwrap();
    transcript.note(&format!("{file:?}"));

    for actor in [bob, carol, alice, dave] {
        let path = format!("/chat/messages/{}/", sent[0]);
        transcript.post(actor, &format!("{path}mark_read/"), Value::Null).await;
        transcript.post(actor, &format!("{path}mark_read/"), Value::Null).await;
        transcript.get(actor, &path).await;
        transcript.views(actor, room).await;
        for query in ["q=words", "q=emo", "q=words%20of%20others", "q=errand", "q=wo"] {
            transcript.get(actor, &format!("/chat/messages/search/?{query}")).await;
            transcript.get(actor, &format!("/chat/messages/search/?{query}&room={room}")).await;
        }
    }
    for actor in [dave, bob, carol, alice] {
        let path = format!("/chat/messages/{}/", sent[1]);
        let edit = json!({ "content": "edited words", "created_at": "2001-01-01T00:00:00Z" });
        transcript.patch(actor, &path, edit).await;
        transcript.patch(actor, &path, json!({ "content": "" })).await;
        transcript.patch(actor, &path, json!({})).await;
        transcript.get(actor, &list).await;
    }
    transcript.say(carol, room, "last words").await;
    for actor in [dave, carol, bob] {
        transcript.delete(actor, &format!("/chat/messages/{}/", sent[2])).await;
    }
    for id in [&sent[0], &sent[2], &sent[4]] {
        let path = format!("/chat/messages/{id}/");
        transcript.delete(alice, &path).await;
        transcript.delete(alice, &path).await;
        transcript.get(bob, &path).await;
        transcript.patch(alice, &path, json!({ "content": "back again" })).await;
        transcript.views(bob, room).await;
        transcript.views(carol, room).await;
        transcript.get(bob, "/chat/messages/search/?q=plain").await;
    }
    let last = transcript.say(bob, room, "the very last").await;
    transcript.delete(bob, &format!("/chat/messages/{last}/")).await;
    transcript.views(alice, room).await;
    transcript.post(carol, &format!("/chat/rooms/{room}/mark_read/"), Value::Null).await;
    transcript.views(carol, room).await;
    transcript.get(alice, "/chat/messages/search/").await;
    transcript.get(alice, "/chat/messages/").await;
}

async fn pages(transcript: &mut Transcript, alice: &Actor) {
    transcript.get(alice, "/chat/participants/").await;
    let room = alice.group(&[]).await;
    let list = format!("/chat/messages/?room={room}");
    for number in 0..25 {
        alice.say(&room, &number.to_string()).await;
    }
    for query in ["", "&page=9", "&page=0", "&page=abc"] {
        transcript.get(alice, &format!("{list}{query}")).await;
    }
    for query in ["&ordering=created_at&page_size=9", "&ordering=-created_at&page_size=9"] {
        let mut path = format!("{list}{query}");
        for _ in 0..4 {
            let page = transcript.get(alice, &path).await;
            alice.say(&room, "meanwhile").await;
            let Some((_, next)) = page["next"].as_str().and_then(|link| link.split_once('?'))
            else {
                break;
            };
            path = format!("/chat/messages/?{next}");
        }
    }
    for number in 25..101 {
        alice.say(&room, &number.to_string()).await;
    }
    transcript.get(alice, &format!("{list}&page_size=200")).await;
}

async fn sockets(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, _, dave] = actors;
    let elsewhere = alice.group(&[bob]).await;
    let foreign = transcript.say(alice, &elsewhere, "elsewhere").await;
    let message = transcript.say(alice, room, "before").await;
    transcript.knock(&dave.socket_url(room)).await;
    transcript.knock(&dave.socket_url(UNKNOWN)).await;
    let urls = [bob.socket_url(room), alice.socket_url(room), alice.socket_url(&elsewhere)];
    let mut sockets = Vec::new();
    for url in urls {
        let Ok(mut socket) = Socket::connect(&url).await else { continue };
        transcript.listen(&mut socket).await;
        sockets.push(socket);
    }
    for event in [
        json!({ "type": "typing", "is_typing": true }),
        json!({ "type": "read_receipt", "message_id": message }),
        json!({ "type": "mark_room_read" }),
        json!({ "type": "chat_message", "message": "by socket" }),
        json!({ "type": "chat_message", "message": "reply", "reply_to": message }),
        json!({ "type": "chat_message", "message": "" }),
        json!({ "type": "chat_message", "message": 5 }),
        json!({ "type": "chat_message", "message": "x", "reply_to": foreign }),
        json!({ "type": "read_receipt", "message_id": foreign }),
        json!({ "type": "dance" }),
        json!({ "message": "no type" }),
        json!([]),
    ] {
        for _ in 0..2 {
            sockets[0].try_send(Message::text(event.to_string())).await;
        }
        transcript.listen(&mut sockets[0]).await;
        transcript.say(alice, room, "by rest").await;
        for socket in &mut sockets {
            transcript.listen(socket).await;
        }
    }
    for actor in [alice, bob] {
        transcript.views(actor, room).await;
    }
}

async fn participants(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, carol, dave] = actors;
    let row = alice.participant(room, bob).await;
    transcript
        .post(dave, &format!("/chat/participants/{row}/mute/"), json!({ "muted": true }))
        .await;
    transcript.delete(dave, &format!("/chat/participants/{row}/")).await;
    let direct = json!({ "room_type": "direct", "participant_ids": [2] });
    let direct = transcript.post(alice, "/chat/rooms/", direct).await["id"].clone();
    for body in [json!({ "room": direct, "user": 3 }), json!({ "room": room, "user": 999 })] {
        transcript.post(alice, "/chat/participants/", body).await;
    }
    for adder in [dave, bob, alice] {
        let add = json!({ "room": room, "user": 4, "is_admin": false });
        transcript.post(adder, "/chat/participants/", add).await;
    }
    transcript.post(alice, "/chat/participants/", json!({ "user": 4 })).await;
    transcript.views(dave, room).await;
    let row = alice.participant(room, bob).await;
    for actor in [dave, alice, bob] {
        for body in [
            json!({ "muted": true, "muted_until": "2999-01-01T00:00:00Z" }),
            json!({ "muted": true, "muted_until": "soon" }),
            json!({ "muted": false }),
            json!({}),
        ] {
            transcript.post(actor, &format!("/chat/participants/{row}/mute/"), body).await;
            transcript.get(alice, &format!("/chat/rooms/{room}/")).await;
        }
    }
    let row = alice.participant(room, carol).await;
    let mut of_carol = Socket::connect(&carol.socket_url(room)).await.ok();
    if let Some(socket) = &mut of_carol {
        transcript.listen(socket).await;
    }
    for remover in [bob, dave, alice] {
        transcript.delete(remover, &format!("/chat/participants/{row}/")).await;
    }
    transcript.say(alice, room, "behind carol's back").await;
    if let Some(socket) = &mut of_carol {
        transcript.listen(socket).await;
    }
    let mut of_dave = Socket::connect(&dave.socket_url(room)).await.ok();
    if let Some(socket) = &mut of_dave {
        transcript.listen(socket).await;
        transcript.post(dave, &format!("/chat/rooms/{room}/leave/"), Value::Null).await;
        transcript.say(alice, room, "behind dave's back").await;
        transcript.listen(socket).await;
    }
    for actor in [carol, bob] {
        transcript.say(actor, room, "still there?").await;
        transcript.views(actor, room).await;
        transcript.get(actor, "/chat/messages/search/?q=words").await;
        transcript.post(actor, &format!("/chat/rooms/{room}/mark_read/"), Value::Null).await;
        transcript.post(actor, &format!("/chat/rooms/{room}/archive/"), Value::Null).await;
        transcript.post(actor, &format!("/chat/rooms/{room}/leave/"), Value::Null).await;
        transcript.views(actor, room).await;
    }
    transcript.views(alice, room).await;
}
