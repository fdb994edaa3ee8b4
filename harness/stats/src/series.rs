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
    /// Adds the measurements of another worker in the same time.
    pub fn add(&mut self, other: &Self) {
        self.length_s = self.length_s.max(other.length_s);
        self.connections += other.connections;
        self.generator_cpu += other.generator_cpu;
        self.server_cpu = self.server_cpu.or(other.server_cpu);
        self.add_measurements(other);
    }

    /// Adds the measurements of the time that follows, so that this one describes a longer period.
    pub fn extend(&mut self, next: &Self) {
        let length_s = self.length_s + next.length_s;
        let average = |first: f64, second: f64| {
            (first * self.length_s + second * next.length_s) / length_s.max(f64::MIN_POSITIVE)
        };
        self.generator_cpu = average(self.generator_cpu, next.generator_cpu);
        self.server_cpu = self.server_cpu.zip(next.server_cpu).map(|(it, next)| average(it, next));
        self.length_s = length_s;
        self.connections = next.connections;
        self.add_measurements(next);
    }

    fn add_measurements(&mut self, next: &Self) {
        self.offered += next.offered;
        self.sent += next.sent;
        self.delivered += next.delivered;
        self.requests += next.requests;
        self.errors.merge(&next.errors);
        merge(&mut self.delivery, &next.delivery);
        merge(&mut self.last, &next.last);
        merge(&mut self.lag, &next.lag);
    }
}

/// Merges a histogram into another. One that cannot be decoded counts as empty.
fn merge(into: &mut HistogramSnapshot, from: &HistogramSnapshot) {
    let mut merged: Distribution = into.decode().unwrap_or_default();
    merged.merge(&from.decode().unwrap_or_default());
    *into = HistogramSnapshot::from(&merged);
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
        let mut period = second(1.0, 10, 0.5);
        period.extend(&second(3.0, 20, 1.5));
        assert_eq!((period.at_s, period.length_s, period.delivered), (3.0, 4.0, 2));
        assert_eq!((period.connections, period.generator_cpu), (20, 1.25));
        assert_eq!(period.delivery.samples, 2);
        assert_eq!(period.delivery.longest_ms.map(f64::round), Some(20.0));
    }
}
