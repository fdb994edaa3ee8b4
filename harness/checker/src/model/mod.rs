//! What follows from a history: who was in which room when, and which message is which.
//!
//! Only what this run made is in the model; rooms and messages that were there before are nobody's
//! business. Times are intervals: a write holds from somewhere between its invocation and its return.

mod ambiguity;
mod assembly;
mod dominance;
mod interval_index;
mod invalid_frame;
mod membership;
mod message;
mod observation;
mod read_state;
mod room;
mod socket_sends;
mod sockets;
mod stream;
mod unread_bounds;

use ahash::{AHashMap, AHashSet, RandomState};
use hearback_history::{ActorName, Call, Connection, Frame, History, Interval};
use indexmap::IndexMap;

pub use interval_index::IntervalIndex;
pub(crate) use invalid_frame::is_ambiguous;
pub use invalid_frame::{HUGE, InvalidFrame, InvalidFrameKind};
pub use membership::{Departure, Membership};
pub use message::{DELETED_CONTENT, Message, Origin, SentFile, Version};
pub use observation::{MessageObservation, ParticipantObservation, RoomObservation, Transport};
pub use read_state::{Mark, ReadMarks, ReadState};
pub use room::{Room, WriteKind};
pub use sockets::{Listener, PendingEvent, Sockets};
pub(crate) use stream::may_be_repeated;
pub use stream::{ReceivedMessage, Stream};
pub use unread_bounds::UnreadBounds;

/// Everything that the run made, and every sight of it.
#[derive(Debug, Default)]
pub struct Model<'h> {
    /// Rooms that this run created, by id.
    pub rooms: IndexMap<String, Room<'h>, RandomState>,
    /// Messages that this run sent and whose id is known, by id.
    pub messages: IndexMap<String, Message<'h>, RandomState>,
    /// Every message object in any response or event, in the order of the record.
    pub observations: Vec<MessageObservation<'h>>,
    /// Every full room object in any response.
    pub room_observations: Vec<RoomObservation<'h>>,
    /// Every participant object in any response.
    pub participant_observations: Vec<ParticipantObservation<'h>>,
    /// Messages that were sent by socket: the frame and, if it is known, the id that it got.
    pub socket_sends: Vec<SocketSend<'h>>,
    /// Who listened where.
    pub sockets: Sockets<'h>,
    /// Frames that clients must not send.
    pub invalid_frames: Vec<InvalidFrame<'h>>,
    /// Ids of messages of which less is known than it seems.
    ambiguous: AHashSet<String>,
    /// For each sight of a message its position in `messages`, if this run sent it.
    identities: Vec<Option<usize>>,
    /// Rooms of messages that were seen and that this run is not known to have sent, by the message's id.
    foreign_messages: AHashMap<&'h str, &'h str>,
    /// What each socket received.
    streams: Vec<Stream<'h>>,
    /// Positions of sights of this run's messages that are not in ambiguity, and of the messages.
    recognized: Vec<(usize, usize)>,
    /// Room id and user id by participant id.
    participants: AHashMap<i64, (String, i64)>,
    /// User ids by actor name.
    users: AHashMap<ActorName, i64>,
}

/// A message that was sent by socket.
#[derive(Clone, Debug)]
pub struct SocketSend<'h> {
    /// The connection that it was sent on.
    pub connection: &'h Connection,
    /// The frame that asked for it.
    pub frame: &'h Frame,
    /// Its text.
    pub text: &'h str,
    /// The answered message, where one was named.
    pub reply_to: Option<&'h str>,
    /// Whether nobody sent the same text to the room: otherwise it may be taken for another.
    pub is_distinct: bool,
    /// The frame that the sender got back on the same connection, if it did.
    pub echo: Option<&'h Frame>,
    /// The id that it got, if anybody received it.
    pub id: Option<String>,
}

impl<'h> Model<'h> {
    /// Works out what follows from `history`.
    pub fn of(history: &'h History) -> Self {
        let mut model = assembly::assemble(history);
        model.ambiguous = ambiguity::ambiguous_ids(&model, history);
        model.invalid_frames = invalid_frame::invalid_frames(&model);
        let is_ambiguous: Vec<bool> =
            model.messages.keys().map(|id| model.ambiguous.contains(id)).collect();
        let recognized = model.identities.iter().enumerate();
        model.recognized = recognized
            .filter_map(|(position, message)| Some((position, (*message)?)))
            .filter(|(_, message)| !is_ambiguous[*message])
            .collect();
        model.streams = stream::streams(&model);
        read_state::assign(&mut model, history);
        unread_bounds::count(&mut model, history);
        model
    }

