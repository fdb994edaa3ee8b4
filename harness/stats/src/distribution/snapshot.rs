//! Distributions in JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize, de};

use super::Distribution;

/// A compact, encoded distribution: a summary for people, and the histogram in HdrHistogram's own encoding.
///
/// This is the JSON representation of a [`Distribution`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistogramSnapshot {
    /// Number of latencies, without the deliveries that never arrived.
    pub samples: u64,
    /// Number of deliveries that never arrived.
    pub never: u64,
    /// Median, in milliseconds; `None` without samples, or if it falls among the deliveries that never arrived.
    #[serde(default)]
    pub p50_ms: Option<f64>,
    /// 99th percentile, in milliseconds.
    #[serde(default)]
    pub p99_ms: Option<f64>,
    /// Maximum, in milliseconds.
    #[serde(default)]
    pub longest_ms: Option<f64>,
    /// Base64 of HdrHistogram's compressed V2 encoding, in microseconds; `None` without samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    histogram: Option<String>,
}

/// A histogram that cannot be decoded.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("invalid histogram: {0}")]
pub struct InvalidHistogram(String);

impl HistogramSnapshot {
    /// Base64 of the histogram in HdrHistogram's compressed V2 encoding, in microseconds.
    pub fn encoded(&self) -> Option<&str> {
        self.histogram.as_deref()
    }

    /// Decodes the distribution.
    ///
    /// # Errors
    /// If the encoding is invalid, or the histogram has other bounds.
    pub fn decode(&self) -> Result<Distribution, InvalidHistogram> {
        let mut distribution = Distribution::default();
        self.add_to(&mut distribution)?;
        Ok(distribution)
    }

    /// Adds the values to a distribution.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); the distribution stays as it is.
    pub fn add_to(&self, distribution: &mut Distribution) -> Result<(), InvalidHistogram> {
        if let Some(text) = &self.histogram {
            add(text, &mut distribution.histogram).map_err(InvalidHistogram)?;
        }
        distribution.never += self.never;
        Ok(())
    }
}

impl From<&Distribution> for HistogramSnapshot {
    fn from(distribution: &Distribution) -> Self {
        let mut bytes = Vec::new();
        // Encoding fails only for counts above 63 bits, or if the vector cannot grow.
        let encoded = V2DeflateSerializer::new().serialize(&distribution.histogram, &mut bytes);
        let is_encoded = distribution.samples() > 0 && encoded.is_ok();
        Self {
            samples: distribution.samples(),
            never: distribution.never,
            p50_ms: distribution.quantile(0.5).value(),
            p99_ms: distribution.quantile(0.99).value(),
            longest_ms: distribution.longest().value(),
            histogram: is_encoded.then(|| STANDARD.encode(bytes)),
        }
    }
}

fn add(text: &str, own: &mut Histogram<u64>) -> Result<(), String> {
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    let histogram: Histogram<u64> =
        Deserializer::new().deserialize(&mut &bytes[..]).map_err(|error| error.to_string())?;
    if (histogram.low(), histogram.high(), histogram.sigfig())
        != (own.low(), own.high(), own.sigfig())
    {
        return Err("its bounds differ from those of hearback".to_owned());
    }
    own.add(&histogram).map_err(|error| error.to_string())
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
    use hearback_history::Nanoseconds;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn distributions_survive_json() {
        let mut distribution = Distribution::default();
        for milliseconds in [1, 5, 5, 250, 700_000] {
            distribution.record(Nanoseconds::from_millis(milliseconds));
        }
        distribution.record_never(1);
        let text = serde_json::to_string(&distribution).unwrap();
        let read: Distribution = serde_json::from_str(&text).unwrap();
        assert_eq!(read, distribution);
        let empty = serde_json::to_string(&Distribution::default()).unwrap();
        assert_eq!(serde_json::from_str::<Distribution>(&empty).unwrap(), Distribution::default());
        let broken = text.replace("HISTF", "HISTX");
        serde_json::from_str::<Distribution>(&broken).unwrap_err();
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_decode_or_fail(bytes: Vec<u8>) {
            let histogram = Some(STANDARD.encode(bytes));
            let snapshot = HistogramSnapshot { histogram, ..HistogramSnapshot::default() };
            let _decoded = snapshot.decode();
        }

        #[test]
        fn altered_histograms_decode_or_fail(
            latencies in prop::collection::vec(0..1_000_000_000_000_u64, 1..50), at: prop::sample::Index, byte: u8
        ) {
            let mut distribution = Distribution::default();
            latencies.into_iter().for_each(|latency| distribution.record(Nanoseconds::new(latency)));
            let mut snapshot = HistogramSnapshot::from(&distribution);
            let mut bytes = STANDARD.decode(snapshot.encoded().unwrap()).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            snapshot.histogram = Some(STANDARD.encode(bytes));
            let _decoded = snapshot.decode();
        }
    }
}
