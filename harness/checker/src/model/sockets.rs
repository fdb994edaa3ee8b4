//! Established connections, and the times from which on an absence is proven.
//!
//! An absence is proven by a fence: something that was sent later arrived, so nothing sent earlier
//! is still to come. Without a fence it is proven by waiting for the timeout of the run.

use ahash::{AHashMap, AHashSet, RandomState};
use hearback_contract::{MessageId, MessageRef, RoomId, ServerEvent, UserId};
use hearback_history::{Connection, ConnectionId, Frame, History, Interval, Nanoseconds};
use indexmap::IndexMap;
use serde_json::Value;

use super::message::{Message, Origin};
use super::room::Room;
use super::socket_send::SocketSend;
use crate::per_body::PerBody;

/// An established connection with a valid token.
#[derive(Debug)]
pub struct Listener<'h> {
    /// The connection.
    pub connection: &'h Connection,
    /// The user id.
    pub user: UserId,
    /// The time of `connection_established`.
    pub established: Nanoseconds,
    /// The time at which it closed, or at which the history ends.
    pub until: Nanoseconds,
    /// Positions of the received frames by type, and of the sent frames.
    received: [Vec<usize>; ServerEvent::ALL.len()],
    sent: Vec<usize>,
    /// The first frame of each received chat message, by message id.
    messages: AHashMap<MessageRef<'h>, &'h Frame>,
    /// The received message that was sent last: when it was sent and when it was received.
    newest: Option<(Nanoseconds, Nanoseconds)>,
    /// The same for the messages that were sent on each connection.
    newest_on: AHashMap<ConnectionId, (Nanoseconds, Nanoseconds)>,
    /// For each message that was sent on the connection and received back: when it was sent, and
    /// when it or a later one was received.
    echoes: Vec<(Nanoseconds, Nanoseconds)>,
}

/// A frame or request that the target has to forward as an event.
#[derive(Clone, Copy, Debug)]
pub struct PendingEvent {
    /// The time of sending.
    pub at: Nanoseconds,
    /// The connection on which it was sent; `None` for REST.
    pub on: Option<ConnectionId>,
    /// The time by which the target had certainly handled it, if there is one.
    pub handled: Option<Nanoseconds>,
    /// The time until which its connection was open.
    pub until: Nanoseconds,
}

/// Every [`Listener`], and the timeout of the run.
#[derive(Debug, Default)]
pub struct Sockets<'h> {
    listeners: Vec<Listener<'h>>,
    by_room: AHashMap<RoomId, Vec<usize>>,
    by_connection: AHashMap<ConnectionId, usize>,
    timeout: Nanoseconds,
}

