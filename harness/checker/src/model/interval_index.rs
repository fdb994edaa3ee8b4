//! Finding the intervals that overlap another one.

use hearback_history::{Interval, Nanoseconds};

/// A set of intervals that answers overlap queries in logarithmic time.
#[derive(Clone, Debug, Default)]
pub struct IntervalIndex {
    intervals: Vec<Interval>,
    /// For each position, the latest return up to it.
    latest: Vec<Nanoseconds>,
    /// The returns, sorted.
    ended: Vec<Nanoseconds>,
}

impl FromIterator<Interval> for IntervalIndex {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut intervals: Vec<_> = intervals.into_iter().collect();
        intervals.sort_by_key(|interval| interval.invoked);
        let latest = intervals
            .iter()
            .scan(Nanoseconds::ZERO, |latest, interval| {
                *latest = interval.returned.max(*latest);
                Some(*latest)
            })
            .collect();
        let mut ended: Vec<_> = intervals.iter().map(|interval| interval.returned).collect();
        ended.sort_unstable();
        Self { intervals, latest, ended }
    }
}

impl IntervalIndex {
    /// The empty set.
    pub const EMPTY: Self = Self { intervals: Vec::new(), latest: Vec::new(), ended: Vec::new() };

    /// Returns whether any of the intervals overlaps `other`. O(log n).
    pub fn overlaps(&self, other: Interval) -> bool {
        let begun = self.intervals.partition_point(|interval| interval.invoked <= other.returned);
        begun > 0 && self.latest[begun - 1] >= other.invoked
    }

    /// The number of intervals that overlap `other`. O(log n).
    pub fn count_overlapping(&self, other: Interval) -> usize {
        self.begun_by(other) - self.ended.partition_point(|returned| *returned < other.invoked)
    }

    /// The latest return of the intervals that began before the end of `other`. O(log n).
    pub fn latest_return(&self, other: Interval) -> Option<Nanoseconds> {
        self.begun_by(other).checked_sub(1).map(|last| self.latest[last])
    }

    /// The number of intervals that began before the end of `other`. O(log n).
    pub fn begun_by(&self, other: Interval) -> usize {
        self.intervals.partition_point(|interval| interval.invoked <= other.returned)
    }

    /// The intervals, sorted by invocation.
    pub fn iter(&self) -> impl Iterator<Item = Interval> {
        self.intervals.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_equal_those_of_a_linear_scan() {
        let of = |invoked, returned| Interval {
            invoked: Nanoseconds::new(invoked),
            returned: Nanoseconds::new(returned),
        };
        let all = [of(10, 20), of(1, 3), of(12, 14), of(40, u64::MAX)];
        let index: IntervalIndex = all.into_iter().collect();
        for invoked in 0..50 {
            for returned in invoked..50 {
                let query = of(invoked, returned);
                let expected = all.iter().any(|interval| interval.overlaps(query));
                assert_eq!(index.overlaps(query), expected, "{query:?}");
                let count = all.iter().filter(|interval| interval.overlaps(query)).count();
                assert_eq!(index.count_overlapping(query), count, "{query:?}");
                let begun = all.iter().filter(|interval| interval.invoked <= query.returned);
                let latest = begun.map(|interval| interval.returned).max();
                assert_eq!(index.latest_return(query), latest, "{query:?}");
            }
        }
    }
}
