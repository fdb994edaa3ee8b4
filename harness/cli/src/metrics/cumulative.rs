//! Cumulative histograms.

use std::fmt::{self, Write as _};

use hearback_stats::HistogramSnapshot;

/// Upper bounds of the buckets, in milliseconds.
const BOUNDS_MS: [f64; 16] = [
    0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 150.0, 250.0, 400.0, 700.0, 1_000.0, 2_500.0,
    5_000.0, 10_000.0,
];

/// Latencies since the beginning of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Cumulative {
    /// Samples within each bound and above the one before.
    counts: [u64; BOUNDS_MS.len()],
    count: u64,
    sum_s: f64,
}

impl Cumulative {
    /// Adds the latencies of a second. A snapshot that cannot be unpacked has none.
    pub(super) fn add(&mut self, packed: &HistogramSnapshot) {
        let Ok(latencies) = packed.decode() else { return };
        for (milliseconds, count) in latencies.counts() {
            if let Some(bucket) = BOUNDS_MS.iter().position(|bound| milliseconds <= *bound) {
                self.counts[bucket] += count;
            }
            self.count += count;
            self.sum_s += milliseconds / 1_000.0 * count as f64;
        }
    }

    /// Writes the samples of the histogram.
    pub(super) fn write(&self, text: &mut String, name: &str) -> fmt::Result {
        let mut within = 0;
        for (bound, count) in BOUNDS_MS.iter().zip(self.counts) {
            within += count;
            writeln!(text, "{name}_bucket{{le=\"{}\"}} {within}", bound / 1_000.0)?;
        }
        writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {}", self.count)?;
        writeln!(text, "{name}_sum {}", self.sum_s)?;
        writeln!(text, "{name}_count {}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use hearback_stats::Distribution;

    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let mut latencies = Distribution::default();
        [1, 4, 30, 30_000].into_iter().for_each(|value: u64| latencies.record(value * 1_000_000));
        let mut cumulative = Cumulative::default();
        cumulative.add(&HistogramSnapshot::from(&latencies));
        cumulative.add(&HistogramSnapshot::from(&latencies));
        let mut text = String::new();
        cumulative.write(&mut text, "x").unwrap();
        for line in [
            "x_bucket{le=\"0.0005\"} 0",
            "x_bucket{le=\"0.001\"} 2",
            "x_bucket{le=\"0.005\"} 4",
            "x_bucket{le=\"10\"} 6",
            "x_bucket{le=\"+Inf\"} 8",
            "x_count 8",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
