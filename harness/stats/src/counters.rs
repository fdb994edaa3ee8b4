//! Counters of a running swarm: one set per shard, merged exactly.

use std::collections::BTreeMap;

use hearback_history::Nanoseconds;

use crate::distribution::Distribution;
use crate::errors::{ErrorCounts, ErrorKind};
use crate::ledger::Delivery;

/// Latencies other than those of message deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecondaryLatency {
    /// From the intended time of a connection attempt to `connection_established`.
    Connect,
    /// From the write of a `typing` event to each member that received it.
    Typing,
    /// From the write of a `read_receipt` event to each member that received it.
    Receipt,
    /// Lag of the generator: from the intended to the actual send time.
    Lag,
    /// From the intended send time to each recipient in another worker, up to the error of the clocks.
    Across,
}

/// Counters of one shard of a swarm.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Counters by [`size_class`].
    pub by_size: BTreeMap<usize, SizeCounters>,
    /// Counters of the current second.
    pub second: SecondCounters,
    /// Secondary latencies.
    pub secondary: BTreeMap<SecondaryLatency, Distribution>,
}

/// Counters of one second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecondCounters {
    /// Messages that were due.
    pub offered: u64,
    /// Messages that were written to a socket.
    pub sent: u64,
    /// Owed deliveries that arrived.
    pub delivered: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Errors by kind.
    pub errors: ErrorCounts,
    /// Latency from the intended send time to each recipient.
    pub delivery: Distribution,
    /// Latency from the intended send time to the last recipient.
    pub last: Distribution,
    /// Lag of the generator.
    pub lag: Distribution,
}

/// Counters of the rooms in one size class.
#[derive(Clone, Debug, Default)]
pub struct SizeCounters {
    /// Latency from the intended send time to each recipient.
    pub delivery: Distribution,
    /// Latency from the actual send time to each recipient.
    pub service: Distribution,
    /// Latency from the intended send time to the sender.
    pub own: Distribution,
    /// Latency from the intended send time to the last recipient.
    pub last: Distribution,
    /// Errors by kind.
    pub errors: ErrorCounts,
}

/// The size class of a room: the greatest power of two that is at most its number of members.
pub fn size_class(members: usize) -> usize {
    members.max(1).checked_ilog2().map_or(1, |exponent| 1 << exponent)
}

impl Counters {
    /// Records a delivery in a room of a size class.
    ///
    /// Latencies of messages due before `from` count only for the current second.
    pub fn record_delivery(&mut self, class: usize, delivery: &Delivery, from: Nanoseconds) {
        self.second.delivered += u64::from(delivery.was_owed());
        if let Delivery::Across { latency, intended } = *delivery
            && intended >= from
        {
            self.record_secondary(SecondaryLatency::Across, latency);
        }
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

    /// Records the latency to the last recipient of a message that was completed by a disconnect: the members that
    /// had not received it are no longer connected.
    pub fn record_completion(&mut self, class: usize, last: Nanoseconds) {
        self.second.last.record(last);
        self.by_size.entry(class).or_default().last.record(last);
    }

    /// Records a secondary latency.
    pub fn record_secondary(&mut self, kind: SecondaryLatency, latency: Nanoseconds) {
        if kind == SecondaryLatency::Lag {
            self.second.lag.record(latency);
        }
        self.secondary.entry(kind).or_default().record(latency);
    }

    /// Records an error in a room of a size class.
    pub fn record_error(&mut self, class: usize, kind: ErrorKind) {
        self.second.errors.add(kind, 1);
        self.by_size.entry(class).or_default().errors.add(kind, 1);
    }

    /// Ends the current second and returns its counters.
    ///
    /// Replacing the histograms is cheaper than resetting them, because the system provides zeroed memory and pages
    /// that are never touched cost nothing.
    pub fn take_second(&mut self) -> SecondCounters {
        std::mem::take(&mut self.second)
    }

    /// Adds the counters of another shard.
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
    /// Adds the counters of another shard for the same size class.
    pub fn merge(&mut self, other: &Self) {
        self.delivery.merge(&other.delivery);
        self.service.merge(&other.service);
        self.own.merge(&other.own);
        self.last.merge(&other.last);
        self.errors.merge(&other.errors);
    }
}

impl SecondCounters {
    /// Adds the counters of another shard for the same second.
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
        latency: Nanoseconds::from_millis(2),
        service: Nanoseconds::from_millis(1),
        own: true,
        intended: Nanoseconds::new(10),
        last: None,
    };

    #[test]
    fn size_classes_are_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 4, 50, 64, 1000].map(size_class), [1, 1, 2, 2, 4, 32, 64, 512]);
    }

    #[test]
    fn latencies_of_the_warm_up_count_for_the_second_only() {
        let mut counters = Counters::default();
        counters.record_delivery(2, &DUE, Nanoseconds::new(11));
        assert_eq!(counters.second.delivery.samples(), 1);
        assert!(counters.by_size.is_empty());
        counters.record_delivery(2, &DUE, Nanoseconds::new(10));
        let size = &counters.by_size[&2];
        assert_eq!(
            [&size.delivery, &size.service, &size.own].map(Distribution::samples),
            [1, 1, 1]
        );
        assert_eq!(size.last.samples(), 0);
        let sum = counters.take_second();
        assert_eq!((sum.delivered, sum.delivery.samples()), (2, 2));
        assert_eq!(counters.second, SecondCounters::default());
    }

    #[test]
    fn shards_merge() {
        let mut shards = [Counters::default(), Counters::default()];
        for (shard, class) in shards.iter_mut().zip([2, 4]) {
            shard.record_delivery(class, &DUE, Nanoseconds::ZERO);
            shard.record_secondary(SecondaryLatency::Lag, Nanoseconds::new(5));
            shard.record_error(class, ErrorKind::ErrorEvent);
        }
        let mut merged = Counters::default();
        shards.iter().for_each(|shard| merged.merge(shard));
        assert_eq!(merged.by_size.len(), 2);
        assert_eq!(merged.second.delivered, 2);
        assert_eq!(merged.secondary[&SecondaryLatency::Lag].samples(), 2);
        assert_eq!(merged.second.errors.of(ErrorKind::ErrorEvent), 2);
    }
}
