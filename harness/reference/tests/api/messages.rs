//! Sends, edits, deletes and searches messages.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{answer, id_of, lab};

const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";

#[tokio::test]
async fn content_is_returned_byte_for_byte() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let mut socket = bob.socket(&room).await;
    for content in [
        " padded \n",
        "e\u{301} \u{202e}שלום\u{202c} 👩‍👩‍👧",
        "nul \0 inside",
        "<b>\"quoted\"</b> \\ ' %_ {}",
        &"ü".repeat(100_000),
    ] {
        let sent = alice.say(&room, content).await;
        assert_eq!(sent["content"], content);
        assert_eq!(sent["message_type"], "text");
        let got = bob.get(&format!("/chat/messages/{}/", id_of(&sent))).await.ok();
        assert_eq!(got, sent);
        let event = socket.next().await;
        assert_eq!(event["message"]["content"], content);
        assert_eq!(event["message"]["id"], sent["id"]);
        assert_eq!(event["message"]["created_at"], sent["created_at"]);
    }
}

#[tokio::test]
async fn invalid_messages_are_rejected() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[]).await;
    let elsewhere = id_of(&alice.say(&alice.group(&[]).await, "elsewhere").await);
    for (status, body) in [
        (400, json!({ "room": room })),
        (400, json!({ "room": room, "content": "" })),
        (400, json!({ "room": room, "content": " \t\n" })),
        (400, json!({ "room": room, "content": 5 })),
        (400, json!({ "room": room, "content": "x".repeat(100_001) })),
        (400, json!({ "content": "x" })),
        (400, json!({ "room": "x", "content": "x" })),
        (404, json!({ "room": UNKNOWN, "content": "x" })),
        (400, json!({ "room": room, "content": "x", "message_type": "system" })),
        (400, json!({ "room": room, "content": "x", "message_type": "poem" })),
        (400, json!({ "room": room, "content": "x", "reply_to": UNKNOWN })),
        (400, json!({ "room": room, "content": "x", "reply_to": elsewhere })),
        (400, json!({ "room": room, "content": "x", "reply_to": 7 })),
    ] {
        alice.post("/chat/messages/", body).await.refused(status);
    }
    bob.post("/chat/messages/", json!({ "room": room, "content": "x" })).await.refused(404);
    assert_eq!(alice.get(&format!("/chat/messages/?room={room}")).await.ok()["count"], 0);
}

#[tokio::test]
async fn clients_cannot_set_fields_of_the_server() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let extra = |content: &str| {
        json!({
            "room": room, "content": content, "id": UNKNOWN, "sender": 2, "is_deleted": true,
            "is_edited": true, "created_at": "2001-01-01T00:00:00Z", "read_by": { "2": "x" },
        })
    };
    let sent = alice.post("/chat/messages/", extra("first")).await.ok();
    assert_ne!(sent["id"], UNKNOWN);
    assert_eq!(sent["sender"]["id"], alice.id);
    assert_eq!((&sent["is_edited"], &sent["is_deleted"]), (&json!(false), &json!(false)));
    assert_eq!((&sent["read_by"], &sent["read_count"]), (&json!({}), &json!(0)));

    let path = format!("/chat/messages/{}/", id_of(&sent));
    let mut body = extra("second");
    body["room"] = json!(alice.group(&[]).await);
    let edited = alice.patch(&path, body).await.ok();
    assert_eq!(edited["content"], "second");
    assert_eq!(edited["is_edited"], true);
    assert!(edited["edited_at"].is_string());
    for field in ["id", "room", "sender", "created_at", "is_deleted", "message_type", "read_by"] {
        assert_eq!(edited[field], sent[field], "{field}");
    }
    bob.patch(&path, json!({ "content": "third" })).await.refused(403);
    alice.patch(&path, json!({ "content": "" })).await.refused(400);
    alice.patch(&path, json!({})).await.refused(400);
    assert_eq!(bob.get(&path).await.ok(), edited);
}

#[tokio::test]
async fn every_view_shows_the_placeholder_of_a_deleted_message() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let sent = bob.say(&room, "secret word").await;
    let path = format!("/chat/messages/{}/", id_of(&sent));
    let of_alice = format!("/chat/messages/{}/", id_of(&alice.say(&room, "mine").await));
    bob.delete(&of_alice).await.refused(403);
    // Admins may delete it.
    let deleted = alice.delete(&path).await.ok();
    assert_eq!(deleted["content"], "[Message deleted]");
    assert_eq!(deleted["is_deleted"], true);
    assert_eq!(alice.delete(&path).await.ok(), deleted);
    bob.patch(&path, json!({ "content": "back" })).await.refused(400);
    alice.delete(&of_alice).await.ok();

    for view in [
        bob.get(&path).await.ok(),
        bob.get(&format!("/chat/messages/?room={room}")).await.ok(),
        bob.get("/chat/messages/search/?q=secret").await.ok(),
        bob.get("/chat/messages/search/?q=deleted").await.ok(),
        bob.room(&room).await,
        bob.get("/chat/rooms/").await.ok(),
    ] {
        assert!(!view.to_string().contains("secret"), "{view}");
    }
    assert_eq!(bob.get("/chat/messages/search/?q=deleted").await.ok()["count"], 0);
    assert_eq!(bob.room(&room).await["last_message"]["content"], "[Message deleted]");
    assert_eq!(bob.room(&room).await["unread_count"], 0);
}

