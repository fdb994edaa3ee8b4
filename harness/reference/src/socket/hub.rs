//! The open sockets, and what is sent to them.

use std::collections::HashMap;

use axum::extract::ws::{CloseFrame, Utf8Bytes};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::event::Event;
use crate::directory::UserId;
use crate::faults::{Faults, Tampering};

/// Frames that wait for one connection. Who falls further behind is closed: a slow reader must not hold
/// up the others, and memory must have an end.
const QUEUE: usize = 1024;

/// Number of a connection, never used twice.
pub(crate) type ConnectionId = u64;

/// Who an event is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Audience {
    /// Every connection of the room.
    Everyone,
    /// Every connection but those of this user.
    Except(UserId),
    /// This connection.
    Connection(ConnectionId),
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The user is no member any more.
    Removed,
    /// The client does not read what it is sent.
    TooSlow,
    /// A frame was too large.
    TooLarge,
    /// Something was sent that is no event; only faults take it so hard.
    Refused,
    /// The server stops.
    Stopping,
}

impl Closing {
    /// The close frame for it.
    pub(crate) fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Self::Removed => (4003, "You are not in this room any more."),
            Self::TooSlow => (1013, "You read too slowly."),
            Self::TooLarge => (1009, "The frame is too large."),
            Self::Refused => (1008, "That is no event."),
            Self::Stopping => (1001, "The server stops."),
        };
        CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
    }
}

/// The hub's side of a connection.
struct Connection {
    user: UserId,
    frames: mpsc::Sender<Utf8Bytes>,
    closing: oneshot::Sender<Closing>,
}

/// The connection's side.
pub(crate) struct Seat {
    /// Its number.
    pub(crate) connection: ConnectionId,
    /// What it is to send.
    pub(crate) frames: mpsc::Receiver<Utf8Bytes>,
    /// When and why it is to end.
    pub(crate) closing: oneshot::Receiver<Closing>,
}

/// The connections of every room.
pub(crate) struct Hub {
    rooms: HashMap<Uuid, HashMap<ConnectionId, Connection>>,
    last: ConnectionId,
    tampering: Option<Tampering>,
}

impl Hub {
    /// A hub without connections.
    pub(crate) fn new(faults: &Faults) -> Self {
        Self { rooms: HashMap::new(), last: 0, tampering: faults.tampering() }
    }

    /// Opens a connection to a room.
    pub(crate) fn join(&mut self, room: Uuid, user: UserId) -> Seat {
        let (frames, queued) = mpsc::channel(QUEUE);
        let (closing, closed) = oneshot::channel();
        self.last += 1;
        self.rooms.entry(room).or_default().insert(self.last, Connection { user, frames, closing });
        Seat { connection: self.last, frames: queued, closing: closed }
    }

    /// Forgets a connection that has ended.
    pub(crate) fn part(&mut self, room: Uuid, connection: ConnectionId) {
        if let Some(connections) = self.rooms.get_mut(&room) {
            connections.remove(&connection);
            if connections.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// Queues an event for its audience. Never waits.
    pub(crate) fn deliver(&mut self, room: Uuid, event: &Event<'_>, audience: Audience) {
        let Some(connections) = self.rooms.get_mut(&room) else { return };
        let frame = event.frame();
        let overtaken = connections.extract_if(|id, connection| {
            let included = match audience {
                Audience::Everyone => true,
                Audience::Except(user) => connection.user != user,
                Audience::Connection(only) => *id == only,
            };
            included
                && match &mut self.tampering {
                    None => connection.frames.try_send(frame.clone()).is_err(),
                    Some(tampering) => tampering
                        .parcels(event, *id, connection.user)
                        .into_iter()
                        .any(|parcel| !parcel.post(&connection.frames)),
                }
        });
        for (_, connection) in overtaken {
            connection.close(Closing::TooSlow);
        }
    }

    /// Ends a user's connections to a room. What is delivered from now on does not reach them.
    pub(crate) fn expel(&mut self, room: Uuid, user: UserId, reason: Closing) {
        if let Some(connections) = self.rooms.get_mut(&room) {
            for (_, connection) in connections.extract_if(|_, connection| connection.user == user) {
                connection.close(reason);
            }
        }
    }

    /// A room with open connections that is not this one.
    pub(crate) fn other_than(&self, room: Uuid) -> Option<Uuid> {
        self.rooms.keys().copied().find(|other| *other != room)
    }

    /// Ends every connection to a room.
    pub(crate) fn empty(&mut self, room: Uuid, reason: Closing) {
        for connection in self.rooms.remove(&room).unwrap_or_default().into_values() {
            connection.close(reason);
        }
    }

    /// Ends every connection.
    pub(crate) fn close(&mut self, reason: Closing) {
        for connection in self.rooms.drain().flat_map(|(_, connections)| connections.into_values())
        {
            connection.close(reason);
        }
    }
}

impl Connection {
    fn close(self, reason: Closing) {
        // One that has just ended by itself does not listen.
        self.closing.send(reason).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPING: Event<'static> = Event::Typing { user_id: 1, username: "alice", is_typing: true };

    fn hub() -> Hub {
        Hub::new(&Faults::default())
    }

    #[test]
    fn a_full_queue_ends_its_connection_and_no_other() {
        let (mut hub, room) = (hub(), Uuid::new_v4());
        let mut slow = hub.join(room, 1);
        let mut quick = hub.join(room, 2);
        for _ in 0..QUEUE {
            hub.deliver(room, &TYPING, Audience::Everyone);
            quick.frames.try_recv().unwrap();
        }
        slow.closing.try_recv().unwrap_err();
        hub.deliver(room, &TYPING, Audience::Everyone);
        assert_eq!(slow.closing.try_recv(), Ok(Closing::TooSlow));
        quick.frames.try_recv().unwrap();
        quick.closing.try_recv().unwrap_err();
    }

    #[test]
    fn who_is_expelled_hears_nothing_more() {
        let (mut hub, room, other) = (hub(), Uuid::new_v4(), Uuid::new_v4());
        let mut expelled = hub.join(room, 1);
        let mut elsewhere = hub.join(other, 1);
        hub.expel(room, 1, Closing::Removed);
        hub.deliver(room, &TYPING, Audience::Everyone);
        hub.deliver(other, &TYPING, Audience::Everyone);
        assert_eq!(expelled.closing.try_recv(), Ok(Closing::Removed));
        expelled.frames.try_recv().unwrap_err();
        elsewhere.frames.try_recv().unwrap();
    }

    #[test]
    fn audiences_are_kept_to() {
        let (mut hub, room) = (hub(), Uuid::new_v4());
        let mut seats = [hub.join(room, 1), hub.join(room, 1), hub.join(room, 2)];
        let mut heard = |hub: &mut Hub, audience| {
            hub.deliver(room, &TYPING, audience);
            seats.each_mut().map(|seat| seat.frames.try_recv().is_ok())
        };
        assert_eq!(heard(&mut hub, Audience::Everyone), [true, true, true]);
        assert_eq!(heard(&mut hub, Audience::Except(1)), [false, false, true]);
        assert_eq!(heard(&mut hub, Audience::Connection(1)), [true, false, false]);
    }
}
