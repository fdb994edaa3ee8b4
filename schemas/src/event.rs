//! The table of socket events.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An event that a client sends. Section *Event Types*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the document's")]
pub enum ClientEvent {
    ChatMessage,
    Typing,
    ReadReceipt,
    MarkRoomRead,
}

/// An event that the server sends. Section *Event Types*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the document's")]
pub enum ServerEvent {
    ConnectionEstablished,
    ChatMessage,
    Typing,
    ReadReceipt,
    RoomMarkedRead,
    Error,
}

impl ClientEvent {
    /// Every client event, in the document's order.
    pub const ALL: [Self; 4] =
        [Self::ChatMessage, Self::Typing, Self::ReadReceipt, Self::MarkRoomRead];

    /// The value of `type` on the wire; also the stem of its schema file.
    pub fn id(self) -> &'static str {
        match self {
            Self::ChatMessage => "chat_message",
            Self::Typing => "typing",
            Self::ReadReceipt => "read_receipt",
            Self::MarkRoomRead => "mark_room_read",
        }
    }

    /// Heading of the document.
    pub fn section(self) -> &'static str {
        match self {
            Self::ChatMessage => "Chat Message (Bidirectional)",
            Self::Typing => "Typing Indicator (Bidirectional)",
            Self::ReadReceipt => "Read Receipt (Bidirectional)",
            Self::MarkRoomRead => "Mark Room Read (Client → Server)",
        }
    }
}

impl ServerEvent {
    /// Every server event, in the document's order.
    pub const ALL: [Self; 6] = [
        Self::ConnectionEstablished,
        Self::ChatMessage,
        Self::Typing,
        Self::ReadReceipt,
        Self::RoomMarkedRead,
        Self::Error,
    ];

    /// The value of `type` on the wire; also the stem of its schema file.
    pub fn id(self) -> &'static str {
        match self {
            Self::ConnectionEstablished => "connection_established",
            Self::ChatMessage => "chat_message",
            Self::Typing => "typing",
            Self::ReadReceipt => "read_receipt",
            Self::RoomMarkedRead => "room_marked_read",
            Self::Error => "error",
        }
    }

    /// Heading of the document.
    pub fn section(self) -> &'static str {
        match self {
            Self::ConnectionEstablished => "Connection Established (Server → Client)",
            Self::ChatMessage => "Chat Message (Bidirectional)",
            Self::Typing => "Typing Indicator (Bidirectional)",
            Self::ReadReceipt => "Read Receipt (Bidirectional)",
            Self::RoomMarkedRead => "Mark Room Read (Client → Server)",
            Self::Error => "Error (Server → Client)",
        }
    }
}

/// A `type` that the document does not name.
#[derive(Debug, thiserror::Error)]
#[error("no documented event has the type `{0}`")]
pub struct UnknownEvent(pub String);

impl FromStr for ClientEvent {
    type Err = UnknownEvent;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|event| event.id() == name)
            .ok_or_else(|| UnknownEvent(name.to_owned()))
    }
}

impl FromStr for ServerEvent {
    type Err = UnknownEvent;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|event| event.id() == name)
            .ok_or_else(|| UnknownEvent(name.to_owned()))
    }
}

impl fmt::Display for ClientEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl fmt::Display for ServerEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
