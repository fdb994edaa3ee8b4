//! Adds, removes and mutes participants.

use serde_json::{Value, json};

use crate::support::lab;

#[tokio::test]
async fn admins_add_and_remove_participants() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob]).await;
    let add = |user: i64| json!({ "room": room, "user": user });
    let path = "/chat/participants/";
    bob.post(path, add(3)).await.refused(403);
    carol.post(path, add(3)).await.refused(404);
    alice.post(path, add(2)).await.refused(400);
    alice.post(path, add(999)).await.refused(400);
    alice.post(path, json!({ "room": room, "user": "3" })).await.refused(400);
    alice.post(path, json!({ "room": room, "user": 3, "is_admin": "no" })).await.refused(400);
    let added = alice.post(path, add(3)).await;
    assert_eq!(added.status, 201);
    let added = added.ok();
    assert_eq!((&added["user"]["id"], &added["is_admin"]), (&json!(3), &json!(false)));

    let list = carol.get(&format!("{path}?room={room}")).await.ok();
    assert_eq!(list["count"], 3);
    let row = format!("{path}{}/", added["id"]);
    bob.delete(&row).await.refused(403);
    alice.delete(&row).await.ok();
    alice.delete(&row).await.refused(404);
    carol.get(&format!("/chat/rooms/{room}/")).await.refused(404);

    let again = json!({ "room": room, "user": 3, "is_admin": true });
    let again = alice.post(path, again).await.ok();
    assert_eq!(again["id"], added["id"]);
    assert_eq!((&again["is_admin"], &again["left_at"]), (&json!(true), &Value::Null));
    assert_ne!(again["joined_at"], added["joined_at"]);
}

#[tokio::test]
async fn a_direct_room_keeps_its_members() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = json!({ "room_type": "direct", "participant_ids": [2] });
    let room = crate::support::id_of(&alice.post("/chat/rooms/", room).await.ok());
    alice.post("/chat/participants/", json!({ "room": room, "user": 3 })).await.refused(400);
    let row = alice.participant(&room, &bob).await;
    alice.delete(&format!("/chat/participants/{row}/")).await.refused(400);
    bob.post(&format!("/chat/rooms/{room}/leave/"), Value::Null).await.ok();
    assert_eq!(alice.room(&room).await["display_name"], "Bob Smith");
}

#[tokio::test]
async fn members_mute_only_themselves() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob]).await;
    let mute = format!("/chat/participants/{}/mute/", alice.participant(&room, &bob).await);
    let until = "2999-01-01T02:00:00+02:00";
    let muted = bob.post(&mute, json!({ "muted": true, "muted_until": until })).await.ok();
    assert_eq!(muted["is_muted"], true);
    assert_eq!(muted["muted_until"], "2999-01-01T00:00:00.000000Z");
    let muted = bob.post(&mute, json!({ "muted": true })).await.ok();
    assert_eq!((&muted["is_muted"], &muted["muted_until"]), (&json!(true), &Value::Null));
    let past = json!({ "muted": true, "muted_until": "2001-01-01T00:00:00Z" });
    assert_eq!(bob.post(&mute, past).await.ok(), muted);
    let unmuted = bob.post(&mute, json!({ "muted": false, "muted_until": until })).await.ok();
    assert_eq!((&unmuted["is_muted"], &unmuted["muted_until"]), (&json!(false), &Value::Null));

    alice.post(&mute, json!({ "muted": true })).await.refused(403);
    carol.post(&mute, json!({ "muted": true })).await.refused(404);
    for body in
        [json!({}), json!({ "muted": "yes" }), json!({ "muted": true, "muted_until": "tomorrow" })]
    {
        bob.post(&mute, body).await.refused(400);
    }
}
