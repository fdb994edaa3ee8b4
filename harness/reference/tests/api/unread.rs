//! Unread counts, compared with their definition.

use serde_json::{Value, json};

use crate::support::{Actor, id_of, lab};

/// The number of messages from others since joining that are neither read nor deleted, counted in
/// the history.
async fn counted(viewer: &Actor, room: &str) -> usize {
    let detail = viewer.room(room).await;
    let participants = detail["participants"].as_array().unwrap();
    let own = participants.iter().find(|row| row["user"]["id"] == viewer.id).unwrap();
    let history = viewer.get(&format!("/chat/messages/?room={room}&page_size=100")).await.ok();
    let unread = |message: &&Value| {
        message["sender"]["id"] != viewer.id
            && message["is_deleted"] == false
            && message["created_at"].as_str() > own["joined_at"].as_str()
            && message["read_by"].get(viewer.id.to_string()).is_none()
    };
    history["results"].as_array().unwrap().iter().filter(unread).count()
}

/// Asserts that every view shows the count of the history.
async fn agree(viewer: &Actor, room: &str) -> usize {
    let expected = counted(viewer, room).await;
    let detail = viewer.room(room).await;
    let stats = viewer.get(&format!("/chat/rooms/{room}/stats/")).await.ok();
    let list = viewer.get("/chat/rooms/").await.ok();
    let of_list = list["results"].as_array().unwrap().iter().find(|row| row["id"] == room).unwrap();
    let members = viewer.get(&format!("/chat/participants/?room={room}")).await.ok();
    let members = members["results"].as_array().unwrap();
    let own = members.iter().find(|row| row["user"]["id"] == viewer.id).unwrap();
    for view in [&detail, &stats, of_list, own] {
        assert_eq!(view["unread_count"], expected, "{view}");
    }
    expected
}

#[tokio::test]
async fn all_views_agree_with_the_history() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob]).await;
    let mut messages = Vec::new();
    for number in 0..6 {
        messages.push(id_of(&alice.say(&room, &format!("message {number}")).await));
    }
    bob.say(&room, "own messages do not count").await;
    assert_eq!((agree(&bob, &room).await, agree(&alice, &room).await), (6, 1));

    let read = |index: usize| format!("/chat/messages/{}/mark_read/", messages[index]);
    for _ in 0..2 {
        bob.post(&read(0), Value::Null).await.ok();
        assert_eq!(agree(&bob, &room).await, 5);
    }
    for index in [0, 1] {
        alice.delete(&format!("/chat/messages/{}/", messages[index])).await.ok();
    }
    assert_eq!(agree(&bob, &room).await, 4);
    bob.post(&read(1), Value::Null).await.ok();
    alice.post(&read(2), Value::Null).await.ok();
    assert_eq!((agree(&bob, &room).await, agree(&alice, &room).await), (4, 1));

    alice.post("/chat/participants/", json!({ "room": room, "user": 3 })).await.ok();
    assert_eq!(agree(&carol, &room).await, 0);
    alice.delete(&format!("/chat/messages/{}/", messages[2])).await.ok();
    carol.post(&read(3), Value::Null).await.ok();
    let late = id_of(&alice.say(&room, "late").await);
    assert_eq!((agree(&carol, &room).await, agree(&bob, &room).await), (1, 4));

    bob.post(&format!("/chat/rooms/{room}/mark_read/"), Value::Null).await.ok();
    assert_eq!(agree(&bob, &room).await, 0);
    alice.delete(&format!("/chat/messages/{late}/")).await.ok();
    assert_eq!((agree(&bob, &room).await, agree(&carol, &room).await), (0, 0));
    bob.post(&format!("/chat/rooms/{room}/leave/"), Value::Null).await.ok();
    alice.say(&room, "unheard").await;
    alice.post("/chat/participants/", json!({ "room": room, "user": 2 })).await.ok();
    assert_eq!(agree(&bob, &room).await, 0);
    alice.say(&room, "heard").await;
    assert_eq!(agree(&bob, &room).await, 1);
}
