//! Adding, muting and removing participants.

use serde_json::{Value, json};

use super::transcript::Transcript;
use crate::support::{Actor, Socket};

pub(super) async fn participants(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
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
