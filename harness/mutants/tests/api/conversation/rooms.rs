//! Creating, listing, leaving and archiving rooms.

use serde_json::{Value, json};

use super::UNKNOWN;
use super::transcript::Transcript;
use crate::support::Actor;

pub(super) async fn rooms(transcript: &mut Transcript, [alice, bob, carol, dave]: &[Actor; 4]) {
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
