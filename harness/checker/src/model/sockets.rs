//! Who listened where, and when silence proves something.

use ahash::{AHashMap, AHashSet, RandomState};
use hearback_contract::ServerEvent;
use hearback_history::{Connection, ConnectionId, Frame, History, Interval, Nanoseconds};
use indexmap::IndexMap;
use serde_json::Value;

use super::SocketSend;
use super::message::{Message, Origin};
use super::room::Room;

/// An established connection of somebody with a valid token.
#[derive(Debug)]
pub struct Listener<'h> {
    /// The connection.
    pub connection: &'h Connection,
    /// Whose it is.
    pub user: i64,
    /// When it was established.
    pub established: Nanoseconds,
    /// Until when it stood, or was recorded.
    pub until: Nanoseconds,
    /// Received frames by their type, and sent frames: positions in the connection's.
    received: [Vec<usize>; ServerEvent::ALL.len()],
    sent: Vec<usize>,
    /// The first frame of each chat message that it received, by id.
    messages: AHashMap<&'h str, &'h Frame>,
    /// Of the messages received, when the one sent last was sent, and when it was received.
    newest: Option<(Nanoseconds, Nanoseconds)>,
    /// The same of the messages that were sent on one connection.
    newest_on: AHashMap<ConnectionId, (Nanoseconds, Nanoseconds)>,
    /// For each own message that came back: when it was sent, and when it or a later one came back.
    echoes: Vec<(Nanoseconds, Nanoseconds)>,
}

/// Something that was given to the target to hand on.
#[derive(Clone, Copy, Debug)]
pub struct PendingEvent {
    /// When it was sent.
    pub at: Nanoseconds,
    /// The connection that it was sent on; `None` for REST.
    pub on: Option<ConnectionId>,
    /// When it was surely handled, where that can be told.
    pub handled: Option<Nanoseconds>,
    /// Until when the connection stood that it was sent on.
    pub until: Nanoseconds,
}

/// Every [`Listener`], and how long one waits for anything.
#[derive(Debug, Default)]
pub struct Sockets<'h> {
    listeners: Vec<Listener<'h>>,
    by_room: AHashMap<&'h str, Vec<usize>>,
    by_connection: AHashMap<ConnectionId, usize>,
    timeout: Nanoseconds,
}