impl<'h> Sockets<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        let mut sockets = Self { timeout: history.timeout(), ..Self::default() };
        // Many sockets receive the same body.
        let mut ids = PerBody::of(history);
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
                } else if let Some(event) = frame.event() {
                    received[event as usize].push(position);
                }
            }
            let shown = &received[ServerEvent::ChatMessage as usize];
            let mut messages = AHashMap::with_capacity(shown.len());
            for position in shown {
                let frame = &connection.frames[*position];
                let id = ids.get(&frame.body, || {
                    MessageRef::from_json(frame.json()?.get("message")?.get("id")?)
                });
                if let Some(id) = id {
                    messages.entry(id).or_insert(frame);
                }
            }
            let index = sockets.listeners.len();
            sockets.by_room.entry(connection.room.clone()).or_default().push(index);
            sockets.by_connection.insert(connection.id, index);
            sockets.listeners.push(Listener {
                connection,
                user,
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

    /// Records which received messages are of this run, for fences.
    pub(super) fn recognize(
        &mut self,
        messages: &IndexMap<MessageId, Message<'h>, RandomState>,
        sends: &mut [SocketSend<'h>],
    ) {
        // A message with a repeated text may have been sent on any of several connections.
        let alike = sends.iter().filter(|send| !send.is_distinct).filter_map(|it| it.id.clone());
        let alike: AHashSet<MessageId> = alike.collect();
        for listener in &mut self.listeners {
            for (id, frame) in &listener.messages {
                let Some(message) = messages.get(id.as_str()) else { continue };
                let receipt = (message.sent.invoked, frame.at);
                listener.newest = listener.newest.max(Some(receipt));
                if let Origin::Socket(connection, _) = message.origin
                    && !alike.contains(id.as_str())
                {
                    let newest = listener.newest_on.entry(connection.id).or_insert(receipt);
                    *newest = receipt.max(*newest);
                }
            }
        }
        for send in sends.iter_mut() {
            let Some(&index) = self.by_connection.get(&send.connection.id) else { continue };
            let listener = &mut self.listeners[index];
            let id = send.id.as_ref().filter(|_| send.is_distinct);
            let echo = id.and_then(|id| listener.message(id.borrowed()));
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
    pub fn in_room(&self, room: &RoomId) -> impl Iterator<Item = &Listener<'h>> + use<'_, 'h> {
        self.by_room.get(room).into_iter().flatten().map(|index| &self.listeners[*index])
    }

    /// The listener of a connection, if it was established.
    pub fn listener(&self, connection: &Connection) -> Option<&Listener<'h>> {
        self.by_connection.get(&connection.id).map(|index| &self.listeners[*index])
    }

    /// The time from which on it is certain that `listener` will not receive the event; `None` if
    /// it was not open long enough.
    pub fn absence_proven_at(
        &self,
        event: PendingEvent,
        listener: &Listener<'h>,
    ) -> Option<Nanoseconds> {
        // A message that was sent after the event was handled, or later on the same connection, is
        // a fence: frames of one connection are handled in order.
        let later = listener.newest.filter(|(sent, _)| event.handled.is_some_and(|it| *sent > it));
        let next = event.on.and_then(|connection| listener.newest_on.get(&connection).copied());
        let fence = later.or(next.filter(|(sent, _)| *sent > event.at));
        let source_waited = event.handled.is_some() || self.outlasts(event.until, event.at);
        let waited = source_waited && self.outlasts(listener.until, event.at);
        let fence = fence.map(|(_, received)| received);
        fence.or_else(|| waited.then(|| event.at + self.timeout))
    }

    /// The time from which on it is certain that a frame that `listener` sent will not be answered:
    /// a later frame was answered, or the timeout passed.
    pub fn silence_proven_at(
        &self,
        listener: &Listener<'h>,
        sent: Nanoseconds,
    ) -> Option<Nanoseconds> {
        listener
            .handled(sent)
            .or_else(|| self.outlasts(listener.until, sent).then(|| sent + self.timeout))
    }

    fn outlasts(&self, until: Nanoseconds, at: Nanoseconds) -> bool {
        !self.timeout.is_zero() && at + self.timeout <= until
    }
}

impl<'h> Listener<'h> {
    /// The received events of one type with their frames, in order.
    pub fn received(&self, event: ServerEvent) -> impl Iterator<Item = (&'h Frame, &'h Value)> {
        let frames = self.received[event as usize].iter();
        frames.filter_map(|position| {
            let frame = &self.connection.frames[*position];
            Some((frame, frame.json()?))
        })
    }

    /// The sent frames, in order.
    pub fn sent(&self) -> impl Iterator<Item = &'h Frame> {
        self.sent.iter().map(|position| &self.connection.frames[*position])
    }

    /// The first frame that contained the chat message with this id.
    pub fn message(&self, id: MessageRef<'_>) -> Option<&'h Frame> {
        self.messages.get(&id).copied()
    }

    /// The time by which a frame that was sent at `sent` had certainly been handled: a message that
    /// was sent later on the connection was received back.
    pub fn handled(&self, sent: Nanoseconds) -> Option<Nanoseconds> {
        let later = self.echoes.partition_point(|(echoed, _)| *echoed <= sent);
        self.echoes.get(later).map(|(_, received)| *received)
    }

    /// The time at which it received the message that was sent last, if that was sent after `at`.
    pub fn received_later(&self, at: Nanoseconds) -> Option<Nanoseconds> {
        self.newest.filter(|(sent, _)| *sent > at).map(|(_, received)| received)
    }

    /// Returns whether it received a message that was sent after `at`.
    pub fn received_newer_than(&self, at: Nanoseconds) -> bool {
        self.newest.is_some_and(|(sent, _)| sent > at)
    }

    /// The event that has to follow a frame that was sent at `sent`.
    pub fn pending_event(&self, sent: Nanoseconds) -> PendingEvent {
        let (handled, on) = (self.handled(sent), Some(self.connection.id));
        PendingEvent { at: sent, on, handled, until: self.until }
    }

    /// Returns whether its user was certainly a member from the handshake to the end of
    /// `meanwhile`. A socket that outlived a membership may stay silent after the user joins again
    /// (removed-socket).
    pub fn is_entitled(&self, room: &Room<'_>, meanwhile: Interval) -> bool {
        // The target may have accepted the socket long before it confirmed that, and the membership
        // may have ended in between.
        let invoked = self.connection.invoked.min(meanwhile.invoked);
        room.surely_member(self.user, Interval { invoked, ..meanwhile })
    }

    /// The time during which it was open.
    pub fn interval(&self) -> Interval {
        Interval { invoked: self.established, returned: self.until }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;

    fn sent(at: u64, text: &str) -> String {
        format!(r#"[{at}..{at}] alice@r1 -> {{"type": "chat_message", "message": "{text}"}}"#)
    }

    fn received(at: u64, who: &str, text: &str) -> String {
        format!(
            r#"[{at}..{at}] {who}@r1 <- @chat_message {{"message": {{"id": "${text}", "room_id": "$r1", "content": "{text}", "sender": {{"id": 1}}}}}}"#
        )
    }

    /// When it is proven that bob does not receive what alice sent at 20 ms, and that alice is not
    /// answered.
    fn proven(lines: &[String]) -> [Option<u64>; 2] {
        let history = dsl::parse(&format!(
            "[10..10] alice@r1 open\n[10..10] bob@r1 open\n{}",
            lines.join("\n")
        ))
        .unwrap();
        let model = Model::of(&history);
        let [alice, bob] = &model.sockets.all().collect::<Vec<_>>()[..] else {
            panic!("two sockets")
        };
        let at = Nanoseconds::from_millis(20);
        let absence = model.sockets.absence_proven_at(alice.pending_event(at), bob);
        [absence, model.sockets.silence_proven_at(alice, at)].map(|time| Some(time?.as_millis()))
    }

    #[test]
    fn a_later_message_is_a_fence() {
        let lost = sent(20, "a");
        assert_eq!(proven(std::slice::from_ref(&lost)), [None, None]);
        let fenced = [lost.clone(), sent(25, "b"), received(30, "bob", "b")];
        assert_eq!(proven(&fenced), [Some(30), None]);
        // A message that was sent earlier proves nothing.
        let earlier = [sent(15, "b"), lost.clone(), received(30, "bob", "b")];
        assert_eq!(proven(&earlier), [None, None]);
        // The sender's own message shows that earlier frames were handled.
        let echoed = [lost, sent(25, "b"), received(30, "alice", "b")];
        assert_eq!(proven(&echoed), [None, Some(30)]);
    }

    #[test]
    fn waiting_for_the_timeout_proves_an_absence() {
        // The timeout of the DSL is 50 ms.
        let waited =
            |until: u64| [sent(20, "a"), format!("[{until}..{until}] carol rooms.list => 200 []")];
        assert_eq!(proven(&waited(69)), [None, None]);
        assert_eq!(proven(&waited(70)), [Some(70), Some(70)]);
    }

    #[test]
    fn sockets_without_a_valid_token_do_not_listen() {
        let history = dsl::parse("bob[garbage]@r1 open\nbob@r1 mute-open\nbob@r1 open").unwrap();
        let model = Model::of(&history);
        assert_eq!(model.sockets.all().count(), 1);
        assert_eq!(model.sockets.in_room(&dsl::id("r1").into()).count(), 1);
        assert_eq!(model.sockets.in_room(&dsl::id("r2").into()).count(), 0);
    }
}
