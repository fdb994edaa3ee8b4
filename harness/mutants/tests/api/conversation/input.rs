//! Requests with unusual input.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::transcript::Transcript;
use crate::support::Actor;

pub(super) async fn input(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, ..] = actors;
    let first = transcript.say(alice, room, "first words").await;
    let edit = format!("/chat/messages/{first}/");
    for content in [
        json!({ "a": 1 }),
        json!("x".repeat(256)),
        json!("one\u{2028}two"),
        json!("zero\u{200D}width"),
        json!("nothing\0"),
    ] {
        let body = json!({ "room": room, "content": content });
        transcript.post(bob, "/chat/messages/", body).await;
        transcript.patch(alice, &edit, json!({ "content": content })).await;
    }
    let half = r#"{"content": "\ud800"}"#;
    let request = alice.request(Method::PATCH, &edit).header(CONTENT_TYPE, "application/json");
    transcript.ask(request.body(half)).await;
    let reply = json!({ "room": room, "content": "b", "message_type": "text", "reply_to": first });
    transcript.post(bob, "/chat/messages/", reply).await;
    for query in ["page_size=0", "page_size=1&ordering=-created_at"] {
        transcript.get(alice, &format!("/chat/messages/?room={room}&{query}")).await;
    }
    transcript.get(alice, "/chat/messages/search/?q=words&room=nowhere").await;
    transcript.get(alice, "/chat/messages/?room=not-a-uuid").await;
    for ids in [json!([2, "x"]), json!([3, 999])] {
        let body = json!({ "room_type": "group", "name": "odd", "participant_ids": ids });
        transcript.post(alice, "/chat/rooms/", body).await;
        transcript.get(alice, "/chat/rooms/?search=odd").await;
    }
    let inactive = json!({ "room_type": "group", "is_active": false });
    transcript.post(alice, "/chat/rooms/", inactive).await;
    transcript.delete(alice, "/chat/participants/unknown/").await;
    let row = bob.participant(room, bob).await;
    for body in [
        json!({ "muted": true, "muted_until": "soon" }),
        json!({ "muted": "maybe" }),
        json!({ "muted": false, "is_admin": true }),
    ] {
        transcript.post(bob, &format!("/chat/participants/{row}/mute/"), body).await;
        transcript.get(alice, &format!("/chat/rooms/{room}/")).await;
    }
    for (name, value) in
        [("user", json!(i64::MAX)), ("is_admin", json!("x")), ("joined_at", json!("long ago"))]
    {
        let mut body = json!({ "room": room, "user": 4 });
        body[name] = Value::clone(&value);
        transcript.post(alice, "/chat/participants/", body).await;
        transcript.get(alice, &format!("/chat/rooms/{room}/")).await;
    }
}
