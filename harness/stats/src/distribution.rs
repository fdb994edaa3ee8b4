//! Latencies as an HdrHistogram, with what never arrived beside them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize, de};

use crate::Nanoseconds;

/// Shortest latency told apart, in microseconds.
const SHORTEST: u64 = 1;
/// Longest latency told apart, in microseconds: ten minutes. Longer ones count as this.
const LONGEST: u64 = 600_000_000;
/// Significant digits of a value.
const DIGITS: u8 = 3;

/// Latencies in microseconds, and how often there was none because what was waited for never came.
///
/// All have the same bounds, so that merging is exact. What never came ranks above every value: a percentile
/// that falls there is [`MetricValue::Never`], not the longest that did come.
#[derive(Clone, PartialEq)]
pub struct Distribution {
    histogram: Histogram<u64>,
    never: u64,
}

/// A number that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricValue {
    /// There were no samples.
    NoSamples,
    /// The value, in the unit of what was asked for.
    Value(f64),
    /// What was waited for never came.
    Never,
}

impl MetricValue {
    /// The value, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::NoSamples | Self::Never => None,
        }
    }
}

/// A summary; the counts would fill pages.
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
        let histogram = Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS);
        Self { histogram: histogram.expect("the bounds are in order"), never: 0 }
    }
}

impl Distribution {
    /// Records a latency.
    pub fn record(&mut self, latency: Nanoseconds) {
        self.histogram.saturating_record(latency / 1000);
    }

    /// Records that something never came, so many times.
    pub fn record_never(&mut self, times: u64) {
        self.never += times;
    }

    /// Adds all of another distribution.
    pub fn merge(&mut self, other: &Self) {
        if other.histogram.is_empty() {
            self.never += other.never;
            return;
        }
        // Only bounds that differ could be refused.
        self.histogram.add(&other.histogram).expect("all distributions have the same bounds");
        self.never += other.never;
    }

    /// How many latencies there are, without what never came.
    pub fn samples(&self) -> u64 {
        self.histogram.len()
    }

    /// How often what was waited for never came.
    pub fn never(&self) -> u64 {
        self.never
    }

    /// Whether nothing was recorded at all.
    pub fn is_empty(&self) -> bool {
        self.samples() == 0 && self.never == 0
    }

    /// The latency, in milliseconds, within which that share of everything arrived; `share` from 0 to 1.
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

    /// The longest latency, in milliseconds.
    pub fn longest(&self) -> MetricValue {
        self.quantile(1.0)
    }

    /// The shortest latency, in milliseconds; of those that came.
    pub fn shortest(&self) -> MetricValue {
        self.of_samples(|histogram| milliseconds(histogram.min()))
    }

    /// The mean latency, in milliseconds; infinite, if anything never came.
    pub fn mean(&self) -> MetricValue {
        match self.never {
            0 => self.of_samples(|histogram| histogram.mean() / 1000.0),
            _ => MetricValue::Never,
        }
    }

    fn of_samples(&self, value: impl Fn(&Histogram<u64>) -> f64) -> MetricValue {
        if self.histogram.is_empty() {
            MetricValue::NoSamples
        } else {
            MetricValue::Value(value(&self.histogram))
        }
    }

    /// The recorded values, in milliseconds, with how often each was, in rising order.
    pub fn counts(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let recorded = self.histogram.iter_recorded();
        recorded.map(|step| (milliseconds(step.value_iterated_to()), step.count_at_value()))
    }

    /// The histogram behind it, in microseconds.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }

    /// The percentile spectrum as HdrHistogram's own tools write it (`.hgrm`), in milliseconds.
    ///
    /// What never came is not in it: the format knows no such thing.
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

/// A distribution that takes little memory: a summary for people, and the histogram in HdrHistogram's own
/// encoding. It is how a [`Distribution`] stands in JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistogramSnapshot {
    /// How many latencies there are, without what never came.
    pub samples: u64,
    /// How often what was waited for never came.
    pub never: u64,
    /// The median, in milliseconds; `None` if there is none, or it never came.
    #[serde(default)]
    pub p50_ms: Option<f64>,
    /// The 99th percentile.
    #[serde(default)]
    pub p99_ms: Option<f64>,
    /// The longest.
    #[serde(default)]
    pub longest_ms: Option<f64>,
    /// Base64 of HdrHistogram's compressed V2 encoding, in microseconds; `None` without samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    histogram: Option<String>,
}

