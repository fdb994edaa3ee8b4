//! Delivery of events. Section *WebSocket Protocol*.

use std::time::Duration;

use rusqlite::Result;
use uuid::Uuid;

use crate::delivery::{Audience, Closing, ConnectionId, Event, Hub, Source};
use crate::directory::Directory;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::users::UserId;

/// The client at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its user.
    pub user: UserId,
    /// Its room.
    pub room: Uuid,
    /// The connection.
    pub connection: ConnectionId,
}

/// A frame from a client.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    /// A text frame.
    Text(&'a [u8]),
    /// A binary frame.
    Binary,
}

/// The way in which a membership ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The member left.
    Left,
    /// An admin removed the member.
    Removed,
}

/// Decides who receives which event.
pub trait Delivery: Send + Sync {
    /// Delivers an event to its audience in the room, see [`Audience::of`].
    fn deliver(&self, hub: &mut Hub, room: Uuid, event: &Event<'_>, source: Source) {
        hub.deliver(room, event, Audience::of(event, source));
    }

    /// Opens the event stream of a new connection: it begins with `connection_established`, and
    /// earlier messages are not repeated.
    fn welcome(
        &self,
        _store: &Store,
        _directory: &Directory,
        hub: &mut Hub,
        peer: Peer,
        established: &Event<'_>,
    ) -> Result<()> {
        hub.deliver(peer.room, established, Audience::Only(peer.connection));
        Ok(())
    }

    /// Responds to a rejected frame: only its connection receives an `error`, and stays open.
    fn reject_frame(&self, hub: &mut Hub, peer: Peer, _frame: Frame<'_>, refusal: &Refusal) {
        let event = Event::Error { message: &refusal.to_string() };
        hub.deliver(peer.room, &event, Audience::Only(peer.connection));
    }

    /// The time after which typing ends by itself. Section *Typing Indicators*.
    fn typing_lifetime(&self) -> Duration {
        Duration::from_secs(10)
    }

    /// The time without frames after which a socket is closed; `None` if idle sockets stay open.
    fn idle_limit(&self) -> Option<Duration> {
        None
    }

    /// Follows the end of a connection, whose user no longer types. Other connections of the user stay open.
    fn farewell(&self, hub: &mut Hub, peer: Peer, stopped: Option<&Event<'_>>) {
        if let Some(event) = stopped {
            self.deliver(hub, peer.room, event, Source::Connection(peer.connection));
        }
    }

    /// Ends the event streams of a user whose membership has ended, at once.
    fn end_streams(&self, hub: &mut Hub, room: Uuid, user: UserId, _departure: Departure) {
        hub.disconnect(room, user, Closing::NOT_A_MEMBER);
    }
}
