//! Histograms of latencies for Prometheus.

use std::fmt;
use std::sync::Arc;

use hearback_stats::HistogramSnapshot;
use parking_lot::Mutex;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

/// Upper bounds of the buckets, in milliseconds.
const BOUNDS_MS: [f64; 17] = [
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    25.0,
    50.0,
    100.0,
    150.0,
    250.0,
    400.0,
    700.0,
    1_000.0,
    2_500.0,
    5_000.0,
    10_000.0,
    f64::MAX,
];

/// Latencies since the start of a run.
///
/// A metric of its own, because those of the crate accept single values, and a run delivers thousands per second.
#[derive(Clone, Debug, Default)]
pub(super) struct LatencyHistogram(Arc<Mutex<Buckets>>);

#[derive(Debug, Default)]
struct Buckets {
    counts: [u64; BOUNDS_MS.len()],
    sum_s: f64,
}

impl LatencyHistogram {
    /// Adds the latencies of a second. An invalid snapshot contains none.
    pub(super) fn add(&self, snapshot: &HistogramSnapshot) {
        let Ok(latencies) = snapshot.decode() else { return };
        let mut buckets = self.0.lock();
        for (milliseconds, count) in latencies.counts() {
            let bucket = BOUNDS_MS.partition_point(|bound| *bound < milliseconds);
            buckets.counts[bucket] += count;
            buckets.sum_s += milliseconds / 1_000.0 * count as f64;
        }
    }
}

impl EncodeMetric for LatencyHistogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let buckets = self.0.lock();
        let count = buckets.counts.iter().sum();
        let seconds = |bound: f64| if bound == f64::MAX { bound } else { bound / 1_000.0 };
        let counts: Vec<_> = BOUNDS_MS.map(seconds).into_iter().zip(buckets.counts).collect();
        encoder.encode_histogram::<NoLabelSet>(buckets.sum_s, count, &counts, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_stats::Distribution;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let mut latencies = Distribution::default();
        [1, 4, 30, 30_000]
            .into_iter()
            .for_each(|value| latencies.record(Nanoseconds::from_millis(value)));
        let histogram = LatencyHistogram::default();
        histogram.add(&HistogramSnapshot::from(&latencies));
        histogram.add(&HistogramSnapshot::from(&latencies));
        let mut registry = Registry::default();
        registry.register("x", "x", histogram);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "x_bucket{le=\"0.0005\"} 0",
            "x_bucket{le=\"0.001\"} 2",
            "x_bucket{le=\"0.005\"} 4",
            "x_bucket{le=\"10.0\"} 6",
            "x_bucket{le=\"+Inf\"} 8",
            "x_count 8",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
