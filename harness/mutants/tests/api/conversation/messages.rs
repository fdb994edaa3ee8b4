//! Sending, editing, deleting, searching and reading messages.

use reqwest::Method;
use reqwest::multipart;
use serde_json::{Value, json};

use super::UNKNOWN;
use super::transcript::Transcript;
use crate::support::{Actor, Lab};

pub(super) async fn messages(
    transcript: &mut Transcript,
    lab: &Lab,
    actors: &[Actor; 4],
    room: &str,
) {
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
