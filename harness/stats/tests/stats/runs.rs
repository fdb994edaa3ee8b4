//! Groups of runs with given differences.

use hearback_history::Nanoseconds;
use hearback_stats::{Distribution, LoadRecord};
use hearback_testkit::load::example_record;

/// Factors of a quiet machine.
pub(crate) const QUIET: [f64; 5] = [1.0, 1.01, 0.99, 1.02, 0.98];

/// Valid runs with the latencies of the example record, multiplied by each factor.
pub(crate) fn group(name: &str, factors: &[f64], lost: u64) -> Vec<LoadRecord> {
    let example = example_record();
    let run = |(number, factor): (usize, &f64)| {
        let mut record = example.clone();
        record.run = format!("{name}{number}");
        record.deliveries.lost = lost;
        record.deliveries.expected = record.deliveries.received + lost;
        let scale = |distribution: &Distribution| {
            let mut scaled = Distribution::default();
            // One sample per value is enough.
            for (milliseconds, _) in distribution.counts() {
                scaled.record(Nanoseconds::new((milliseconds * factor * 1e6) as u64));
            }
            scaled
        };
        record.latencies.delivery = scale(&example.latencies.delivery);
        record.latencies.last = scale(&example.latencies.last);
        record
    };
    factors.iter().enumerate().map(run).collect()
}
