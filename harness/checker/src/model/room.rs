//! Rooms that this run created.

use std::collections::BTreeMap;

use hearback_contract::{MessageId, RoomId, UserId};
use hearback_history::{ActorName, Call, Interval, Nanoseconds};

use super::interval_index::IntervalIndex;
use super::membership::Membership;
use super::read_state::ReadState;
use super::send_index::SendIndex;

/// The kind of data that a write changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WriteKind {
    /// A new message.
    Send,
    /// An edit or a deletion.
    Alter,
    /// A receipt or a read mark.
    Read,
    /// A participant joins, leaves, is added, removed or muted.
    Membership,
    /// The room is archived.
    Room,
}

impl WriteKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Send, Self::Alter, Self::Read, Self::Membership, Self::Room];
}

/// A room that this run created.
#[derive(Clone, Debug)]
pub struct Room<'h> {
    /// The id.
    pub id: RoomId,
    /// The call of rooms.create.
    pub creation: &'h Call,
    /// The actor that created it.
    pub creator: ActorName,
    /// The requested `room_type`.
    pub room_type: Option<&'h str>,
    /// The requested `name`.
    pub name: Option<&'h str>,
    /// Memberships, by user id.
    pub members: BTreeMap<UserId, Vec<Membership>>,
    /// The times of archiving, one for each request that succeeded or may have.
    pub archived: Vec<Interval>,
    /// Ids of the messages, in the order of sending.
    pub messages: Vec<MessageId>,
    /// True if messages were observed that this run is not known to have sent: system messages,
    /// messages of other clients, or sends of unknown outcome.
    pub has_foreign_messages: bool,
    /// The marks and receipts of its members.
    pub read_state: ReadState<'h>,
    /// The times of all sends, by sender.
    pub(super) sends: SendIndex,
    /// The times at which messages were acknowledged, sorted.
    pub(super) acknowledged: Vec<Nanoseconds>,
    /// The times from which on messages may have been deleted, sorted.
    pub(super) deleted: Vec<Nanoseconds>,
    pub(super) writes: BTreeMap<WriteKind, IntervalIndex>,
}

static NONE: IntervalIndex = IntervalIndex::EMPTY;

