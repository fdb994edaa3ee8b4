//! The model of a history: the rooms, members and messages that this run created, and when.
//!
//! Rooms and messages that existed before the run are not part of it. Times are intervals, because
//! a write takes effect somewhere between its invocation and its return; a write of unknown
//! outcome never returns.
//!
//! ```text
//!                              History
//!                                 |
//!   assembly:  calls, participants, writes, socket_sends, reads, sends, streams, ambiguity, rejected, invalid_frames
//!                                 |
//!         +--------------+--------+--------+--------------+
//!         |              |                 |              |
//!      message         room, writes    membership      sockets
//!      content over    when writes     joins and       established
//!      time            took effect     departures      connections
//!         |              |                 |              |
//!         +--------------+--------+--------+--------------+
//!                                 |
//!         +--------------+--------+--------+--------------+
//!         |              |                 |              |
//!       stream        read_state      unread_bounds   invalid_frame
//!       received      who read what   fewest and      what must not be
//!       messages      and when        most unread     blamed on the
//!       in order                      messages        target
//! ```
//!
//! [`IntervalIndex`] and the dominance counter answer the queries behind these parts in logarithmic
//! time.

mod assembly;
mod dominance;
mod idleness;
mod interval_index;
mod invalid_frame;
mod mark;
mod membership;
mod message;
mod observation;
mod preview;
mod read_state;
mod room;
mod send_index;
mod socket_send;
mod sockets;
mod stream;
mod subject;
mod text_mark;
mod unread_bounds;

use ahash::{AHashMap, AHashSet, RandomState};
use hearback_contract::{MessageId, MessageRef, ParticipantId, RoomId, RoomRef, UserId};
use hearback_history::{ActorName, Interval};
use indexmap::IndexMap;

pub use idleness::IdleEnd;
pub use interval_index::IntervalIndex;
pub(crate) use invalid_frame::is_ambiguous;
pub use invalid_frame::{HUGE, InvalidFrame, InvalidFrameKind};
pub use mark::Mark;
pub use membership::{Departure, Membership};
pub use message::{DELETED_CONTENT, Message, Origin, SentFile, Version};
pub(crate) use observation::user_of;
pub use observation::{MessageObservation, ParticipantObservation, RoomObservation, Transport};
pub(crate) use preview::{folded, is_beginning, uncut};
pub use read_state::{ReadMarks, ReadState};
pub use room::{Room, WriteKind};
pub use socket_send::SocketSend;
pub use sockets::{Listener, PendingEvent, Sockets};
pub(crate) use stream::may_be_repeated;
pub use stream::{ReceivedMessage, Stream};
pub(crate) use text_mark::letters;
pub use unread_bounds::UnreadBounds;

/// Everything that the run created, and every observation of it.
#[derive(Debug, Default)]
pub struct Model<'h> {
    /// Rooms that this run created, by id.
    pub rooms: IndexMap<RoomId, Room<'h>, RandomState>,
    /// Messages that this run sent and whose ids are known, by id.
    pub messages: IndexMap<MessageId, Message<'h>, RandomState>,
    /// Every message object in a response or event, in the order of the history.
    pub observations: Vec<MessageObservation<'h>>,
    /// Every full room object in a response.
    pub room_observations: Vec<RoomObservation<'h>>,
    /// Every participant object in a response.
    pub participant_observations: Vec<ParticipantObservation<'h>>,
    /// Messages that were sent by socket.
    pub socket_sends: Vec<SocketSend<'h>>,
    /// Established connections, by room.
    pub sockets: Sockets<'h>,
    /// Sent frames that the specification does not allow.
    pub invalid_frames: Vec<InvalidFrame<'h>>,
    /// Ids of messages whose expected fields are uncertain.
    ambiguous: AHashSet<MessageId>,
    /// Ids of messages with altered texts that this run may have sent.
    unidentified_messages: AHashSet<MessageRef<'h>>,
    /// For each of `observations`, the position of its message in `messages` if this run sent it.
    identities: Vec<Option<usize>>,
    /// Rooms of observed messages that this run is not known to have sent, by message id.
    foreign_messages: AHashMap<MessageRef<'h>, RoomRef<'h>>,
    /// The messages that each socket received.
    streams: Vec<Stream<'h>>,
    /// Positions of the observations of unambiguous messages of this run, with those of the
    /// messages.
    recognized: Vec<(usize, usize)>,
    /// Room id and user id, by participant id.
    participants: AHashMap<ParticipantId, (RoomId, UserId)>,
    /// The participant id that was last seen of each current member.
    latest_participants: AHashMap<(RoomId, UserId), ParticipantId>,
    /// User ids, by actor name.
    users: AHashMap<ActorName, UserId>,
    /// An actor of unknown user id that acted in a room of this run, if there is one. Such rooms, and everything in
    /// them, are not part of the model: an event of that user would be taken for that of another.
    pub unidentified: Option<&'h ActorName>,
}