    /// The user id of an actor, where it is known.
    pub fn user_id(&self, actor: &ActorName) -> Option<i64> {
        self.users.get(actor).copied()
    }

    /// Whether the message's fields may rightly be others than what was asked for: edited or deleted
    /// without right, with fields smuggled in, or of a text that was sent more than once.
    pub fn is_ambiguous(&self, message: &Message<'h>) -> bool {
        self.ambiguous.contains(&message.id)
    }

    /// Every sight of a message, with the message if this run sent it.
    pub fn identified(
        &self,
    ) -> impl Iterator<Item = (&MessageObservation<'h>, Option<&Message<'h>>)> {
        let messages = self.identities.iter().map(|it| it.map(|position| &self.messages[position]));
        self.observations.iter().zip(messages)
    }

    /// What each socket to a room of this run received, in the order of the handshakes.
    pub fn streams(&self) -> impl Iterator<Item = &Stream<'h>> {
        self.streams
            .iter()
            .filter(|stream| self.rooms.contains_key(stream.connection.room.as_str()))
    }

    /// Sights of this run's messages, with the message; those in ambiguity are left out.
    pub fn recognized(&self) -> impl Iterator<Item = (&MessageObservation<'h>, &Message<'h>)> {
        self.recognized.iter().map(|(observation, message)| {
            (&self.observations[*observation], &self.messages[*message])
        })
    }

    /// Room and user of the participant with this id, in rooms of this run.
    pub fn participant(&self, id: &str) -> Option<(&Room<'h>, i64)> {
        let (room, user) = self.participants.get(&id.parse().ok()?)?;
        Some((self.rooms.get(room)?, *user))
    }

    /// Whether a user is an admin of the room at any moment of `interval`; `None` if they are not surely a
    /// member all the while, or may have become an admin when the last one left (last-admin-leaves).
    pub fn is_admin(&self, room: &Room<'h>, user: i64, interval: Interval) -> Option<bool> {
        let memberships = room.members.get(&user)?;
        let is_current = |membership: &&Membership| {
            membership.joined.precedes(interval)
                && membership.left.is_none_or(|left| interval.precedes(left))
        };
        let current = memberships.iter().rfind(is_current)?;
        // Whoever was let in again while they were in may be either.
        let is_possible = |membership: &&Membership| {
            !interval.precedes(membership.joined)
                && !membership.left.is_some_and(|left| left.precedes(current.joined))
        };
        let agree = memberships
            .iter()
            .filter(is_possible)
            .all(|membership| membership.is_admin == current.is_admin);
        let heirless = || {
            self.user_id(&room.creator).is_some_and(|it| room.surely_initial_member(it, interval))
        };
        current.is_admin.filter(|is_admin| agree && (*is_admin || heirless()))
    }

    /// The actor with this user id.
    pub fn actor(&self, user_id: i64) -> Option<&ActorName> {
        self.users.iter().find(|(_, id)| **id == user_id).map(|(actor, _)| actor)
    }

    /// The room that a call is about, if this run made it: by path, query, request body, or the message
    /// or participant named.
    pub fn room_of(&self, call: &Call) -> Option<&Room<'h>> {
        self.rooms.get(assembly::room_id_of(self, call)?)
    }

    /// Whether nothing of `kinds` was in flight in the room of `id` during `interval`.
    pub fn is_quiet(&self, room: &Room<'h>, kinds: &[WriteKind], interval: Interval) -> bool {
        kinds.iter().all(|kind| !room.writes(*kind).overlaps(interval))
    }

    /// The newest message of a room as seen by a read, if that can be told: `Ok(None)` if there is none.
    ///
    /// # Errors
    /// If sends overlap the read or each other, or the newest may be deleted, or others than this run wrote.
    /// O(log n).
    pub fn newest(
        &self,
        room: &Room<'h>,
        read: Interval,
    ) -> Result<Option<&Message<'h>>, Inconclusive> {
        if room.writes(WriteKind::Send).overlaps(read)
            || room.writes(WriteKind::Alter).overlaps(read)
            || room.has_foreign_messages
        {
            return Err(Inconclusive);
        }
        // No send overlaps the read, so those that were acknowledged are those that were sent.
        let before = room.acknowledged_before(read);
        let Some(last) = before.checked_sub(1) else { return Ok(None) };
        let message =
            room.messages.get(last).and_then(|id| self.messages.get(id)).ok_or(Inconclusive)?;
        let is_alone = room.acknowledged_before(message.sent) == last;
        if is_alone && !message.maybe_deleted(read) { Ok(Some(message)) } else { Err(Inconclusive) }
    }
}

/// It cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconclusive;