impl Room<'_> {
    /// The times at which writes of one kind were in flight.
    pub fn writes(&self, kind: WriteKind) -> &IntervalIndex {
        self.writes.get(&kind).unwrap_or(&NONE)
    }

    /// Returns whether the user was certainly a member during the whole `interval`.
    pub fn surely_member(&self, user: UserId, interval: Interval) -> bool {
        self.members.get(&user).into_iter().flatten().any(|membership| {
            membership.joined.precedes(interval)
                && membership.left.is_none_or(|left| interval.precedes(left))
        })
    }

    /// Returns whether the user was certainly not a member at any moment of `interval`.
    pub fn surely_outside(&self, user: UserId, interval: Interval) -> bool {
        self.members.get(&user).into_iter().flatten().all(|membership| {
            interval.precedes(membership.joined)
                || membership.left.is_some_and(|left| left.precedes(interval))
        })
    }

    /// User ids of the members during `interval`; `None` if they changed or one of them is
    /// uncertain.
    pub fn members_at(&self, interval: Interval) -> Option<Vec<UserId>> {
        if self.writes(WriteKind::Membership).overlaps(interval) {
            return None;
        }
        let (members, others): (Vec<UserId>, Vec<UserId>) =
            self.members.keys().partition(|user| self.surely_member(**user, interval));
        others.iter().all(|user| self.surely_outside(*user, interval)).then_some(members)
    }

    /// Returns whether the user was certainly a member from the creation of the room to the end of
    /// `interval`. Messages from before a later join may be hidden; from such a user nothing may
    /// be.
    pub fn surely_initial_member(&self, user: UserId, interval: Interval) -> bool {
        self.members.get(&user).and_then(|memberships| memberships.first()).is_some_and(
            |membership| {
                membership.joined == self.creation.interval()
                    && membership.joined.precedes(interval)
                    && membership.left.is_none_or(|left| interval.precedes(left))
            },
        )
    }

    /// The number of messages that were acknowledged before `interval`. O(log n).
    pub fn acknowledged_before(&self, interval: Interval) -> usize {
        self.acknowledged.partition_point(|returned| *returned < interval.invoked)
    }

    /// The number of messages that may have been deleted by the end of `interval`. O(log n).
    pub fn maybe_deleted_by(&self, interval: Interval) -> usize {
        self.deleted.partition_point(|invoked| *invoked <= interval.returned)
    }

    /// Returns whether the room was certainly archived before `interval`.
    pub fn surely_archived(&self, interval: Interval) -> bool {
        self.archived.iter().any(|archived| archived.precedes(interval))
    }

    /// Returns whether the room was certainly not archived until the end of `interval`.
    pub fn surely_active(&self, interval: Interval) -> bool {
        self.archived.iter().all(|archived| interval.precedes(*archived))
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;

    fn at(invoked: u64, returned: u64) -> Interval {
        let [invoked, returned] = [invoked, returned].map(Nanoseconds::from_millis);
        Interval { invoked, returned }
    }

    /// Queries a room that alice creates with bob at 1 to 2 ms, after `lines`.
    fn query<T>(lines: &str, query: impl FnOnce(&Room<'_>) -> T) -> T {
        let history = dsl::parse(&format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            {lines}"#
        ))
        .unwrap();
        query(&Model::of(&history).rooms[dsl::id("r1").as_str()])
    }

    #[test]
    fn a_departure_makes_membership_uncertain_while_it_is_in_flight() {
        query("[10..20] bob rooms.leave $r1 => 200 {}", |room| {
            assert!(room.surely_member(2.into(), at(3, 9)));
            assert!(!room.surely_member(2.into(), at(3, 15)));
            assert!(!room.surely_outside(2.into(), at(15, 16)));
            assert!(room.surely_outside(2.into(), at(21, 22)));
            assert!(room.surely_outside(3.into(), at(3, 9)));
            assert_eq!(room.members_at(at(3, 9)), Some(vec![1.into(), 2.into()]));
            assert_eq!(room.members_at(at(15, 16)), None);
            assert_eq!(room.members_at(at(21, 22)), Some(vec![1.into()]));
        });
    }

    #[test]
    fn initial_members_are_those_of_the_creation() {
        let lines =
            r#"[10..11] alice participants.add {"room": "$r1", "user": 3} => 201 @participant"#;
        query(lines, |room| {
            assert!(room.surely_initial_member(2.into(), at(20, 30)));
            assert!(room.surely_member(3.into(), at(20, 30)));
            assert!(!room.surely_initial_member(3.into(), at(20, 30)));
        });
    }

    #[test]
    fn acknowledged_and_deleted_messages_are_counted() {
        let send = |times: &str, id: &str| {
            format!(
                r#"{times} alice messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}", "room": "$r1"}}"#
            )
        };
        let lines = [
            send("[10..20]", "m1"),
            send("[12..18]", "m2"),
            "[30..40] alice messages.delete $m1 => ?".to_owned(),
        ];
        query(&lines.join("\n"), |room| {
            assert_eq!(
                [17, 19, 21].map(|time| room.acknowledged_before(at(time, time))),
                [0, 1, 2]
            );
            assert_eq!([29, 30].map(|time| room.maybe_deleted_by(at(time, time))), [0, 1]);
            assert!(room.writes(WriteKind::Alter).overlaps(at(99, 99)));
            assert!(!room.writes(WriteKind::Read).overlaps(at(0, 99)));
        });
    }

    #[test]
    fn archiving_is_certain_once_it_returned() {
        query("[10..20] alice rooms.archive $r1 => 200 @room", |room| {
            let states = |interval| (room.surely_active(interval), room.surely_archived(interval));
            assert_eq!(states(at(3, 9)), (true, false));
            assert_eq!(states(at(15, 16)), (false, false));
            assert_eq!(states(at(21, 22)), (false, true));
        });
    }
}
