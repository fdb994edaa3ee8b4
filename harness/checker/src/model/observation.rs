//! Every sight of a message or a room, wherever it was shown.

use hearback_contract::{Operation, ServerEvent};
use hearback_history::{ActorName, Call, History, Interval};
use serde_json::Value;

use crate::rule_context::Evidence;

/// How something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In a response.
    Rest,
    /// In an event.
    Socket,
}

/// A message object as somebody saw it.
#[derive(Clone, Copy, Debug)]
pub struct MessageObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// How it came.
    pub transport: Transport,
    /// The operation whose response it is from.
    pub operation: Option<Operation>,
    /// Who saw it.
    pub viewer: &'h ActorName,
    /// When the server may have looked at it.
    pub at: Interval,
    /// The response or the frame.
    pub evidence: Evidence<'h>,
}

impl<'h> MessageObservation<'h> {
    /// Its id.
    pub fn id(&self) -> Option<&'h str> {
        self.value.get("id")?.as_str()
    }

    /// Its room's id, by the name that the transport has for it.
    pub fn room(&self) -> Option<&'h str> {
        let name = match self.transport {
            Transport::Rest => "room",
            Transport::Socket => "room_id",
        };
        self.value.get(name)?.as_str()
    }

    /// What it says that it answers: an id, or an object with an id.
    pub fn reply_to(&self) -> Option<&'h Value> {
        let name = match self.transport {
            Transport::Rest => "reply_to",
            Transport::Socket => "reply_to_id",
        };
        let value = self.value.get(name)?;
        Some(value.get("id").unwrap_or(value))
    }

    /// Its content.
    pub fn content(&self) -> Option<&'h str> {
        self.value.get("content")?.as_str()
    }

    /// Whether it says that it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.value.get("is_deleted") == Some(&Value::Bool(true))
    }

    /// The id of the room that it was shown in, whatever the object says: that of the socket or the list.
    pub fn shown_in(&self) -> Option<&'h str> {
        match self.evidence {
            Evidence::Frame(connection, _) => Some(connection.room.as_str()),
            Evidence::Call(call) => call.query("room").or_else(|| self.room()),
            Evidence::Connection(_) | Evidence::Expectation(_) => None,
        }
    }

    /// Where it was seen, in words.
    pub fn place(&self) -> &'static str {
        self.operation.map_or("the socket", Operation::id)
    }
}

/// A full room object as somebody saw it.
#[derive(Clone, Copy, Debug)]
pub struct RoomObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The response that it is from.
    pub call: &'h Call,
}

impl<'h> RoomObservation<'h> {
    /// Its id.
    pub fn id(&self) -> Option<&'h str> {
        self.value.get("id")?.as_str()
    }

    /// User ids of its current participants, as shown.
    pub fn participants(&self) -> Option<Vec<i64>> {
        let participants = self.value.get("participants")?.as_array()?;
        participants
            .iter()
            .filter(|participant| participant.get("left_at").is_none_or(Value::is_null))
            .map(|participant| participant.pointer("/user/id")?.as_i64())
            .collect()
    }
}

/// A participant object as somebody saw it.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantObservation<'h> {
    /// The object.
    pub value: &'h Value,
    /// The id of the room that it was shown for.
    pub room: &'h str,
    /// Its user's id.
    pub user: i64,
    /// The response that it is from.
    pub call: &'h Call,
}

impl ParticipantObservation<'_> {
    /// Whether it is of a current member: departed ones may membership listed.
    pub fn is_current(&self) -> bool {
        self.value.get("left_at").is_none_or(Value::is_null)
    }
}

/// Every message object of every response and event, in the order of the record.
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
                // When the server wrote the frame is unknown; it was not before the socket was opened.
                at: Interval { invoked: connection.invoked, returned: frame.at },
                evidence: (connection, frame).into(),
            })
        })
    });
    in_responses.chain(in_events).collect()
}

/// Every full room object of every response.
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

/// Every participant object of every response that names its user.
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