impl<'h> Model<'h> {
    /// The room with this id, if this run created it.
    pub fn room(&self, id: RoomRef<'_>) -> Option<&Room<'h>> {
        self.rooms.get(id.as_str())
    }

    /// The message with this id, if this run sent it.
    pub fn message(&self, id: MessageRef<'_>) -> Option<&Message<'h>> {
        self.messages.get(id.as_str())
    }

    /// The user id of an actor, if it is known.
    pub fn user_id(&self, actor: &ActorName) -> Option<UserId> {
        self.users.get(actor).copied()
    }

    /// Returns whether a conforming server may show other fields than requested: the message was
    /// edited or deleted by someone without permission, sent with undocumented fields, or has a
    /// text that was sent more than once.
    pub fn is_ambiguous(&self, message: &Message<'h>) -> bool {
        self.ambiguous.contains(&message.id)
    }

    /// Returns whether a message with an altered text may be one of several that this run sent.
    pub fn may_be_sent(&self, id: MessageRef<'_>) -> bool {
        self.unidentified_messages.contains(&id)
    }

    /// Every observation of a message, with the message if this run sent it.
    pub fn identified(
        &self,
    ) -> impl Iterator<Item = (&MessageObservation<'h>, Option<&Message<'h>>)> {
        let messages = self.identities.iter().map(|it| it.map(|position| &self.messages[position]));
        self.observations.iter().zip(messages)
    }

    /// The messages that each socket to a room of this run received, in the order of the
    /// handshakes.
    pub fn streams(&self) -> impl Iterator<Item = &Stream<'h>> {
        self.streams.iter().filter(|stream| self.rooms.contains_key(&stream.connection.room))
    }

    /// Observations of unambiguous messages of this run, with the messages.
    pub fn recognized(&self) -> impl Iterator<Item = (&MessageObservation<'h>, &Message<'h>)> {
        self.recognized.iter().map(|(observation, message)| {
            (&self.observations[*observation], &self.messages[*message])
        })
    }

    /// The room and user id of a participant, if the room is of this run. `None` for the id of a former membership: a
    /// server may give a user who is added again another one.
    pub fn participant(&self, id: ParticipantId) -> Option<(&Room<'h>, UserId)> {
        let (room, user) = self.participants.get(&id)?;
        let latest = self.latest_participants.get(&(room.clone(), *user));
        if latest.is_some_and(|latest| *latest != id) {
            return None;
        }
        Some((self.rooms.get(room)?, *user))
    }

    /// Returns whether a user is an admin of the room during `interval`. `None` if the user is not
    /// certainly a member for the whole interval, or may have been promoted when the last admin
    /// left (last-admin-leaves).
    pub fn is_admin(&self, room: &Room<'h>, user: UserId, interval: Interval) -> Option<bool> {
        let memberships = room.members.get(&user)?;
        let is_current = |membership: &&Membership| {
            membership.joined.precedes(interval)
                && membership.left.is_none_or(|left| interval.precedes(left))
        };
        let current = memberships.iter().rfind(is_current)?;
        // A member who was added again may have either role.
        let is_possible = |membership: &&Membership| {
            !interval.precedes(membership.joined)
                && !membership.left.is_some_and(|left| left.precedes(current.joined))
        };
        let agree = memberships
            .iter()
            .filter(is_possible)
            .all(|membership| membership.is_admin == current.is_admin);
        // No member is promoted while the creator, who is an admin, certainly stays.
        let has_creator = || {
            self.user_id(&room.creator).is_some_and(|it| room.surely_initial_member(it, interval))
        };
        current.is_admin.filter(|is_admin| agree && (*is_admin || has_creator()))
    }

    /// The actor with this user id.
    pub fn actor(&self, user_id: UserId) -> Option<&ActorName> {
        self.users.iter().find(|(_, id)| **id == user_id).map(|(actor, _)| actor)
    }

    /// Returns whether no write of `kinds` was in flight in the room during `interval`.
    pub fn is_quiet(&self, room: &Room<'h>, kinds: &[WriteKind], interval: Interval) -> bool {
        kinds.iter().all(|kind| !room.writes(*kind).overlaps(interval))
    }

    /// The newest message of a room as seen by a read; `Ok(None)` if the room has none. O(log n).
    ///
    /// # Errors
    /// If sends overlap the read or each other, if the newest message may be deleted, and if other
    /// clients wrote in the room.
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
        // No send overlaps the read, so every message was either acknowledged before it or sent
        // after it.
        let before = room.acknowledged_before(read);
        let Some(last) = before.checked_sub(1) else { return Ok(None) };
        let message =
            room.messages.get(last).and_then(|id| self.messages.get(id)).ok_or(Inconclusive)?;
        let is_alone = room.acknowledged_before(message.sent) == last;
        if is_alone && !message.maybe_deleted(read) { Ok(Some(message)) } else { Err(Inconclusive) }
    }
}

