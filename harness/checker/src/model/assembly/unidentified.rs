//! Rooms in which an actor of unknown user id acted.

use ahash::AHashSet;
use hearback_contract::{RoomId, RoomRef};
use hearback_history::{ActorName, Call, History};

use super::calls::Assembly;

impl<'h> Assembly<'h> {
    /// Removes rooms in which an actor of unknown user id acted, with their messages. What that user does cannot be
    /// distinguished from what others do.
    pub(super) fn exclude_unidentified(&mut self, history: &'h History) {
        let unidentified: AHashSet<&ActorName> = history
            .actors
            .values()
            .filter(|actor| actor.user_id.is_none())
            .map(|actor| &actor.name)
            .collect();
        if unidentified.is_empty() {
            return;
        }
        let calls = history.calls.iter().filter_map(|call| {
            let actor = unidentified.get(&call.invocation.actor)?;
            Some((self.room_id(call)?, *actor))
        });
        let connections = history.connections.iter().filter_map(|connection| {
            let actor = unidentified.get(&connection.actor)?;
            Some((connection.room.clone(), *actor))
        });
        let rooms: Vec<(RoomId, &ActorName)> = calls.chain(connections).collect();
        for (room, actor) in rooms {
            if self.model.rooms.shift_remove(&room).is_some() {
                self.model.unidentified.get_or_insert(actor);
            }
        }
        let rooms = &self.model.rooms;
        self.model.messages.retain(|_, message| rooms.contains_key(&message.room));
        self.model.socket_sends.retain(|send| rooms.contains_key(&send.connection.room));
    }

    /// The id of the room that a call is about.
    fn room_id(&self, call: &Call) -> Option<RoomId> {
        let of_participant = || {
            let (room, _) = self.model.participants.get(&call.participant_in_path()?)?;
            Some(room.clone())
        };
        self.model.room_id_of(call).map(RoomRef::to_id).or_else(of_participant)
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::RequirementId;
    use hearback_history::History;
    use hearback_testkit::dsl;

    use crate::{Reason, State, check_history};

    /// A history of a room in which alice and bob have sockets.
    fn in_room(lines: &str) -> History {
        let room = r#"
            [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice@r1 open
            bob@r1 open"#;
        dsl::parse(&format!("{room}{lines}")).unwrap()
    }

    #[test]
    fn events_of_a_user_of_unknown_id_are_undecided() {
        let mut history = in_room(
            r#"
            bob@r1 -> {"type": "typing", "is_typing": true}
            alice@r1 <- @typing {"user_id": 2, "username": "bob"}
            "#,
        );
        let state = |history: &_| {
            let verdicts = check_history(history, |id| id == RequirementId::SocketTypingRight);
            let verdict = verdicts.verdicts.into_iter().next().unwrap();
            (verdict.state, verdict.reason)
        };
        assert_eq!(state(&history).0, State::Held);
        history.actors.get_mut("bob").unwrap().user_id = None;
        let reason = Some(Reason::UnknownUserId("bob".to_owned()));
        assert_eq!(state(&history), (State::Undecided, reason));
    }

    #[test]
    fn a_text_that_a_user_of_unknown_id_sends_in_two_ways_has_two_ids() {
        let mut history = in_room(
            r#"
            bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
            bob@r1 -> {"type": "chat_message", "message": "a"}
            alice@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "content": "a"}}
            alice rooms.create {"room_type": "group", "participant_ids": [3]} => 201 @room {"id": "$r2"}
            alice@r2 open
            alice@r2 -> {"type": "chat_message", "message": "b"}
            alice@r2 <- @chat_message {"message": {"id": "$m3", "room_id": "$r2", "content": "b"}}
            "#,
        );
        history.actors.get_mut("bob").unwrap().user_id = None;
        let verdicts = check_history(&history, |id| id == RequirementId::DeliveryNoDuplicate);
        assert_ne!(verdicts.verdicts[0].state, State::Broken);
    }
}
