//! Recipients of events.

use super::connection_id::ConnectionId;
use super::event::Event;
use crate::users::UserId;

/// The way by which a request reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An operation.
    Operation,
    /// A frame of this connection.
    Connection(ConnectionId),
}

/// The connections of a room that receive an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every connection.
    Everyone,
    /// Every connection except those of this user.
    Except(UserId),
    /// Only the connections of this user.
    User(UserId),
    /// Only this connection.
    Only(ConnectionId),
    /// No connection.
    None,
}

impl Audience {
    /// The documented audience of an event. Section *Event Types*.
    ///
    /// Messages go to everyone, typing and receipts to everyone except the user who caused them,
    /// and responses to the connection that asked; an operation has its own response.
    pub fn of(event: &Event<'_>, source: Source) -> Self {
        match (event, source) {
            (Event::ChatMessage { .. }, _) => Self::Everyone,
            (Event::Typing { user_id, .. } | Event::ReadReceipt { user_id, .. }, _) => {
                Self::Except(*user_id)
            }
            (_, Source::Connection(connection)) => Self::Only(connection),
            (_, Source::Operation) => Self::None,
        }
    }
}
