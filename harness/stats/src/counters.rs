//! Counting while a run goes on: one tally a shard, merged exactly.

use std::collections::BTreeMap;

use crate::Nanoseconds;
use crate::distribution::Distribution;
use crate::errors::{ErrorCounts, ErrorKind};
use crate::ledger::Delivery;

/// Latencies that are no deliveries of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecondaryLatency {
    /// From the intended time of an opening to `connection_established`.
    Connect,
    /// From the write of a `typing` event to each who saw it.
    Typing,
    /// From the write of a `read_receipt` to each who saw it.
    Receipt,
    /// From the intended time of a send to its write: the generator's own doing.
    Lag,
}

/// What one shard of a swarm has seen.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// By the lower bound of the room's size class.
    pub by_size: BTreeMap<usize, SizeCounters>,
    /// Of the second that is going on.
    pub second: SecondCounters,
    /// Latencies of everything else.
    pub secondary: BTreeMap<SecondaryLatency, Distribution>,
}

/// What is counted of the second that is going on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecondCounters {
    /// Sends that were due.
    pub offered: u64,
    /// Sends that were written.
    pub sent: u64,
    /// Deliveries that had to come, and came.
    pub delivered: u64,
    /// Requests answered.
    pub requests: u64,
    /// What went wrong.
    pub errors: ErrorCounts,
    /// To each recipient, from the intended time.
    pub delivery: Distribution,
    /// To the last recipient, from the intended time.
    pub last: Distribution,
    /// The generator's own lag.
    pub lag: Distribution,
}

/// Rooms of one size class.
#[derive(Clone, Debug, Default)]
pub struct SizeCounters {
    /// To each recipient, from the intended time.
    pub delivery: Distribution,
    /// To each recipient, from the send.
    pub service: Distribution,
    /// To the sender, from the intended time.
    pub own: Distribution,
    /// To the last recipient, from the intended time.
    pub last: Distribution,
    /// What went wrong.
    pub errors: ErrorCounts,
}

/// The size class of a room: the power of two at or below its number of members.
pub fn size_class(members: usize) -> usize {
    members.max(1).checked_ilog2().map_or(1, |exponent| 1 << exponent)
}

impl Counters {
    /// Notes a delivery in a room of a size class. Latencies of messages due before `from` are not kept.
    pub fn deliver(&mut self, class: usize, delivery: &Delivery, from: Nanoseconds) {
        self.second.delivered += u64::from(delivery.had_to_come());
        let Delivery::Due { latency, service, own, intended, last } = *delivery else { return };
        self.second.delivery.record(latency);
        if let Some(last) = last {
            self.second.last.record(last);
        }
        if intended < from {
            return;
        }
        let size = self.by_size.entry(class).or_default();
        size.delivery.record(latency);
        size.service.record(service);
        if own {
            size.own.record(latency);
        }
        if let Some(last) = last {
            size.last.record(last);
        }
    }

    /// Notes that a message is complete because who missed it has left.
    pub fn complete(&mut self, class: usize, last: Nanoseconds) {
        self.second.last.record(last);
        self.by_size.entry(class).or_default().last.record(last);
    }

    /// Notes a latency that is no delivery.
    pub fn record_secondary(&mut self, kind: SecondaryLatency, latency: Nanoseconds) {
        if kind == SecondaryLatency::Lag {
            self.second.lag.record(latency);
        }
        self.secondary.entry(kind).or_default().record(latency);
    }

    /// Notes that something went wrong in a room of a size class.
    pub fn error(&mut self, class: usize, kind: ErrorKind) {
        self.second.errors.add(kind, 1);
        self.by_size.entry(class).or_default().errors.add(kind, 1);
    }

    /// Gives the second that is over, and begins the next one.
    ///
    /// Memory that a system gives is empty, and costs nothing where nobody looks: a new second is cheaper than one
    /// whose every count is set back.
    pub fn turn(&mut self) -> SecondCounters {
        std::mem::take(&mut self.second)
    }

    /// Adds all of another shard.
    pub fn merge(&mut self, other: &Self) {
        for (class, size) in &other.by_size {
            self.by_size.entry(*class).or_default().merge(size);
        }
        for (kind, latencies) in &other.secondary {
            self.secondary.entry(*kind).or_default().merge(latencies);
        }
        self.second.merge(&other.second);
    }
}

impl SizeCounters {
    /// Adds all of another one.
    pub fn merge(&mut self, other: &Self) {
        self.delivery.merge(&other.delivery);
        self.service.merge(&other.service);
        self.own.merge(&other.own);
        self.last.merge(&other.last);
        self.errors.merge(&other.errors);
    }
}

impl SecondCounters {
    /// Adds the counts and latencies of another shard for the same second.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.requests += other.requests;
        self.errors.merge(&other.errors);
        self.delivery.merge(&other.delivery);
        self.last.merge(&other.last);
        self.lag.merge(&other.lag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: Delivery = Delivery::Due {
        latency: 2_000_000,
        service: 1_000_000,
        own: true,
        intended: 10,
        last: None,
    };

    #[test]
    fn classes_are_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 4, 50, 64, 1000].map(size_class), [1, 1, 2, 2, 4, 32, 64, 512]);
    }

    #[test]
    fn warm_up_shows_in_the_series_only() {
        let mut counters = Counters::default();
        counters.deliver(2, &DUE, 11);
        assert_eq!(counters.second.delivery.samples(), 1);
        assert!(counters.by_size.is_empty());
        counters.deliver(2, &DUE, 10);
        let size = &counters.by_size[&2];
        assert_eq!(
            [&size.delivery, &size.service, &size.own].map(Distribution::samples),
            [1, 1, 1]
        );
        assert_eq!(size.last.samples(), 0);
        let sum = counters.turn();
        assert_eq!((sum.delivered, sum.delivery.samples()), (2, 2));
        assert_eq!(counters.second, SecondCounters::default());
    }

    #[test]
    fn shards_add_up() {
        let mut shards = [Counters::default(), Counters::default()];
        for (shard, class) in shards.iter_mut().zip([2, 4]) {
            shard.deliver(class, &DUE, 0);
            shard.record_secondary(SecondaryLatency::Lag, 5);
            shard.error(class, ErrorKind::ErrorEvent);
        }
        let mut merged = Counters::default();
        shards.iter().for_each(|shard| merged.merge(shard));
        assert_eq!(merged.by_size.len(), 2);
        assert_eq!(merged.second.delivered, 2);
        assert_eq!(merged.secondary[&SecondaryLatency::Lag].samples(), 2);
        assert_eq!(merged.second.errors.of(ErrorKind::ErrorEvent), 2);
    }
}
