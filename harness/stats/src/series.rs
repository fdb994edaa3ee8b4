//! Measurements per second of a run.

use serde::{Deserialize, Serialize};

use crate::distribution::{Distribution, HistogramSnapshot};
use crate::errors::ErrorCounts;

/// One second of a run. Every measurement belongs to the second in which it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Start, in seconds from the start of the schedule; negative before it.
    pub at_s: f64,
    /// Actual length, in seconds.
    pub length_s: f64,
    /// Messages that were due.
    pub offered: u64,
    /// Messages that were written to a socket.
    pub sent: u64,
    /// Owed deliveries that arrived.
    pub delivered: u64,
    /// Open connections at the end of the second.
    pub connections: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Errors by kind.
    #[serde(default, skip_serializing_if = "ErrorCounts::is_empty")]
    pub errors: ErrorCounts,
    /// Latency from the intended send time to each recipient.
    pub delivery: HistogramSnapshot,
    /// Latency from the intended send time to the last recipient, of messages completed in this second.
    pub last: HistogramSnapshot,
    /// Lag of the generator: from the intended to the actual send time.
    pub lag: HistogramSnapshot,
    /// Processor time of the generator, in cores.
    pub generator_cpu: f64,
    /// Processor time of the server, in cores, if the run started the server's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpu: Option<f64>,
}

impl Second {
    /// The measurements of several workers in the same time: of each, the seconds in it, in order.
    pub fn merged(workers: &[Vec<&Self>]) -> Self {
        let mut merged = Self {
            at_s: workers.iter().flatten().map(|second| second.at_s).fold(f64::MAX, f64::min),
            ..Self::default()
        };
        let [mut delivery, mut last, mut lag] = [(); 3].map(|()| Distribution::default());
        for seconds in workers {
            let length_s: f64 = seconds.iter().map(|second| second.length_s).sum();
            let average = |value: fn(&Self) -> f64| {
                let weighted = seconds.iter().map(|second| value(second) * second.length_s);
                weighted.sum::<f64>() / length_s.max(f64::MIN_POSITIVE)
            };
            merged.generator_cpu += average(|second| second.generator_cpu);
            if seconds.iter().any(|second| second.server_cpu.is_some()) {
                // Only one of them observes the server.
                merged.server_cpu = Some(average(|second| second.server_cpu.unwrap_or_default()));
            }
            merged.length_s = merged.length_s.max(length_s);
            merged.connections += seconds.last().map_or(0, |second| second.connections);
            for second in seconds {
                merged.offered += second.offered;
                merged.sent += second.sent;
                merged.delivered += second.delivered;
                merged.requests += second.requests;
                merged.errors.merge(&second.errors);
                // One that cannot be decoded counts as empty.
                let _added = second.delivery.add_to(&mut delivery).is_ok();
                let _added = second.last.add_to(&mut last).is_ok();
                let _added = second.lag.add_to(&mut lag).is_ok();
            }
        }
        merged.delivery = HistogramSnapshot::from(&delivery);
        merged.last = HistogramSnapshot::from(&last);
        merged.lag = HistogramSnapshot::from(&lag);
        merged
    }

    /// The measurements of one second, and of the time that follows.
    #[must_use]
    pub fn followed_by(&self, next: &Self) -> Self {
        Self::merged(&[vec![self, next]])
    }

    /// The measurements of two workers in the same time.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        Self::merged(&[vec![self], vec![other]])
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;

    use super::*;

    fn second(length_s: f64, latency_ms: u64, cpu: f64) -> Second {
        let mut delivery = Distribution::default();
        delivery.record(Nanoseconds::from_millis(latency_ms));
        Second {
            at_s: 3.0,
            length_s,
            delivered: 1,
            delivery: HistogramSnapshot::from(&delivery),
            generator_cpu: cpu,
            connections: latency_ms,
            ..Second::default()
        }
    }

    #[test]
    fn a_period_has_the_sums_and_the_averages_of_its_seconds() {
        let period = second(1.0, 10, 0.5).followed_by(&second(3.0, 20, 1.5));
        assert_eq!((period.at_s, period.length_s, period.delivered), (3.0, 4.0, 2));
        assert_eq!((period.connections, period.generator_cpu), (20, 1.25));
        assert_eq!(period.delivery.samples, 2);
        assert_eq!(period.delivery.longest_ms.map(f64::round), Some(20.0));
    }

    #[test]
    fn workers_have_the_sums_of_their_seconds() {
        let both = second(1.0, 10, 0.5).beside(&second(1.1, 20, 1.5));
        assert_eq!((both.at_s, both.length_s, both.delivered), (3.0, 1.1, 2));
        assert_eq!((both.connections, both.generator_cpu), (30, 2.0));
    }
}
