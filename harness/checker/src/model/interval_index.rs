//! Intervals that can be asked quickly whether any of them overlaps another.

use hearback_history::{Interval, Nanoseconds};

/// A set of intervals, sorted by invocation.
#[derive(Clone, Debug, Default)]
pub struct IntervalIndex {
    intervals: Vec<Interval>,
    /// For each position, the latest return up to it.
    latest: Vec<Nanoseconds>,
    /// Every return, in order.
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
    /// No interval at all.
    pub const EMPTY: Self = Self { intervals: Vec::new(), latest: Vec::new(), ended: Vec::new() };

    /// Whether any of the intervals overlaps `other`. O(log n).
    pub fn overlaps(&self, other: Interval) -> bool {
        let begun = self.intervals.partition_point(|interval| interval.invoked <= other.returned);
        begun > 0 && self.latest[begun - 1] >= other.invoked
    }

    /// How many of the intervals overlap `other`. O(log n).
    pub fn count_overlapping(&self, other: Interval) -> usize {
        self.begun_by(other) - self.ended.partition_point(|returned| *returned < other.invoked)
    }

    /// The latest return of those that began before the end of `other`. O(log n).
    pub fn latest_return(&self, other: Interval) -> Option<Nanoseconds> {
        self.begun_by(other).checked_sub(1).map(|last| self.latest[last])
    }

    /// How many of the intervals began before the end of `other`. O(log n).
    pub fn begun_by(&self, other: Interval) -> usize {
        self.intervals.partition_point(|interval| interval.invoked <= other.returned)
    }

    /// The intervals, by invocation.
    pub fn iter(&self) -> impl Iterator<Item = Interval> {
        self.intervals.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_looking_at_each_would() {
        let of = |invoked, returned| Interval {
            invoked: Nanoseconds::new(invoked),
            returned: Nanoseconds::new(returned),
        };
        let all = [of(10, 20), of(1, 3), of(12, 14), of(40, u64::MAX)];
        let interval_index: IntervalIndex = all.into_iter().collect();
        for invoked in 0..50 {
            for returned in invoked..50 {
                let asked = of(invoked, returned);
                let expected = all.iter().any(|interval| interval.overlaps(asked));
                assert_eq!(interval_index.overlaps(asked), expected, "{asked:?}");
                let count = all.iter().filter(|interval| interval.overlaps(asked)).count();
                assert_eq!(interval_index.count_overlapping(asked), count, "{asked:?}");
                let begun = all.iter().filter(|interval| interval.invoked <= asked.returned);
                let latest = begun.map(|interval| interval.returned).max();
                assert_eq!(interval_index.latest_return(asked), latest, "{asked:?}");
            }
        }
    }
}
