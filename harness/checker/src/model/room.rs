//! Rooms that the run made.

use std::collections::BTreeMap;

use hearback_history::{ActorName, Call, Interval, Nanoseconds};

use super::interval_index::IntervalIndex;
use super::membership::Membership;
use super::read_state::ReadState;
use super::unread_bounds::SendIndex;

/// What a write changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WriteKind {
    /// A message more.
    Send,
    /// An edit or a deletion.
    Alter,
    /// A receipt or a read mark.
    Read,
    /// Somebody joins, leaves, is added or removed, or is muted.
    Membership,
    /// The room itself: archived.
    Room,
}

impl WriteKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Send, Self::Alter, Self::Read, Self::Membership, Self::Room];
}

/// A room that the run made.
#[derive(Clone, Debug)]
pub struct Room<'h> {
    /// Its id.
    pub id: String,
    /// The call that made it.
    pub creation: &'h Call,
    /// Who made it.
    pub creator: ActorName,
    /// The `room_type` asked for.
    pub room_type: Option<&'h str>,
    /// The `name` asked for.
    pub name: Option<&'h str>,
    /// Stays by user id.
    pub members: BTreeMap<i64, Vec<Membership>>,
    /// When it was archived, once for each attempt.
    pub archived: Vec<Interval>,
    /// Ids of its messages, in the order in which they were sent.
    pub messages: Vec<String>,
    /// Whether messages were seen in it that this run is not known to have sent: the target's own, or
    /// sends of unknown outcome.
    pub has_foreign_messages: bool,
    /// Who marked what of it as read.
    pub read_state: ReadState<'h>,
    /// Who sent how many messages when.
    pub(super) sends: SendIndex,
    /// When its messages were acknowledged, in order.
    pub(super) acknowledged: Vec<Nanoseconds>,
    /// When its messages may have been deleted first, in order.
    pub(super) deleted: Vec<Nanoseconds>,
    pub(super) writes: BTreeMap<WriteKind, IntervalIndex>,
}

static NONE: IntervalIndex = IntervalIndex::EMPTY;

impl Room<'_> {
    /// When writes of one kind were in flight.
    pub fn writes(&self, kind: WriteKind) -> &IntervalIndex {
        self.writes.get(&kind).unwrap_or(&NONE)
    }

    /// Whether the user was a member during the whole of `interval`, without a ambiguity.
    pub fn surely_member(&self, user: i64, interval: Interval) -> bool {
        self.members.get(&user).into_iter().flatten().any(|membership| {
            membership.joined.precedes(interval)
                && membership.left.is_none_or(|left| interval.precedes(left))
        })
    }

    /// Whether the user was no member at any moment of `interval`, without a ambiguity.
    pub fn surely_outside(&self, user: i64, interval: Interval) -> bool {
        self.members.get(&user).into_iter().flatten().all(|membership| {
            interval.precedes(membership.joined)
                || membership.left.is_some_and(|left| left.precedes(interval))
        })
    }

    /// User ids of the members during `interval`; `None` if a change overlaps it or somebody is in ambiguity.
    pub fn members_at(&self, interval: Interval) -> Option<Vec<i64>> {
        if self.writes(WriteKind::Membership).overlaps(interval) {
            return None;
        }
        let (members, others): (Vec<i64>, Vec<i64>) =
            self.members.keys().partition(|user| self.surely_member(**user, interval));
        others.iter().all(|user| self.surely_outside(*user, interval)).then_some(members)
    }

    /// Whether the user was a member from the creation of the room to the end of `interval`, without a
    /// ambiguity: nothing in it can be hidden from somebody who joined later.
    pub fn surely_initial_member(&self, user: i64, interval: Interval) -> bool {
        self.members.get(&user).and_then(|memberships| memberships.first()).is_some_and(
            |membership| {
                membership.joined == self.creation.interval()
                    && membership.joined.precedes(interval)
                    && membership.left.is_none_or(|left| interval.precedes(left))
            },
        )
    }

    /// How many of its messages were acknowledged before `interval`. O(log n).
    pub fn acknowledged_before(&self, interval: Interval) -> usize {
        self.acknowledged.partition_point(|returned| *returned < interval.invoked)
    }

    /// How many of its messages may have been deleted by the end of `interval`. O(log n).
    pub fn maybe_deleted_by(&self, interval: Interval) -> usize {
        self.deleted.partition_point(|invoked| *invoked <= interval.returned)
    }

    /// Whether the room was surely archived before `interval`.
    pub fn surely_archived(&self, interval: Interval) -> bool {
        self.archived.iter().any(|archived| archived.precedes(interval))
    }

    /// Whether the room was surely not archived until the end of `interval`.
    pub fn surely_active(&self, interval: Interval) -> bool {
        self.archived.iter().all(|archived| interval.precedes(*archived))
    }
}
