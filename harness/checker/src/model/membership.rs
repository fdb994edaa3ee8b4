//! Stays in a room, from the joins and departures that overlap as they like.

use hearback_history::{Interval, Nanoseconds};

/// How somebody came out of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// By rooms.leave.
    Left,
    /// By participants.remove.
    Removed,
}

/// One membership of a user in a room.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Joined within this; an attempt of unknown outcome returns never.
    pub joined: Interval,
    /// Left or was removed not before this begins, and surely when it ends: never, if nothing that was
    /// begun after joining is known to have succeeded.
    pub left: Option<Interval>,
    /// How, where that can be told.
    pub departure: Option<Departure>,
    /// Whether as an admin: as asked for, unless the answer says otherwise.
    pub is_admin: Option<bool>,
}

/// What one user did to be in one room or out of it; writes of unknown outcome return never.
#[derive(Clone, Debug, Default)]
pub(super) struct MembershipChanges {
    /// When, and whether as an admin, where that can be told.
    pub(super) joins: Vec<(Interval, Option<bool>)>,
    pub(super) departures: Vec<(Interval, Departure)>,
}

impl MembershipChanges {
    /// A membership for each join. O(n log n).
    pub(super) fn memberships(mut self) -> Vec<Membership> {
        self.joins.sort_by_key(|(join, _)| join.invoked);
        // Which of two that overlap came last is unknown: a departure that does not surely precede the
        // join may have ended the membership, and one that surely follows it did.
        let mut possible: Vec<Interval> = self.departures.iter().map(|(at, _)| *at).collect();
        let mut certain = possible.clone();
        possible.sort_by_key(|departure| departure.returned);
        running_minimum(&mut possible, |departure| &mut departure.invoked);
        certain.sort_by_key(|departure| departure.invoked);
        running_minimum(&mut certain, |departure| &mut departure.returned);
        self.departures.sort_by_key(|(departure, _)| departure.invoked);
        let membership = |(joined, is_admin): &(Interval, Option<bool>)| {
            let first = possible.partition_point(|departure| departure.precedes(*joined));
            let surely = certain.partition_point(|departure| !joined.precedes(*departure));
            let left = possible.get(first).map(|departure| Interval {
                invoked: departure.invoked,
                returned: certain
                    .get(surely)
                    .map_or(Nanoseconds::MAX, |departure| departure.returned),
            });
            Membership {
                joined: *joined,
                left,
                departure: left.and_then(|left| self.kind(left)),
                is_admin: *is_admin,
            }
        };
        self.joins.iter().map(membership).collect()
    }

    /// How somebody departed within `left`, if every way that may have been is the same.
    fn kind(&self, left: Interval) -> Option<Departure> {
        let begin = self.departures.partition_point(|(at, _)| at.invoked < left.invoked);
        let mut kinds = self.departures[begin..]
            .iter()
            .take_while(|(at, _)| at.invoked <= left.returned)
            .map(|(_, kind)| *kind);
        let kind = kinds.next()?;
        kinds.all(|other| other == kind).then_some(kind)
    }
}

/// Replaces a part of each interval by the least of its own and all later ones.
fn running_minimum(intervals: &mut [Interval], part: impl Fn(&mut Interval) -> &mut Nanoseconds) {
    let mut least = Nanoseconds::MAX;
    for interval in intervals.iter_mut().rev() {
        let part = part(interval);
        least = least.min(*part);
        *part = least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(invoked: u64, returned: u64) -> Interval {
        Interval { invoked: Nanoseconds::new(invoked), returned: Nanoseconds::new(returned) }
    }

    fn memberships(joins: &[Interval], departures: &[Interval]) -> Vec<Option<Interval>> {
        let departures = departures.iter().map(|at| (*at, Departure::Left)).collect();
        let joins = joins.iter().map(|at| (*at, None)).collect();
        let memberships = MembershipChanges { joins, departures }.memberships();
        memberships.into_iter().map(|membership| membership.left).collect()
    }

    #[test]
    fn a_departure_ends_the_stays_that_it_follows() {
        assert_eq!(memberships(&[of(1, 2)], &[]), [None]);
        assert_eq!(memberships(&[of(1, 2), of(5, 6)], &[of(3, 4)]), [Some(of(3, 4)), None]);
        // Whichever of two that overlap was invoked first, the other may have come last.
        let never = u64::MAX;
        assert_eq!(memberships(&[of(4, 6)], &[of(5, 7)]), [Some(of(5, never))]);
        assert_eq!(memberships(&[of(5, 7)], &[of(4, 6)]), [Some(of(4, never))]);
        // In ambiguity until the next that is certain; an unknown outcome is never certain.
        assert_eq!(memberships(&[of(5, 7)], &[of(4, 6), of(9, 11)]), [Some(of(4, 11))]);
        assert_eq!(memberships(&[of(5, 7)], &[of(3, never)]), [Some(of(3, never))]);
    }

    #[test]
    fn how_somebody_departed_is_known_if_it_was_one_way() {
        let departures = vec![
            (of(3, 4), Departure::Left),
            (of(9, 12), Departure::Removed),
            (of(10, 13), Departure::Left),
        ];
        let joins = vec![(of(1, 2), None), (of(7, 8), None)];
        let changes = MembershipChanges { joins, departures };
        let kinds: Vec<_> =
            changes.memberships().into_iter().map(|membership| membership.departure).collect();
        assert_eq!(kinds, [Some(Departure::Left), None]);
    }
}
