//! Events over sockets.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::lab;

#[tokio::test]
async fn a_message_reaches_every_socket_of_every_member() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let (room, other) = (alice.group(&[&bob]).await, alice.group(&[&bob]).await);
    let mut sockets =
        [alice.socket(&room).await, alice.socket(&room).await, bob.socket(&room).await];
    let mut elsewhere = bob.socket(&other).await;
    sockets[0].send(json!({ "type": "chat_message", "message": "hello", "id": "x" })).await;
    let mut events = Vec::new();
    for socket in &mut sockets {
        events.push(socket.next().await);
    }
    assert!(events.iter().all(|event| *event == events[0]));
    let message = &events[0]["message"];
    assert_eq!(message["room_id"], json!(room));
    assert_eq!(
        message["sender"],
        json!({ "id": 1, "username": "alice", "full_name": "Alice Johnson" })
    );
    let stored = format!("/chat/messages/{}/", message["id"].as_str().unwrap());
    assert_eq!(bob.get(&stored).await.ok()["content"], "hello");
    alice.say(&other, "fence").await;
    assert_eq!(elsewhere.next().await["message"]["content"], "fence");
}

#[tokio::test]
async fn typing_and_receipts_reach_other_members_only() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let message = alice.say(&room, "hello").await;
    let mut of_alice = alice.socket(&room).await;
    let mut of_bob = bob.socket(&room).await;
    of_bob.send(json!({ "type": "typing", "is_typing": true })).await;
    let typing = json!({ "type": "typing", "user_id": 2, "username": "bob", "is_typing": true });
    assert_eq!(of_alice.next().await, typing);
    of_bob.send(json!({ "type": "read_receipt", "message_id": message["id"] })).await;
    let receipt = of_alice.next().await;
    assert_eq!((&receipt["user_id"], &receipt["message_id"]), (&json!(2), &message["id"]));
    of_bob.send(json!({ "type": "mark_room_read" })).await;
    assert_eq!(of_bob.next().await, json!({ "type": "room_marked_read", "room_id": room }));
    alice.say(&room, "fence").await;
    assert_eq!(of_bob.next().await["message"]["content"], "fence");
    assert_eq!(of_alice.next().await["message"]["content"], "fence");

    let path = format!("/chat/messages/{}/", message["id"].as_str().unwrap());
    let read = bob.get(&path).await.ok();
    assert_eq!(read["read_by"], json!({ "2": receipt["read_at"] }));
    assert_eq!((&read["read_count"], &read["is_read"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn invalid_frames_get_an_error_and_have_no_effect() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let elsewhere = alice.say(&alice.group(&[]).await, "elsewhere").await["id"].clone();
    let mut of_alice = alice.socket(&room).await;
    let mut of_bob = bob.socket(&room).await;
    for text in ["", "{", "[]", "null", "\"chat_message\"", "{\"type\": 5}", "{\"type\": \"x\"}"] {
        of_alice.send_raw(Message::text(text)).await;
        assert_eq!(of_alice.next().await["type"], "error", "{text}");
    }
    for event in [
        json!({ "message": "no type" }),
        json!({ "type": "chat_message" }),
        json!({ "type": "chat_message", "message": "" }),
        json!({ "type": "chat_message", "message": "  " }),
        json!({ "type": "chat_message", "message": { "content": "x" } }),
        json!({ "type": "chat_message", "message": "x", "reply_to": "x" }),
        json!({ "type": "chat_message", "message": "x", "reply_to": elsewhere }),
        json!({ "type": "chat_message", "message": "x".repeat(100_001) }),
        json!({ "type": "typing" }),
        json!({ "type": "typing", "is_typing": "yes" }),
        json!({ "type": "read_receipt" }),
        json!({ "type": "read_receipt", "message_id": elsewhere }),
    ] {
        of_alice.send(event.clone()).await;
        assert_eq!(of_alice.next().await["type"], "error", "{event}");
    }
    of_alice.send_raw(Message::binary(b"{}".to_vec())).await;
    assert_eq!(of_alice.next().await["type"], "error");
    of_alice.send(json!({ "type": "chat_message", "message": "still here" })).await;
    assert_eq!(of_bob.next().await["message"]["content"], "still here");
    of_alice.next().await;
    let huge = json!({ "type": "chat_message", "message": "x".repeat(1 << 20) });
    of_alice.send(huge).await;
    assert_eq!(of_alice.closed().await, 1009);
}

#[tokio::test]
async fn sockets_close_when_the_membership_ends() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob, &carol]).await;
    let (mut of_bob, mut of_carol) = (bob.socket(&room).await, carol.socket(&room).await);
    bob.post(&format!("/chat/rooms/{room}/leave/"), Value::Null).await.ok();
    let row = alice.participant(&room, &carol).await;
    alice.delete(&format!("/chat/participants/{row}/")).await.ok();
    alice.say(&room, "behind their backs").await;
    assert_eq!(of_bob.closed().await, 4003);
    assert_eq!(of_carol.closed().await, 4003);
}

#[tokio::test]
async fn events_history_and_times_have_one_order() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let mut watcher = alice.socket(&room).await;
    let writers = (0..8).map(|writer| {
        let (actor, room) = (if writer % 2 == 0 { &alice } else { &bob }, &room);
        async move {
            for number in 0..10 {
                actor.say(room, &format!("{writer}/{number}")).await;
            }
        }
    });
    futures_util::future::join_all(writers).await;
    let mut heard = Vec::new();
    for _ in 0..80 {
        let event = watcher.next().await;
        heard.push((event["message"]["id"].clone(), event["message"]["created_at"].to_string()));
    }
    assert!(heard.is_sorted_by(|(_, before), (_, after)| before < after));
    let list = alice.get(&format!("/chat/messages/?room={room}&page_size=100")).await.ok();
    let listed = list["results"].as_array().unwrap().iter();
    assert!(listed.map(|row| &row["id"]).eq(heard.iter().map(|(id, _)| id)));
}

#[tokio::test]
async fn a_slow_reader_is_closed_and_delays_nobody() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let mut slow = bob.socket(&room).await;
    let mut quick = alice.socket(&room).await;
    let event = json!({ "type": "chat_message", "message": "x".repeat(10_000) });
    // More than the queue and the socket buffers hold.
    for _ in 0..36 {
        for _ in 0..50 {
            quick.send(event.clone()).await;
        }
        for _ in 0..50 {
            assert_eq!(quick.next().await["type"], "chat_message");
        }
    }
    while slow.try_next().await {}
}

#[tokio::test]
async fn stopping_closes_sockets() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    let mut socket = alice.socket(&alice.group(&[]).await).await;
    lab.server.stop().await;
    assert_eq!(socket.closed().await, 1001);
}

#[tokio::test]
async fn typing_ends_with_the_connection() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let mut of_alice = alice.socket(&room).await;
    let mut of_bob = bob.socket(&room).await;
    for is_typing in [true, false, true] {
        of_bob.send(json!({ "type": "typing", "is_typing": is_typing })).await;
        assert_eq!(of_alice.next().await["is_typing"], json!(is_typing));
    }
    drop(of_bob);
    let ended = json!({ "type": "typing", "user_id": 2, "username": "bob", "is_typing": false });
    assert_eq!(of_alice.next().await, ended);
}