impl<'h> Sockets<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        let mut sockets = Self { timeout: history.timeout(), ..Self::default() };
        for connection in &history.connections {
            let established = connection.established();
            let user = history.user_id(&connection.actor);
            let (Some(established), Some(user)) = (established, user) else { continue };
            if !connection.credential.kind.is_valid() {
                continue;
            }
            let mut received: [Vec<usize>; ServerEvent::ALL.len()] = Default::default();
            let mut sent = Vec::new();
            for (position, frame) in connection.frames.iter().enumerate() {
                if frame.is_sent() {
                    sent.push(position);
                } else if let Some(event) = frame.kind().and_then(|it| it.parse().ok()) {
                    let event: ServerEvent = event;
                    received[event as usize].push(position);
                }
            }
            let mut messages = AHashMap::new();
            for position in &received[ServerEvent::ChatMessage as usize] {
                let frame = &connection.frames[*position];
                let id = frame.json().and_then(|json| json.get("message")?.get("id")?.as_str());
                if let Some(id) = id {
                    messages.entry(id).or_insert(frame);
                }
            }
            let index = sockets.listeners.len();
            sockets.by_room.entry(connection.room.as_str()).or_default().push(index);
            sockets.by_connection.insert(connection.id, index);
            sockets.listeners.push(Listener {
                connection,
                user: user.get(),
                established: established.at,
                until: connection.closed_at().min(history.last),
                received,
                sent,
                messages,
                newest: None,
                newest_on: AHashMap::new(),
                echoes: Vec::new(),
            });
        }
        sockets
    }

    /// Takes into account which received message is which.
    pub(super) fn recognize(
        &mut self,
        messages: &IndexMap<String, Message<'h>, RandomState>,
        sends: &mut [SocketSend<'h>],
    ) {
        // One of several with the same text may be any of them, sent on any of their connections.
        let alike = sends.iter().filter(|send| !send.is_distinct).filter_map(|it| it.id.clone());
        let alike: AHashSet<String> = alike.collect();
        for listener in &mut self.listeners {
            for (id, frame) in &listener.messages {
                let Some(message) = messages.get(*id) else { continue };
                let heard = (message.sent.invoked, frame.at);
                listener.newest = listener.newest.max(Some(heard));
                if let Origin::Socket(connection, _) = message.origin
                    && !alike.contains(*id)
                {
                    let newest = listener.newest_on.entry(connection.id).or_insert(heard);
                    *newest = heard.max(*newest);
                }
            }
        }
        for send in sends.iter_mut() {
            let Some(&index) = self.by_connection.get(&send.connection.id) else { continue };
            let listener = &mut self.listeners[index];
            let id = send.id.as_deref().filter(|_| send.is_distinct);
            let echo = id.and_then(|id| listener.messages.get(id)).copied();
            send.echo = echo.filter(|echo| echo.at > send.frame.at);
            listener.echoes.extend(send.echo.map(|echo| (send.frame.at, echo.at)));
        }
        for listener in &mut self.listeners {
            listener.echoes.sort_unstable();
            let mut earliest = Nanoseconds::MAX;
            for (_, echoed) in listener.echoes.iter_mut().rev() {
                earliest = earliest.min(*echoed);
                *echoed = earliest;
            }
        }
    }

    /// Every listener, in the order of the handshakes.
    pub fn all(&self) -> impl Iterator<Item = &Listener<'h>> {
        self.listeners.iter()
    }

    /// The listeners of a room, in the order of the handshakes.
    pub fn in_room(&self, room: &str) -> impl Iterator<Item = &Listener<'h>> {
        self.by_room.get(room).into_iter().flatten().map(|index| &self.listeners[*index])
    }

    /// The listener that a connection is, if it was ever established.
    pub fn listener(&self, connection: &Connection) -> Option<&Listener<'h>> {
        self.by_connection.get(&connection.id).map(|index| &self.listeners[*index])
    }

    /// From when on it is certain that what was handed to the target will not reach `listener` any more;
    /// `None` if it still might have, had anybody listened for longer.
    pub fn absence_proven_at(
        &self,
        handed: PendingEvent,
        listener: &Listener<'h>,
    ) -> Option<Nanoseconds> {
        // A message that was sent after it was handled, or after it on the same connection: a
        // connection's frames are handled in their order.
        let later = listener.newest.filter(|(sent, _)| handed.handled.is_some_and(|it| *sent > it));
        let next = handed.on.and_then(|connection| listener.newest_on.get(&connection).copied());
        let fence = later.or(next.filter(|(sent, _)| *sent > handed.at));
        let source_stood = handed.handled.is_some() || self.outlasts(handed.until, handed.at);
        let waited = source_stood && self.outlasts(listener.until, handed.at);
        let fence = fence.map(|(_, received)| received);
        fence.or_else(|| waited.then(|| handed.at + self.timeout))
    }

    /// From when on it is certain that a frame that `listener` sent will not be answered any more: what
    /// it sent later was answered, or it waited for long enough.
    pub fn silence_proven_at(&self, listener: &Listener<'h>, sent: Nanoseconds) -> Option<Nanoseconds> {
        listener
            .handled(sent)
            .or_else(|| self.outlasts(listener.until, sent).then(|| sent + self.timeout))
    }

    fn outlasts(&self, until: Nanoseconds, at: Nanoseconds) -> bool {
        !self.timeout.is_zero() && at + self.timeout <= until
    }
}

impl<'h> Listener<'h> {
    /// Received events of one type with their frames, in order.
    pub fn received(&self, event: ServerEvent) -> impl Iterator<Item = (&'h Frame, &'h Value)> {
        let frames = self.received[event as usize].iter();
        frames.filter_map(|position| {
            let frame = &self.connection.frames[*position];
            Some((frame, frame.json()?))
        })
    }

    /// Sent frames, in order.
    pub fn sent(&self) -> impl Iterator<Item = &'h Frame> {
        self.sent.iter().map(|position| &self.connection.frames[*position])
    }

    /// The frame in which it received the chat message of this id first.
    pub fn message(&self, id: &str) -> Option<&'h Frame> {
        self.messages.get(id).copied()
    }

    /// When what was sent on it at `sent` was surely handled: something sent later had come back. A
    /// connection's frames are handled in their order.
    pub fn handled(&self, sent: Nanoseconds) -> Option<Nanoseconds> {
        let later = self.echoes.partition_point(|(echoed, _)| *echoed <= sent);
        self.echoes.get(later).map(|(_, received)| *received)
    }

    /// Whether it received a message that was sent after `at`.
    pub fn received_newer_than(&self, at: Nanoseconds) -> bool {
        self.newest.is_some_and(|(sent, _)| sent > at)
    }

    /// A frame that was sent on it.
    pub fn pending_event(&self, sent: Nanoseconds) -> PendingEvent {
        let (handled, on) = (self.handled(sent), Some(self.connection.id));
        PendingEvent { at: sent, on, handled, until: self.until }
    }

    /// Whether its user surely was a member from its handshake to the end of `meanwhile`: a socket that
    /// outlived a membership may be silent ever after (removed-socket).
    pub fn is_entitled(&self, room: &Room<'_>, meanwhile: Interval) -> bool {
        // The target may have let it in long before it said so, and a membership may have ended in between.
        let invoked = self.connection.invoked.min(meanwhile.invoked);
        room.surely_member(self.user, Interval { invoked, ..meanwhile })
    }

    /// When it stood.
    pub fn interval(&self) -> Interval {
        Interval { invoked: self.established, returned: self.until }
    }
}
