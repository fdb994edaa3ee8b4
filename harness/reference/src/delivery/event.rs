//! Server events. Section *Event Types*.

use axum::extract::ws::Utf8Bytes;
use hearback_contract::ServerEvent;
use serde::Serialize;
use uuid::Uuid;

use crate::message_type::MessageType;
use crate::store::messages::Message;
use crate::timestamp::Timestamp;
use crate::users::{User, UserId};

/// One of the six server events.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are those of the specification")]
pub enum Event<'a> {
    /// The first event of a connection.
    ConnectionEstablished { room_id: Uuid, unread_count: i64, user_id: UserId, username: &'a str },
    /// A message was sent.
    ChatMessage { message: MessageEvent<'a> },
    /// A member started or stopped typing.
    Typing { user_id: UserId, username: &'a str, is_typing: bool },
    /// A member read a message.
    ReadReceipt { message_id: Uuid, user_id: UserId, read_at: Timestamp },
    /// Confirms `mark_room_read`.
    RoomMarkedRead { room_id: Uuid },
    /// A frame of the client was rejected.
    Error { message: &'a str },
}

/// The message in a `chat_message`.
#[derive(Debug, Serialize)]
pub struct MessageEvent<'a> {
    id: Uuid,
    room_id: Uuid,
    sender: Sender<'a>,
    content: &'a str,
    message_type: MessageType,
    reply_to_id: Option<Uuid>,
    created_at: Timestamp,
    is_edited: bool,
    edited_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Sender<'a> {
    id: UserId,
    username: &'a str,
    full_name: &'a str,
}

impl<'a> MessageEvent<'a> {
    /// The event form of a message and its sender.
    pub fn new(message: &'a Message, sender: &'a User) -> Self {
        Self {
            id: message.id,
            room_id: message.room,
            sender: Sender {
                id: sender.id,
                username: &sender.username,
                full_name: &sender.full_name,
            },
            content: &message.content,
            message_type: message.message_type,
            reply_to_id: message.reply_to,
            created_at: message.created_at,
            is_edited: message.edited_at.is_some(),
            edited_at: message.edited_at,
        }
    }
}

impl Event<'_> {
    /// The type of the event.
    pub fn kind(&self) -> ServerEvent {
        match self {
            Self::ConnectionEstablished { .. } => ServerEvent::ConnectionEstablished,
            Self::ChatMessage { .. } => ServerEvent::ChatMessage,
            Self::Typing { .. } => ServerEvent::Typing,
            Self::ReadReceipt { .. } => ServerEvent::ReadReceipt,
            Self::RoomMarkedRead { .. } => ServerEvent::RoomMarkedRead,
            Self::Error { .. } => ServerEvent::Error,
        }
    }

    /// The user who caused the event, if it names one.
    pub fn actor(&self) -> Option<UserId> {
        match self {
            Self::ConnectionEstablished { user_id, .. }
            | Self::Typing { user_id, .. }
            | Self::ReadReceipt { user_id, .. } => Some(*user_id),
            Self::ChatMessage { message } => Some(message.sender.id),
            Self::RoomMarkedRead { .. } | Self::Error { .. } => None,
        }
    }

    /// The text of the frame; all recipients share its bytes.
    pub fn frame(&self) -> Utf8Bytes {
        // Strings, numbers and maps with string keys always serialize.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_that_of_the_specification() {
        let events = [
            Event::ConnectionEstablished {
                room_id: Uuid::nil(),
                unread_count: 0,
                user_id: 1,
                username: "alice",
            },
            Event::Typing { user_id: 1, username: "alice", is_typing: true },
            Event::RoomMarkedRead { room_id: Uuid::nil() },
            Event::Error { message: "no" },
        ];
        for event in events {
            let value: serde_json::Value = serde_json::from_str(event.frame().as_str()).unwrap();
            assert_eq!(value["type"], event.kind().id());
        }
    }
}
