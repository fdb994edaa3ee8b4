//! The socket events.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::suggestion::UnknownId;

/// An event that a client sends. Section *Event Types*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the specification names them")]
pub enum ClientEvent {
    ChatMessage,
    Typing,
    ReadReceipt,
    MarkRoomRead,
}

/// An event that the server sends. Section *Event Types*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the specification names them")]
pub enum ServerEvent {
    ConnectionEstablished,
    ChatMessage,
    Typing,
    ReadReceipt,
    RoomMarkedRead,
    Error,
}

impl ClientEvent {
    /// Every client event, in the order of the specification.
    pub const ALL: [Self; 4] =
        [Self::ChatMessage, Self::Typing, Self::ReadReceipt, Self::MarkRoomRead];

    /// The value of `type` in the frame, and the stem of its schema file.
    pub fn id(self) -> &'static str {
        match self {
            Self::ChatMessage => "chat_message",
            Self::Typing => "typing",
            Self::ReadReceipt => "read_receipt",
            Self::MarkRoomRead => "mark_room_read",
        }
    }

    /// A heading of the specification.
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
    /// Every server event, in the order of the specification.
    pub const ALL: [Self; 6] = [
        Self::ConnectionEstablished,
        Self::ChatMessage,
        Self::Typing,
        Self::ReadReceipt,
        Self::RoomMarkedRead,
        Self::Error,
    ];

    /// The value of `type` in the frame, and the stem of its schema file.
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

    /// A heading of the specification.
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

// Types come from the target and may be long and many, so unknown ones are not compared with the known.
impl FromStr for ClientEvent {
    type Err = UnknownId;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let event = Self::ALL.into_iter().find(|event| event.id() == name);
        event.ok_or_else(|| UnknownId::new("event type", name, []))
    }
}

impl FromStr for ServerEvent {
    type Err = UnknownId;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let event = Self::ALL.into_iter().find(|event| event.id() == name);
        event.ok_or_else(|| UnknownId::new("event type", name, []))
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
