//! Objects in responses and events: messages, rooms and participants.

use hearback_contract::{MessageRef, Operation, RoomRef, ServerEvent, UserId};
use hearback_history::{ActorName, Call, History, Interval};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::per_body::PerBody;

/// The way in which an object was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In a response.
    Rest,
    /// In an event.
    Socket,
}

/// A message object in a response or event.
#[derive(Clone, Copy, Debug)]
pub struct MessageObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The way in which it was received.
    pub transport: Transport,
    /// The operation whose response contains it.
    pub operation: Option<Operation>,
    /// The actor that received it.
    pub viewer: &'h ActorName,
    /// The time at which the server may have read the message.
    pub at: Interval,
    /// The call or frame that contains it.
    pub evidence: Evidence<'h>,
}

impl<'h> MessageObservation<'h> {
    /// The `id`.
    pub fn id(&self) -> Option<MessageRef<'h>> {
        self.value.get("id").and_then(MessageRef::from_json)
    }

    /// The id of its room: `room` in responses, `room_id` in events.
    pub fn room(&self) -> Option<RoomRef<'h>> {
        let name = match self.transport {
            Transport::Rest => "room",
            Transport::Socket => "room_id",
        };
        self.value.get(name).and_then(RoomRef::from_json)
    }

    /// The id of the message that it replies to: `reply_to`, its `id` if it is an object, or
    /// `reply_to_id` in events.
    pub fn reply_to(&self) -> Option<&'h Value> {
        let name = match self.transport {
            Transport::Rest => "reply_to",
            Transport::Socket => "reply_to_id",
        };
        let value = self.value.get(name)?;
        Some(value.get("id").unwrap_or(value))
    }

    /// The `content`.
    pub fn content(&self) -> Option<&'h str> {
        self.value.get("content")?.as_str()
    }

    /// Returns whether `is_deleted` is true.
    pub fn is_deleted(&self) -> bool {
        self.value.get("is_deleted") == Some(&Value::Bool(true))
    }

    /// The id of the room whose socket or list showed it, whatever the object itself contains.
    pub fn shown_in(&self) -> Option<RoomRef<'h>> {
        match self.evidence {
            Evidence::Frame(connection, _) => Some(connection.room.borrowed()),
            Evidence::Call(call) => call.room_in_query().or_else(|| self.room()),
            Evidence::Connection(_) | Evidence::Expectation(_) => None,
        }
    }

    /// The place that showed it, for reports.
    pub fn place(&self) -> &'static str {
        self.operation.map_or("the socket", Operation::id)
    }
}

/// A full room object in a response.
#[derive(Clone, Copy, Debug)]
pub struct RoomObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The call whose response contains it.
    pub call: &'h Call,
}

impl<'h> RoomObservation<'h> {
    /// The `id`.
    pub fn id(&self) -> Option<RoomRef<'h>> {
        self.value.get("id").and_then(RoomRef::from_json)
    }

    /// User ids of the participants without `left_at`; `None` if one has no user id.
    pub fn participants(&self) -> Option<Vec<UserId>> {
        let participants = self.value.get("participants")?.as_array()?;
        participants
            .iter()
            .filter(|participant| participant.get("left_at").is_none_or(Value::is_null))
            .map(user_of)
            .collect()
    }
}

/// A participant object in a response.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The id of the room whose participants were shown.
    pub room: RoomRef<'h>,
    /// The user id.
    pub user: UserId,
    /// The call whose response contains it.
    pub call: &'h Call,
}

impl ParticipantObservation<'_> {
    /// Returns whether it is a current member. Participants who departed may stay listed, with
    /// `left_at`.
    pub fn is_current(&self) -> bool {
        self.value.get("left_at").is_none_or(Value::is_null)
    }
}

/// The user id of a participant object.
pub(crate) fn user_of(participant: &Value) -> Option<UserId> {
    // Participants are many, and a JSON pointer is parsed each time.
    participant.get("user")?.get("id").and_then(UserId::from_json)
}

