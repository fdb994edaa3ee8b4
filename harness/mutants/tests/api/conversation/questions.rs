//! Requests that the specification leaves open.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::UNKNOWN;
use super::transcript::Transcript;
use crate::support::{Actor, Socket};

pub(super) async fn questions(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, ..] = actors;
    content(transcript, alice, room).await;
    search(transcript, alice, room).await;
    pages(transcript, actors, room).await;
    values(transcript, actors, room).await;
    sockets(transcript, actors, room).await;
    participants(transcript, actors, room).await;
    transcript.post(bob, &format!("/chat/rooms/{room}/mark_read/"), Value::Null).await;
    transcript.views(bob, room).await;
    rooms(transcript, actors, room).await;
}

/// Messages with unusual content and type.
async fn content(transcript: &mut Transcript, alice: &Actor, room: &str) {
    for length in [10_001, 100_001] {
        let body = json!({ "room": room, "content": "x".repeat(length) });
        let answer = alice.request(Method::POST, "/chat/messages/").json(&body).send().await;
        transcript.note(&answer.unwrap().status().to_string());
    }
    for body in [
        json!({ "room": room, "content": "  " }),
        json!({ "room": room, "content": "a notice", "message_type": "system" }),
        json!({ "room": room, "content": "no picture", "message_type": "image" }),
        json!({ "room": room, "content": "bell\u{7}" }),
    ] {
        transcript.post(alice, "/chat/messages/", body).await;
    }
    let picture = multipart::Part::bytes(b"picture".to_vec()).file_name("a.png");
    let picture = picture.mime_str("image/png").unwrap();
    let form = multipart::Form::new().text("room", room.to_owned()).part("attachment", picture);
    transcript.ask(alice.request(Method::POST, "/chat/messages/").multipart(form)).await;
    let file = multipart::Part::bytes(b"text".to_vec()).file_name("a.txt");
    let file = file.mime_str("text/plain").unwrap();
    let form = multipart::Form::new().text("room", room.to_owned()).part("attachment", file);
    transcript.ask(alice.request(Method::POST, "/chat/messages/").multipart(form)).await;
    let plain = alice.request(Method::POST, "/chat/messages/").header(CONTENT_TYPE, "text/plain");
    transcript.ask(plain.body(json!({ "room": room, "content": "plain" }).to_string())).await;
}

async fn search(transcript: &mut Transcript, alice: &Actor, room: &str) {
    transcript.say(alice, room, "Walking words").await;
    transcript.say(alice, room, "cafe\u{301}").await;
    for text in ["walking", "Walk", "walked", "king%20wor", "caf%C3%A9"] {
        transcript.get(alice, &format!("/chat/messages/search/?q={text}")).await;
    }
}

/// Pages out of range, and lists of foreign rooms.
async fn pages(transcript: &mut Transcript, [alice, _, _, dave]: &[Actor; 4], room: &str) {
    for query in
        ["", "&page=99", "&page=0", "&page_size=0", "&page_size=500", "&page_size=x", "&ordering=x"]
    {
        transcript.get(alice, &format!("/chat/messages/?room={room}{query}")).await;
    }
    transcript.get(alice, "/chat/participants/").await;
    transcript.get(dave, &format!("/chat/messages/?room={room}")).await;
    transcript.get(dave, &format!("/chat/rooms/{room}/")).await;
    let long = "x".repeat(2000);
    transcript.get(alice, &format!("/chat/messages/search/?q={long}")).await;
}

/// Values of another type, and long bodies.
async fn values(transcript: &mut Transcript, [alice, bob, ..]: &[Actor; 4], room: &str) {
    let long = "x".repeat(70_000);
    transcript.post(alice, "/chat/rooms/", json!({ "room_type": "club", "name": long })).await;
    for body in [
        json!({ "room_type": "task", "task": "42" }),
        json!({ "room_type": "task" }),
        json!({ "room_type": "group" }),
        json!({ "room_type": "group", "name": "pair", "participant_ids": [alice.id, bob.id] }),
        json!({ "room_type": "direct", "participant_ids": [bob.id] }),
        json!({ "room_type": "direct", "participant_ids": [bob.id] }),
    ] {
        transcript.post(alice, "/chat/rooms/", body).await;
    }
    let elsewhere = alice.room(room).await["id"].clone();
    let reply = json!({ "room": elsewhere, "content": "reply", "reply_to": UNKNOWN });
    transcript.post(alice, "/chat/messages/", reply).await;
    transcript.get(alice, "/chat/rooms/?search=bob").await;
    transcript.get(alice, "/chat/rooms/?page_size=1").await;
}

/// Edits, deletions, receipts and unusual frames while a socket is open.
async fn sockets(transcript: &mut Transcript, [alice, bob, carol, _]: &[Actor; 4], room: &str) {
    let sent = transcript.say(alice, room, "before").await;
    let mut socket = Socket::connect(&bob.socket_url(room)).await.unwrap();
    transcript.listen(&mut socket).await;
    let path = format!("/chat/messages/{sent}/");
    transcript.patch(alice, &path, json!({ "content": "edited" })).await;
    transcript.listen(&mut socket).await;
    transcript.say(alice, room, "one more").await;
    let mut of_carol = Socket::connect(&carol.socket_url(room)).await.unwrap();
    transcript.listen(&mut of_carol).await;
    transcript.post(bob, &format!("{path}mark_read/"), Value::Null).await;
    transcript.listen(&mut of_carol).await;
    transcript.views(bob, room).await;
    transcript.delete(alice, &path).await;
    transcript.delete(alice, &path).await;
    transcript.patch(alice, &path, json!({ "content": "back" })).await;
    transcript.views(bob, room).await;
    transcript.listen(&mut socket).await;
    let frame = json!({ "type": "chat_message", "message": "x".repeat(70_000) });
    socket.try_send(Message::text(frame.to_string())).await;
    transcript.listen(&mut socket).await;
}

/// Participants who are added again, muted until a time in the past, or removed from a direct room.
async fn participants(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, carol, _] = actors;
    transcript.post(alice, "/chat/participants/", json!({ "room": room, "user": carol.id })).await;
    let row = bob.participant(room, bob).await;
    let past = json!({ "muted": true, "muted_until": "2001-01-01T00:00:00Z" });
    transcript.post(bob, &format!("/chat/participants/{row}/mute/"), past).await;
    let direct = json!({ "room_type": "direct", "participant_ids": [carol.id] });
    let direct = transcript.post(alice, "/chat/rooms/", direct).await["id"].clone();
    let direct = direct.as_str().unwrap_or(UNKNOWN);
    let row = alice.participant(direct, carol).await;
    transcript.delete(alice, &format!("/chat/participants/{row}/")).await;
    transcript.post(carol, &format!("/chat/rooms/{room}/leave/"), Value::Null).await;
    transcript.views(alice, room).await;
    transcript.post(alice, "/chat/participants/", json!({ "room": room, "user": carol.id })).await;
    transcript.views(carol, room).await;
}

/// The only admin leaves, and others archive a room and write in it.
async fn rooms(transcript: &mut Transcript, [alice, bob, carol, _]: &[Actor; 4], room: &str) {
    transcript.post(carol, &format!("/chat/rooms/{room}/archive/"), Value::Null).await;
    transcript.post(alice, &format!("/chat/rooms/{room}/leave/"), Value::Null).await;
    transcript.get(bob, &format!("/chat/rooms/{room}/")).await;
    transcript.post(bob, &format!("/chat/rooms/{room}/archive/"), Value::Null).await;
    transcript.say(bob, room, "in the archive").await;
}
