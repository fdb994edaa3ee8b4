//! The open connections of all rooms.

use std::collections::HashMap;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::audience::Audience;
use super::closing::Closing;
use super::connection_id::ConnectionId;
use super::event::Event;
use super::rewriter::{EventRewriter, Recipient};
use crate::users::UserId;

/// Maximum number of frames that wait for one connection. Slower connections are closed, so that
/// they neither delay others nor fill the memory.
const QUEUE: usize = 1024;

/// The hub's side of a connection.
struct Connection {
    user: UserId,
    is_silent: bool,
    frames: mpsc::Sender<Utf8Bytes>,
    closing: oneshot::Sender<Closing>,
}

/// The connection's side.
pub(crate) struct Seat {
    /// Number of the connection.
    pub(crate) connection: ConnectionId,
    /// Frames to send.
    pub(crate) frames: mpsc::Receiver<Utf8Bytes>,
    /// Resolves when the server ends the connection.
    pub(crate) closing: oneshot::Receiver<Closing>,
}

/// The connections of every room.
pub struct Hub {
    rooms: HashMap<Uuid, HashMap<ConnectionId, Connection>>,
    last: ConnectionId,
    rewriter: Option<Box<dyn EventRewriter>>,
}

impl Hub {
    /// A hub without connections.
    pub(crate) fn new(rewriter: Option<Box<dyn EventRewriter>>) -> Self {
        Self { rooms: HashMap::new(), last: 0, rewriter }
    }

    /// Adds a connection to a room.
    pub(crate) fn connect(&mut self, room: Uuid, user: UserId) -> Seat {
        let (frames, queued) = mpsc::channel(QUEUE);
        let (closing, closed) = oneshot::channel();
        self.last += 1;
        let connection = Connection { user, is_silent: false, frames, closing };
        self.rooms.entry(room).or_default().insert(self.last, connection);
        Seat { connection: self.last, frames: queued, closing: closed }
    }