/// Every message object in a response or event, in the order of the history.
pub(super) fn messages(history: &History) -> Vec<MessageObservation<'_>> {
    let in_responses = history.calls.iter().flat_map(|call| {
        let objects: Vec<&Value> = match call.operation() {
            Some(Operation::MessagesGet | Operation::MessagesSend | Operation::MessagesEdit) => {
                call.success().into_iter().collect()
            }
            Some(Operation::MessagesList | Operation::MessagesSearch) => {
                call.items().into_iter().flatten().collect()
            }
            _ => Vec::new(),
        };
        objects.into_iter().map(move |value| MessageObservation {
            value,
            transport: Transport::Rest,
            operation: call.operation(),
            viewer: &call.invocation.actor,
            at: call.interval(),
            evidence: call.into(),
        })
    });
    let frames = history.connections.iter().map(|connection| connection.frames.len());
    // There are few other frames, and growing such a vector takes longer than filling it.
    let mut observations = Vec::with_capacity(history.calls.len() + frames.sum::<usize>());
    observations.extend(in_responses);
    // Many sockets receive the same body.
    let mut messages = PerBody::of(history);
    for connection in &history.connections {
        for (frame, event) in connection.received(ServerEvent::ChatMessage) {
            let Some(value) = messages.get(&frame.body, || event.get("message")) else { continue };
            observations.push(MessageObservation {
                value,
                transport: Transport::Socket,
                operation: None,
                viewer: &connection.actor,
                // The server wrote the frame at an unknown time after the handshake began.
                at: Interval { invoked: connection.invoked, returned: frame.at },
                evidence: (connection, frame).into(),
            });
        }
    }
    observations
}

/// Every full room object in a response.
pub(super) fn rooms(history: &History) -> Vec<RoomObservation<'_>> {
    history
        .calls
        .iter()
        .filter(|call| {
            matches!(
                call.operation(),
                Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive)
            )
        })
        .filter_map(|call| Some(RoomObservation { value: call.success()?, call }))
        .collect()
}

/// Every participant object in a response that contains its user id.
pub(super) fn participants(history: &History) -> Vec<ParticipantObservation<'_>> {
    let mut observations = Vec::new();
    for call in &history.calls {
        let Some(body) = call.success() else { continue };
        let (room, objects): (Option<RoomRef<'_>>, &[Value]) = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                let participants = body.get("participants").and_then(Value::as_array);
                (
                    body.get("id").and_then(RoomRef::from_json),
                    participants.map_or(&[], Vec::as_slice),
                )
            }
            Some(Operation::ParticipantsList) => {
                (call.room_in_query(), call.items().map_or(&[], Vec::as_slice))
            }
            Some(Operation::ParticipantsAdd | Operation::ParticipantsMute) => {
                (body.get("room").and_then(RoomRef::from_json), std::slice::from_ref(body))
            }
            _ => continue,
        };
        let Some(room) = room else { continue };
        observations.extend(objects.iter().filter_map(|value| {
            Some(ParticipantObservation { value, room, user: user_of(value)?, call })
        }));
    }
    observations
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn message_objects_in_responses_and_events_are_observed() {
        let history = dsl::parse(
            r#"
            alice messages.get $m1 => 200 @message {"id": "$m1", "room": "$r1", "reply_to": {"id": "$m0"}, "content": "a"}
            alice messages.list ?room=$r2 => 200 [@message {"id": "$m2", "room": "$r1", "reply_to": "$m0", "is_deleted": true}]
            alice messages.get $m3 => 404 @error
            alice messages.delete $m1 => 200 @message
            bob@r1 open
            bob@r1 <- @chat_message {"message": {"id": "$m4", "room_id": "$r2", "reply_to_id": "$m0"}}"#,
        )
        .unwrap();
        let [get, list, event] = &messages(&history)[..] else { panic!("three observations") };
        let ids = [get, list, event].map(|it| it.id().unwrap().to_string());
        assert_eq!(ids, ["m1", "m2", "m4"].map(dsl::id));
        for observation in [get, list, event] {
            assert_eq!(observation.reply_to(), Some(&Value::from(dsl::id("m0"))));
        }
        assert_eq!(
            (get.content(), get.is_deleted(), get.place()),
            (Some("a"), false, "messages.get")
        );
        assert!(list.is_deleted());
        assert_eq!((event.place(), event.transport), ("the socket", Transport::Socket));
        // The room that a message names, and the room that showed it.
        let rooms = [get, list, event]
            .map(|it| [it.room(), it.shown_in()].map(|id| id.map(|id| id.to_string())));
        let [r1, r2] = ["r1", "r2"].map(|id| Some(dsl::id(id)));
        assert_eq!(rooms, [[r1.clone(), r1.clone()], [r1.clone(), r2.clone()], [r2, r1]]);
    }

    #[test]
    fn participants_who_departed_are_not_current() {
        let history = dsl::parse(
            r#"alice rooms.get $r1 => 200 @room {"id": "$r1", "participants": [@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}, "left_at": "2026-01-01T00:00:00Z"}]}
            alice participants.list ?room=$r1 => 200 [@participant {"user": {"id": 3}}, {"id": 9}]"#,
        )
        .unwrap();
        assert_eq!(rooms(&history)[0].participants(), Some(vec![1.into()]));
        let observed = participants(&history);
        let observed =
            observed.iter().map(|it| (it.user.get(), it.is_current(), it.room.to_string()));
        let room = || dsl::id("r1");
        assert_eq!(
            observed.collect::<Vec<_>>(),
            [(1, true, room()), (2, false, room()), (3, true, room())]
        );
    }
}
