//! Latencies in buckets.

use hearback_stats::HistogramSnapshot;

/// Upper bounds of the buckets, in milliseconds; the last bucket has none.
const BOUNDS_MS: [f64; 16] = [
    0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 150.0, 250.0, 400.0, 700.0, 1_000.0, 2_500.0,
    5_000.0, 10_000.0,
];

/// Latencies since the start of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets {
    counts: [u64; BOUNDS_MS.len() + 1],
    sum_s: f64,
}

impl Buckets {
    /// Adds the latencies of a second. An invalid snapshot contains none.
    pub(super) fn add(&mut self, snapshot: &HistogramSnapshot) {
        let Ok(latencies) = snapshot.decode() else { return };
        for (milliseconds, count) in latencies.counts() {
            let bucket = BOUNDS_MS.partition_point(|bound| *bound < milliseconds);
            self.counts[bucket] += count;
            self.sum_s += milliseconds / 1_000.0 * count as f64;
        }
    }

    /// Upper bounds of all buckets but the last, in seconds.
    pub(super) fn bounds_s() -> impl Iterator<Item = f64> {
        BOUNDS_MS.iter().map(|bound| bound / 1_000.0)
    }

    /// Number of latencies in each bucket.
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Number of latencies.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Sum of all latencies, in seconds.
    pub(super) fn sum_s(&self) -> f64 {
        self.sum_s
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_stats::Distribution;

    use super::*;

    #[test]
    fn latencies_add_up_and_belong_to_the_first_bucket_that_holds_them() {
        let mut latencies = Distribution::default();
        [1, 4, 30, 30_000]
            .into_iter()
            .for_each(|value| latencies.record(Nanoseconds::from_millis(value)));
        let mut buckets = Buckets::default();
        buckets.add(&HistogramSnapshot::from(&latencies));
        buckets.add(&HistogramSnapshot::from(&latencies));
        assert_eq!(buckets.counts(), [0, 2, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(buckets.count(), 8);
        assert!((buckets.sum_s() - 60.07).abs() < 0.1, "{}", buckets.sum_s());
        assert_eq!(Buckets::bounds_s().next(), Some(0.000_5));
    }
}
