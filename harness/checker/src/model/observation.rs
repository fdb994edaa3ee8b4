//! Objects in responses and events: messages, rooms and participants.

use hearback_contract::{Operation, ServerEvent};
use hearback_history::{ActorName, Call, History, Interval};
use serde_json::Value;

use crate::rule_context::Evidence;

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
    pub fn id(&self) -> Option<&'h str> {
        self.value.get("id")?.as_str()
    }

    /// The id of its room: `room` in responses, `room_id` in events.
    pub fn room(&self) -> Option<&'h str> {
        let name = match self.transport {
            Transport::Rest => "room",
            Transport::Socket => "room_id",
        };
        self.value.get(name)?.as_str()
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

    /// Whether `is_deleted` is true.
    pub fn is_deleted(&self) -> bool {
        self.value.get("is_deleted") == Some(&Value::Bool(true))
    }

    /// The id of the room whose socket or list showed it, whatever the object itself contains.
    pub fn shown_in(&self) -> Option<&'h str> {
        match self.evidence {
            Evidence::Frame(connection, _) => Some(connection.room.as_str()),
            Evidence::Call(call) => call.query("room").or_else(|| self.room()),
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
    pub fn id(&self) -> Option<&'h str> {
        self.value.get("id")?.as_str()
    }

    /// User ids of the participants without `left_at`; `None` if one has no user id.
    pub fn participants(&self) -> Option<Vec<i64>> {
        let participants = self.value.get("participants")?.as_array()?;
        participants
            .iter()
            .filter(|participant| participant.get("left_at").is_none_or(Value::is_null))
            .map(|participant| participant.pointer("/user/id")?.as_i64())
            .collect()
    }
}

/// A participant object in a response.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The id of the room whose participants were shown.
    pub room: &'h str,
    /// The user id.
    pub user: i64,
    /// The call whose response contains it.
    pub call: &'h Call,
}

impl ParticipantObservation<'_> {
    /// Whether it is a current member. Participants who departed may stay listed, with `left_at`.
    pub fn is_current(&self) -> bool {
        self.value.get("left_at").is_none_or(Value::is_null)
    }
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
    let in_events = history.connections.iter().flat_map(|connection| {
        connection.received(ServerEvent::ChatMessage).filter_map(move |(frame, event)| {
            Some(MessageObservation {
                value: event.get("message")?,
                transport: Transport::Socket,
                operation: None,
                viewer: &connection.actor,
                // The server wrote the frame at an unknown time after the handshake began.
                at: Interval { invoked: connection.invoked, returned: frame.at },
                evidence: (connection, frame).into(),
            })
        })
    });
    in_responses.chain(in_events).collect()
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
        let (room, objects): (Option<&str>, &[Value]) = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                let participants = body.get("participants").and_then(Value::as_array);
                (body.get("id").and_then(Value::as_str), participants.map_or(&[], Vec::as_slice))
            }
            Some(Operation::ParticipantsList) => {
                (call.query("room"), call.items().map_or(&[], Vec::as_slice))
            }
            Some(Operation::ParticipantsAdd | Operation::ParticipantsMute) => {
                (body.get("room").and_then(Value::as_str), std::slice::from_ref(body))
            }
            _ => continue,
        };
        let Some(room) = room else { continue };
        observations.extend(objects.iter().filter_map(|value| {
            let user = value.get("user")?.get("id")?.as_i64()?;
            Some(ParticipantObservation { value, room, user, call })
        }));
    }
    observations
}
