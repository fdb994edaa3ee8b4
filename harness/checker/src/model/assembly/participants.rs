//! The room and user of each participant id.

use ahash::AHashMap;
use hearback_contract::{Operation, ParticipantId, RoomId, RoomRef, UserId};
use hearback_history::{Call, History};
use serde_json::Value;

use crate::model::user_of;

/// The participants that responses showed.
#[derive(Default)]
pub(super) struct Participants {
    /// Room id and user id, by participant id.
    pub(super) by_id: AHashMap<ParticipantId, (RoomId, UserId)>,
    /// The participant id that was last seen of each current member.
    pub(super) latest: AHashMap<(RoomId, UserId), ParticipantId>,
}

impl Participants {
    pub(super) fn of(history: &History) -> Self {
        let mut participants = Self::default();
        history.calls.iter().for_each(|call| participants.learn(call));
        participants
    }

    fn learn(&mut self, call: &Call) {
        let Some(body) = call.success() else { return };
        let objects: Vec<&Value> = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                body.get("participants").and_then(Value::as_array).into_iter().flatten().collect()
            }
            Some(Operation::ParticipantsList) => call.items().into_iter().flatten().collect(),
            Some(Operation::ParticipantsAdd | Operation::ParticipantsMute) => vec![body],
            _ => return,
        };
        for object in objects {
            let id = object.get("id").and_then(ParticipantId::from_json);
            let room = object.get("room").and_then(RoomRef::from_json);
            let user = user_of(object);
            if let (Some(id), Some(room), Some(user)) = (id, room, user) {
                self.by_id.insert(id, (room.to_id(), user));
                if object.get("left_at").is_none_or(Value::is_null) {
                    self.latest.insert((room.to_id(), user), id);
                }
            }
        }
    }
}
