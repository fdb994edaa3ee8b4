//! Memberships, computed from joins and departures that may overlap.

use hearback_history::{Interval, Nanoseconds};

/// The operation that ended a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// rooms.leave.
    Left,
    /// participants.remove.
    Removed,
}

/// One membership of a user in a room.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The time of joining; without end if its outcome is unknown.
    pub joined: Interval,
    /// The time of departure: not before it begins, and certainly by its end. It has no end if no
    /// departure is certain.
    pub left: Option<Interval>,
    /// The operation that ended it, if it is certain.
    pub departure: Option<Departure>,
    /// The role with which the user joined (true for an admin), if it is certain.
    pub is_admin: Option<bool>,
}

/// The joins and departures of one user in one room; writes of unknown outcome never return.
#[derive(Clone, Debug, Default)]
pub(super) struct MembershipChanges {
    /// Each join, and whether it was as an admin if that is certain.
    pub(super) joins: Vec<(Interval, Option<bool>)>,
    pub(super) departures: Vec<(Interval, Departure)>,
}

impl MembershipChanges {
    /// A membership for each join. O(n log n).
    pub(super) fn memberships(mut self) -> Vec<Membership> {
        self.joins.sort_by_key(|(join, _)| join.invoked);
        // The order of overlapping writes is unknown: a departure that may follow the join may have
        // ended the membership, and one that certainly follows it has.
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

    /// The operation of all departures within `left`, if it is the same.
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

/// Replaces a part of each interval by the minimum of its own and those of all later intervals.
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
    fn a_departure_ends_earlier_memberships() {
        assert_eq!(memberships(&[of(1, 2)], &[]), [None]);
        assert_eq!(memberships(&[of(1, 2), of(5, 6)], &[of(3, 4)]), [Some(of(3, 4)), None]);
        // Either of two overlapping writes may have taken effect last.
        let never = u64::MAX;
        assert_eq!(memberships(&[of(4, 6)], &[of(5, 7)]), [Some(of(5, never))]);
        assert_eq!(memberships(&[of(5, 7)], &[of(4, 6)]), [Some(of(4, never))]);
        // The departure is uncertain until the next certain one; an unknown outcome is never
        // certain.
        assert_eq!(memberships(&[of(5, 7)], &[of(4, 6), of(9, 11)]), [Some(of(4, 11))]);
        assert_eq!(memberships(&[of(5, 7)], &[of(3, never)]), [Some(of(3, never))]);
    }

    #[test]
    fn the_operation_is_certain_if_all_departures_agree() {
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