/// The history does not decide the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconclusive;

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_testkit::dsl;

    use super::*;

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"id": 11, "room": "$r1", "user": {"id": 1}}, @participant {"id": 12, "room": "$r1", "user": {"id": 2}, "is_admin": false}]}
    "#;

    fn at(invoked: u64, returned: u64) -> Interval {
        let [invoked, returned] = [invoked, returned].map(Nanoseconds::from_millis);
        Interval { invoked, returned }
    }

    /// Queries the model after [`ROOM`] and `lines`.
    fn query<T>(lines: &str, query: impl FnOnce(&Model<'_>, &Room<'_>) -> T) -> T {
        let history = dsl::parse(&format!("{ROOM}{lines}")).unwrap();
        let model = Model::of(&history);
        query(&model, &model.rooms[dsl::id("r1").as_str()])
    }

    fn send(at: &str, id: &str) -> String {
        format!(
            r#"{at} alice messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}", "room": "$r1"}}"#
        ) + "\n"
    }

    #[test]
    fn calls_are_about_the_room_that_they_name() {
        let lines = send("[3..4]", "m1")
            + r#"
            alice rooms.stats $r1 => 200 {}
            alice messages.get $m1 => 200 @message
            alice participants.list ?room=$r1 => 200 []
            alice rooms.list => 200 []
            alice rooms.get $r2 => 200 @room"#;
        query(&lines, |model, room| {
            let history = dsl::parse(&format!("{ROOM}{lines}")).unwrap();
            let is_about = history
                .calls
                .iter()
                .map(|call| model.room_of(call).is_some_and(|it| it.id == room.id));
            assert_eq!(is_about.collect::<Vec<_>>(), [true, true, true, true, true, false, false]);
            assert_eq!(
                model.participant(12.into()).map(|(room, user)| (&room.id, user)),
                Some((&room.id, 2.into()))
            );
            assert!(model.participant(13.into()).is_none());
        });
    }

    #[test]
    fn the_id_of_a_former_membership_is_not_a_participant() {
        let again = r#"
            [3..4] bob rooms.leave $r1 => 200 {}
            [5..6] alice participants.add {"room": "$r1", "user": 2} => 201 @participant {"id": 13, "room": "$r1", "user": {"id": 2}}"#;
        query(again, |model, _| {
            assert!(model.participant(12.into()).is_none());
            assert_eq!(model.participant(13.into()).map(|(_, user)| user), Some(2.into()));
        });
    }

    #[test]
    fn the_creator_is_an_admin_and_others_may_be_promoted_when_the_creator_leaves() {
        let is_admin = |lines: &str, user: i64| {
            query(lines, |model, room| model.is_admin(room, user.into(), at(50, 60)))
        };
        assert_eq!(is_admin("", 1), Some(true));
        assert_eq!(is_admin("", 2), Some(false));
        assert_eq!(is_admin("", 3), None);
        assert_eq!(is_admin("[10..11] alice rooms.leave $r1 => 200 {}", 2), None);
        let added = |flag: bool| {
            format!(
                r#"[10..11] alice participants.add {{"room": "$r1", "user": 3, "is_admin": {flag}}} => 201 @participant {{"is_admin": {flag}}}"#
            )
        };
        assert_eq!(is_admin(&added(true), 3), Some(true));
        assert_eq!(is_admin(&added(false), 3), Some(false));
    }

    #[test]
    fn the_newest_message_is_the_one_sent_last() {
        let newest = |lines: &str| {
            query(lines, |model, room| {
                let newest = model.newest(room, at(50, 60)).ok()?;
                Some(newest.map(|message| message.id.clone()))
            })
        };
        let two = send("[3..4]", "m1") + &send("[5..6]", "m2");
        assert_eq!(newest(""), Some(None));
        assert_eq!(newest(&two), Some(Some(dsl::id("m2").into())));
        // Concurrent sends, sends during the read, and uncertain deletions leave it open.
        assert_eq!(newest(&(send("[3..6]", "m1") + &send("[5..7]", "m2"))), None);
        assert_eq!(newest(&(two.clone() + &send("[55..56]", "m3"))), None);
        assert_eq!(newest(&(two.clone() + "[7..8] alice messages.delete $m2 => ?")), None);
        // A message that is sent after the read is not visible in it.
        assert_eq!(newest(&(two + &send("[70..71]", "m3"))), Some(Some(dsl::id("m2").into())));
    }
}
