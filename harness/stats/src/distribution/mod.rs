//! Distributions of latencies, including deliveries that never arrived.

mod snapshot;

use std::fmt;

use hdrhistogram::Histogram;
use hearback_history::Nanoseconds;

use crate::metric_value::MetricValue;

pub use snapshot::{HistogramSnapshot, InvalidHistogram};

/// Minimum latency that is resolved, in microseconds.
const MIN: u64 = 1;
/// Maximum latency that is resolved, in microseconds: ten minutes. Longer latencies are clamped to it.
const MAX: u64 = 600_000_000;
/// Number of significant digits.
const DIGITS: u8 = 3;

/// A distribution of latencies, in microseconds, with the number of deliveries that never arrived.
///
/// All distributions have the same bounds, so that merging is exact. Deliveries that never arrived rank above every
/// latency: a percentile among them is [`MetricValue::Never`], not the longest latency.
#[derive(Clone, PartialEq)]
pub struct Distribution {
    histogram: Histogram<u64>,
    never: u64,
}

/// A summary, since the counts would fill pages.
impl fmt::Debug for Distribution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Distribution")
            .field("samples", &self.samples())
            .field("never", &self.never)
            .field("p50", &self.quantile(0.5))
            .field("p99", &self.quantile(0.99))
            .finish()
    }
}

impl Default for Distribution {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(MIN, MAX, DIGITS);
        Self { histogram: histogram.expect("the bounds are valid"), never: 0 }
    }
}

impl Distribution {
    /// Records a latency.
    pub fn record(&mut self, latency: Nanoseconds) {
        self.histogram.saturating_record((latency / 1000).get());
    }

    /// Records deliveries that never arrived.
    pub fn record_never(&mut self, count: u64) {
        self.never += count;
    }

    /// Adds all values of another distribution.
    pub fn merge(&mut self, other: &Self) {
        if other.histogram.is_empty() {
            self.never += other.never;
            return;
        }
        // Adding fails only if the bounds differ.
        self.histogram.add(&other.histogram).expect("all distributions have the same bounds");
        self.never += other.never;
    }

    /// Number of latencies, without the deliveries that never arrived.
    pub fn samples(&self) -> u64 {
        self.histogram.len()
    }

    /// Number of deliveries that never arrived.
    pub fn never(&self) -> u64 {
        self.never
    }

    /// Returns whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.samples() == 0 && self.never == 0
    }

    /// The latency within which a share of all deliveries arrived, in milliseconds; `share` is between 0 and 1.
    pub fn quantile(&self, share: f64) -> MetricValue {
        let all = self.samples() + self.never;
        if all == 0 {
            return MetricValue::NoSamples;
        }
        let rank = ((share * all as f64).ceil() as u64).clamp(1, all);
        if rank > self.samples() {
            return MetricValue::Never;
        }
        let share = rank as f64 / self.samples() as f64;
        MetricValue::Value(milliseconds(self.histogram.value_at_quantile(share)))
    }

    /// Maximum latency, in milliseconds.
    pub fn longest(&self) -> MetricValue {
        self.quantile(1.0)
    }

    /// Minimum latency, in milliseconds.
    pub fn shortest(&self) -> MetricValue {
        self.statistic(|histogram| milliseconds(histogram.min()))
    }

    /// Mean latency, in milliseconds; [`MetricValue::Never`] if any delivery never arrived.
    pub fn mean(&self) -> MetricValue {
        match self.never {
            0 => self.statistic(|histogram| histogram.mean() / 1000.0),
            _ => MetricValue::Never,
        }
    }

    fn statistic(&self, value: impl Fn(&Histogram<u64>) -> f64) -> MetricValue {
        if self.histogram.is_empty() {
            MetricValue::NoSamples
        } else {
            MetricValue::Value(value(&self.histogram))
        }
    }

    /// The recorded latencies, in milliseconds and ascending order, with the count of each.
    pub fn counts(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let recorded = self.histogram.iter_recorded();
        recorded.map(|step| (milliseconds(step.value_iterated_to()), step.count_at_value()))
    }

    /// The underlying histogram, in microseconds.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }

    /// The percentile spectrum in the `.hgrm` format of HdrHistogram's tools, in milliseconds.
    ///
    /// The format cannot express deliveries that never arrived, which are therefore omitted.
    pub fn hgrm(&self) -> String {
        let mut text = format!(
            "{:>12} {:>16} {:>10} {:>16}\n\n",
            "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
        );
        let mut total = 0;
        for step in self.histogram.iter_quantiles(5) {
            total += step.count_since_last_iteration();
            let (value, share) =
                (milliseconds(step.value_iterated_to()), step.quantile_iterated_to());
            text += &format!("{value:>12.3} {share:>16.12} {total:>10}");
            if share < 1.0 {
                text += &format!(" {:>16.2}", 1.0 / (1.0 - share));
            }
            text.push('\n');
        }
        let (mean, deviation) = (self.histogram.mean() / 1000.0, self.histogram.stdev() / 1000.0);
        let (max, count) = (milliseconds(self.histogram.max()), self.samples());
        let buckets = self.histogram.buckets();
        text += &format!("#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]\n");
        text += &format!("#[Max     = {max:>12.3}, Total count    = {count:>12}]\n");
        text += &format!("#[Buckets = {buckets:>12}, SubBuckets     = {:>12}]\n", 2048);
        text
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::default();
        milliseconds
            .into_iter()
            .for_each(|value| distribution.record(Nanoseconds::from_millis(value)));
        distribution
    }

    #[test]
    fn merged_shards_equal_the_union() {
        let mut union = Distribution::default();
        let mut shards = vec![Distribution::default(); 4];
        for number in 0..10_000_u64 {
            let latency = Nanoseconds::new(number * number * 37);
            union.record(latency);
            shards[(number % 4) as usize].record(latency);
        }
        shards[2].record_never(3);
        union.record_never(3);
        let mut merged = Distribution::default();
        shards.iter().for_each(|shard| merged.merge(shard));
        assert_eq!(merged, union);
    }

    #[test]
    fn deliveries_that_never_arrived_rank_above_every_latency() {
        let mut distribution = of(1..=98);
        distribution.record_never(2);
        let quantile = |share| distribution.quantile(share).value().map(f64::round);
        assert_eq!(quantile(0.5), Some(50.0));
        assert_eq!(quantile(0.98), Some(98.0));
        assert_eq!(distribution.quantile(0.99), MetricValue::Never);
        assert_eq!(distribution.longest(), MetricValue::Never);
        assert_eq!(distribution.mean(), MetricValue::Never);
        assert_eq!(Distribution::default().quantile(0.5), MetricValue::NoSamples);
    }

    #[test]
    fn the_spectrum_ends_with_all_samples() {
        let text = of(1..=1000).hgrm();
        let last = text.lines().rfind(|line| !line.starts_with('#')).unwrap();
        let columns: Vec<_> = last.split_whitespace().collect();
        assert_eq!(columns[1..], ["1.000000000000", "1000"]);
        assert!(text.contains("Total count    =         1000]"), "{text}");
    }
}