    /// Removes a connection that has ended.
    pub(crate) fn remove(&mut self, room: Uuid, connection: ConnectionId) {
        if let Some(connections) = self.rooms.get_mut(&room) {
            connections.remove(&connection);
            if connections.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// Queues an event for its audience. Never waits.
    pub fn deliver(&mut self, room: Uuid, event: &Event<'_>, audience: Audience) {
        if audience == Audience::None {
            return;
        }
        let Some(connections) = self.rooms.get_mut(&room) else { return };
        let frame = event.frame();
        let overtaken = connections.extract_if(|id, connection| {
            let included = match audience {
                Audience::Everyone => true,
                Audience::Except(user) => connection.user != user,
                Audience::User(user) => connection.user == user,
                Audience::Only(only) => *id == only,
                Audience::None => false,
            };
            included
                && !connection.is_silent
                && match &mut self.rewriter {
                    None => connection.frames.try_send(frame.clone()).is_err(),
                    Some(rewriter) => rewriter
                        .rewrite(event, Recipient { connection: *id, user: connection.user })
                        .into_iter()
                        .any(|frame| !frame.queue(&connection.frames)),
                }
        });
        for (_, connection) in overtaken {
            connection.close(Closing::TOO_SLOW);
        }
    }

    /// Closes a user's connections to a room, which receive nothing more from now on.
    pub fn disconnect(&mut self, room: Uuid, user: UserId, reason: Closing) {
        if let Some(connections) = self.rooms.get_mut(&room) {
            for (_, connection) in connections.extract_if(|_, connection| connection.user == user) {
                connection.close(reason);
            }
        }
    }

    /// Closes one connection to a room.
    pub fn disconnect_one(&mut self, room: Uuid, id: ConnectionId, reason: Closing) {
        let connections = self.rooms.get_mut(&room);
        if let Some(connection) = connections.and_then(|connections| connections.remove(&id)) {
            connection.close(reason);
        }
    }

    /// Closes a user's connections to a room, except one.
    pub fn disconnect_others(
        &mut self,
        room: Uuid,
        user: UserId,
        kept: ConnectionId,
        reason: Closing,
    ) {
        if let Some(connections) = self.rooms.get_mut(&room) {
            let others =
                connections.extract_if(|id, connection| *id != kept && connection.user == user);
            for (_, connection) in others {
                connection.close(reason);
            }
        }
    }

    /// Keeps a user's connections to a room open, but they receive nothing more from now on.
    pub fn silence(&mut self, room: Uuid, user: UserId) {
        let connections = self.rooms.get_mut(&room).into_iter().flat_map(HashMap::values_mut);
        for connection in connections.filter(|connection| connection.user == user) {
            connection.is_silent = true;
        }
    }

    /// Closes every connection to a room.
    pub fn close_room(&mut self, room: Uuid, reason: Closing) {
        for connection in self.rooms.remove(&room).unwrap_or_default().into_values() {
            connection.close(reason);
        }
    }

    /// Closes every connection.
    pub(crate) fn close(&mut self, reason: Closing) {
        for connection in self.rooms.drain().flat_map(|(_, connections)| connections.into_values())
        {
            connection.close(reason);
        }
    }

    /// The rooms that have open connections.
    pub fn rooms(&self) -> impl Iterator<Item = Uuid> {
        self.rooms.keys().copied()
    }
}

impl Connection {
    fn close(self, reason: Closing) {
        // Fails if the connection has just ended by itself.
        self.closing.send(reason).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPING: Event<'static> = Event::Typing { user_id: 1, username: "alice", is_typing: true };

    fn hub() -> Hub {
        Hub::new(None)
    }

    #[test]
    fn a_full_queue_closes_its_connection_only() {
        let (mut hub, room) = (hub(), Uuid::new_v4());
        let mut slow = hub.connect(room, 1);
        let mut quick = hub.connect(room, 2);
        for _ in 0..QUEUE {
            hub.deliver(room, &TYPING, Audience::Everyone);
            quick.frames.try_recv().unwrap();
        }
        slow.closing.try_recv().unwrap_err();
        hub.deliver(room, &TYPING, Audience::Everyone);
        assert_eq!(slow.closing.try_recv(), Ok(Closing::TOO_SLOW));
        quick.frames.try_recv().unwrap();
        quick.closing.try_recv().unwrap_err();
    }

    #[test]
    fn disconnected_users_receive_nothing_more() {
        let (mut hub, room, other) = (hub(), Uuid::new_v4(), Uuid::new_v4());
        let mut disconnected = hub.connect(room, 1);
        let mut elsewhere = hub.connect(other, 1);
        hub.disconnect(room, 1, Closing::NOT_A_MEMBER);
        hub.deliver(room, &TYPING, Audience::Everyone);
        hub.deliver(other, &TYPING, Audience::Everyone);
        assert_eq!(disconnected.closing.try_recv(), Ok(Closing::NOT_A_MEMBER));
        disconnected.frames.try_recv().unwrap_err();
        elsewhere.frames.try_recv().unwrap();
    }

    #[test]
    fn silenced_users_stay_connected_and_receive_nothing() {
        let (mut hub, room) = (hub(), Uuid::new_v4());
        let mut silenced = hub.connect(room, 1);
        let mut other = hub.connect(room, 2);
        hub.silence(room, 1);
        let mut later = hub.connect(room, 1);
        hub.deliver(room, &TYPING, Audience::Everyone);
        silenced.closing.try_recv().unwrap_err();
        silenced.frames.try_recv().unwrap_err();
        other.frames.try_recv().unwrap();
        later.frames.try_recv().unwrap();
        hub.disconnect_one(room, later.connection, Closing::STOPPING);
        assert_eq!(later.closing.try_recv(), Ok(Closing::STOPPING));
        silenced.closing.try_recv().unwrap_err();
    }

    #[test]
    fn events_reach_their_audience_only() {
        let (mut hub, room) = (hub(), Uuid::new_v4());
        let mut seats = [hub.connect(room, 1), hub.connect(room, 1), hub.connect(room, 2)];
        let mut received = |hub: &mut Hub, audience| {
            hub.deliver(room, &TYPING, audience);
            seats.each_mut().map(|seat| seat.frames.try_recv().is_ok())
        };
        assert_eq!(received(&mut hub, Audience::Everyone), [true, true, true]);
        assert_eq!(received(&mut hub, Audience::Except(1)), [false, false, true]);
        assert_eq!(received(&mut hub, Audience::User(1)), [true, true, false]);
        assert_eq!(received(&mut hub, Audience::Only(1)), [true, false, false]);
        assert_eq!(received(&mut hub, Audience::None), [false, false, false]);
    }
}