#[tokio::test]
async fn replies_refer_to_messages_of_the_same_room() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    let room = alice.group(&[]).await;
    let mut socket = alice.socket(&room).await;
    let first = alice.say(&room, "question").await;
    let body = json!({ "room": room, "content": "answer", "reply_to": first["id"] });
    let reply = alice.post("/chat/messages/", body).await.ok();
    assert_eq!(reply["reply_to"], first["id"]);
    socket.next().await;
    assert_eq!(socket.next().await["message"]["reply_to_id"], first["id"]);
    socket.send(json!({ "type": "chat_message", "message": "x", "reply_to": reply["id"] })).await;
    assert_eq!(socket.next().await["message"]["reply_to_id"], reply["id"]);
}

#[tokio::test]
async fn pages_run_in_both_orders() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    let room = alice.group(&[]).await;
    for number in 0..120 {
        alice.say(&room, &number.to_string()).await;
    }
    let list = async |query: &str| {
        let list = alice.get(&format!("/chat/messages/?room={room}{query}")).await.ok();
        assert_eq!(list["count"], 120);
        let contents = list["results"].as_array().unwrap().iter();
        contents.map(|message| message["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let numbers = |range: std::ops::Range<i32>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(list("").await, numbers(0..50));
    assert_eq!(list("&page=3").await, numbers(100..120));
    assert_eq!(list("&page_size=500&ordering=created_at").await, numbers(0..100));
    let newest: Vec<_> = (117..120).rev().map(|n| n.to_string()).collect();
    assert_eq!(list("&ordering=-created_at&page_size=3").await, newest);
    for query in ["&page=4", "&page=99999999999999999999"] {
        alice.get(&format!("/chat/messages/?room={room}{query}")).await.refused(404);
    }
    for query in ["&page=x", "&page_size=0", "&ordering=sender"] {
        alice.get(&format!("/chat/messages/?room={room}{query}")).await.refused(400);
    }
}

#[tokio::test]
async fn search_finds_substrings_in_own_rooms() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let (room, private) = (alice.group(&[&bob]).await, alice.group(&[]).await);
    alice.say(&room, "Nul\0 then 100% Needle_").await;
    alice.say(&private, "needle").await;
    let count = async |actor: &crate::support::Actor, query: &str| {
        let list = actor.get(&format!("/chat/messages/search/?{query}")).await.ok();
        list["count"].as_i64().unwrap()
    };
    assert_eq!(count(&alice, "q=nEEdle").await, 2);
    assert_eq!(count(&bob, "q=needle").await, 1);
    assert_eq!(count(&alice, &format!("q=needle&room={private}")).await, 1);
    assert_eq!(count(&alice, "q=00%25").await, 1);
    assert_eq!(count(&alice, "q=%25%25%25").await, 0);
    alice.get("/chat/messages/search/?q=ne").await.refused(400);
    alice.get("/chat/messages/search/").await.refused(400);
    bob.get(&format!("/chat/messages/search/?q=needle&room={private}")).await.refused(404);
}

#[tokio::test]
async fn attachments_are_returned_byte_for_byte() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob]).await;
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let send = async |name: &str, content_type: &str, bytes: Vec<u8>| {
        let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(content_type).unwrap();
        let form = Form::new().text("room", room.clone()).part("attachment", part);
        answer(alice.request(Method::POST, "/chat/messages/").multipart(form)).await
    };
    let image = send("Foto ü.png", "image/png", bytes.clone()).await.ok();
    assert_eq!(image["message_type"], "image");
    assert_eq!(image["attachment_name"], "Foto ü.png");
    assert_eq!(image["attachment_size"], 300_000);
    assert_eq!(image["content"], "");
    assert_eq!(send("a.pdf", "application/pdf", vec![]).await.ok()["message_type"], "file");
    send("big", "text/plain", vec![0; (10 << 20) + 1]).await.refused(400);

    let url = image["attachment"].as_str().unwrap();
    let response = lab.client.get(url).bearer_auth(&bob.token).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.bytes().await.unwrap(), bytes);
    answer(lab.client.get(url).bearer_auth(&carol.token)).await.refused(404);
    answer(lab.client.get(url)).await.refused(401);

    let deleted = alice.delete(&format!("/chat/messages/{}/", id_of(&image))).await.ok();
    assert_eq!((&deleted["attachment"], &deleted["attachment_name"]), (&Value::Null, &json!("")));
    answer(lab.client.get(url).bearer_auth(&bob.token)).await.refused(404);
}