/// A histogram that cannot be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a histogram cannot be read: {0}")]
pub struct InvalidHistogram(String);

impl HistogramSnapshot {
    /// Base64 of the histogram in HdrHistogram's compressed V2 encoding, in microseconds.
    pub fn encoded(&self) -> Option<&str> {
        self.histogram.as_deref()
    }

    /// The whole distribution.
    ///
    /// # Errors
    /// If the histogram was altered, or has other bounds.
    pub fn decode(&self) -> Result<Distribution, InvalidHistogram> {
        let histogram = match &self.histogram {
            None => Distribution::default().histogram,
            Some(text) => decoded(text).map_err(InvalidHistogram)?,
        };
        Ok(Distribution { histogram, never: self.never })
    }
}

impl From<&Distribution> for HistogramSnapshot {
    fn from(distribution: &Distribution) -> Self {
        let mut bytes = Vec::new();
        // Only counts beyond 63 bits, or a vector that does not grow, could fail.
        let encoded = V2DeflateSerializer::new().serialize(&distribution.histogram, &mut bytes);
        let some = distribution.samples() > 0 && encoded.is_ok();
        Self {
            samples: distribution.samples(),
            never: distribution.never,
            p50_ms: distribution.quantile(0.5).value(),
            p99_ms: distribution.quantile(0.99).value(),
            longest_ms: distribution.longest().value(),
            histogram: some.then(|| STANDARD.encode(bytes)),
        }
    }
}

fn decoded(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    let histogram: Histogram<u64> =
        Deserializer::new().deserialize(&mut &bytes[..]).map_err(|error| error.to_string())?;
    let mut own = Distribution::default().histogram;
    if (histogram.low(), histogram.high(), histogram.sigfig())
        != (own.low(), own.high(), own.sigfig())
    {
        return Err("its bounds are others".to_owned());
    }
    own.add(&histogram).map_err(|error| error.to_string())?;
    Ok(own)
}

impl Serialize for Distribution {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        HistogramSnapshot::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        HistogramSnapshot::deserialize(deserializer)?.decode().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::default();
        milliseconds.into_iter().for_each(|value| distribution.record(value * 1_000_000));
        distribution
    }

    #[test]
    fn shards_merge_to_the_union() {
        let mut union = Distribution::default();
        let mut shards = vec![Distribution::default(); 4];
        for number in 0..10_000_u64 {
            let latency = number * number * 37;
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
    fn what_never_came_ranks_above_all_that_did() {
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
    fn json_gives_back_the_same_distribution() {
        let mut distribution = of([1, 5, 5, 250, 700_000]);
        distribution.record_never(1);
        let text = serde_json::to_string(&distribution).unwrap();
        let read: Distribution = serde_json::from_str(&text).unwrap();
        assert_eq!(read, distribution);
        let empty = serde_json::to_string(&Distribution::default()).unwrap();
        assert_eq!(serde_json::from_str::<Distribution>(&empty).unwrap(), Distribution::default());
        let broken = text.replace("HISTF", "HISTX");
        serde_json::from_str::<Distribution>(&broken).unwrap_err();
    }

    #[test]
    fn the_spectrum_ends_with_everything() {
        let text = of(1..=1000).hgrm();
        let last = text.lines().rfind(|line| !line.starts_with('#')).unwrap();
        let columns: Vec<_> = last.split_whitespace().collect();
        assert_eq!(columns[1..], ["1.000000000000", "1000"]);
        assert!(text.contains("Total count    =         1000]"), "{text}");
    }
}
