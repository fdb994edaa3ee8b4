//! The messages that one part of a room sent, for the other parts.

use hearback_history::Nanoseconds;
use serde::{Deserialize, Serialize};

use super::index::Sequence;

/// The messages that one part of a room sent, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendLog {
    /// Microseconds from the send time of each message to the next one, from the common start on.
    steps: Vec<u32>,
    /// Messages that were never written, in ascending order.
    withdrawn: Vec<Sequence>,
    /// The last send time, in microseconds since the common start.
    #[serde(skip)]
    last: u64,
}

/// The send times of a log.
#[derive(Debug)]
pub(super) struct SendTimes<'a> {
    /// Microseconds since the common start, in ascending order.
    times: Vec<u64>,
    withdrawn: &'a [Sequence],
}

impl SendLog {
    /// Adds a message that was sent at a time since the common start.
    pub(super) fn push(&mut self, sent: Nanoseconds) {
        // Two senders can have read the clock in another order than they sent.
        let sent = (sent.get() / 1000).max(self.last);
        let step = u32::try_from(sent - self.last).unwrap_or(u32::MAX);
        self.steps.push(step);
        self.last += u64::from(step);
    }

    /// Records that a message was not written after all.
    pub(super) fn withdraw(&mut self, sequence: Sequence) {
        if let Err(index) = self.withdrawn.binary_search(&sequence) {
            self.withdrawn.insert(index, sequence);
        }
    }

    pub(super) fn times(&self) -> SendTimes<'_> {
        let times = self.steps.iter().scan(0, |time, step| {
            *time += u64::from(*step);
            Some(*time)
        });
        SendTimes { times: times.collect(), withdrawn: &self.withdrawn }
    }
}

impl SendTimes<'_> {
    /// Number of messages.
    pub(super) fn count(&self) -> Sequence {
        // No run sends four billion messages to one room.
        self.times.len() as Sequence
    }

    /// The first message that was sent at a time since the common start, in nanoseconds, or later.
    pub(super) fn first_at(&self, time: i128) -> Sequence {
        self.times.partition_point(|sent| i128::from(*sent) * 1000 < time) as Sequence
    }

    /// The messages of a range that were written.
    pub(super) fn written(&self, from: Sequence, to: Sequence) -> usize {
        let index = |sequence| self.withdrawn.partition_point(|it| *it < sequence);
        to.saturating_sub(from) as usize - index(to.max(from)).saturating_sub(index(from))
    }

    /// The messages that were never written.
    pub(super) fn withdrawn(&self) -> &[Sequence] {
        self.withdrawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_as_microseconds() {
        let mut log = SendLog::default();
        for time in [1_000_000, 3_500_999, 2_000_000, 9_000_000] {
            log.push(Nanoseconds::new(time));
        }
        log.withdraw(2);
        log.withdraw(2);
        let json = serde_json::to_string(&log).unwrap();
        let read: SendLog = serde_json::from_str(&json).unwrap();
        let times = read.times();
        assert_eq!(times.times, [1000, 3500, 3500, 9000]);
        assert_eq!(times.count(), 4);
        let first = [-5, 1_000_000, 1_000_001, 3_500_000, 9_000_001].map(|it| times.first_at(it));
        assert_eq!(first, [0, 0, 1, 1, 4]);
        assert_eq!([times.written(0, 4), times.written(2, 3), times.written(3, 1)], [3, 0, 0]);
    }
}
