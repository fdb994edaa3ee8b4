//! Response times of a run, and which of them differ between two runs beyond chance.
//!
//! The samples of one run show how far its median is known, not how much runs differ from each other. A difference
//! therefore never fails anything; `hearback load` measures performance.

use std::collections::BTreeMap;

use hearback_history::History;
use serde::{Deserialize, Serialize};

/// Number of samples below which a median is not compared.
const FEWEST_SAMPLES: usize = 50;

/// Smallest difference of two medians that matters, as a factor.
const SMALLEST_FACTOR: f64 = 1.5;

/// Smallest difference of two medians that matters, in milliseconds.
const SMALLEST_DIFFERENCE_MS: f64 = 5.0;

/// Half the width of a confidence interval of 99 %, in standard errors.
const STANDARD_ERRORS: f64 = 2.576;

/// The median response time of one operation, with its confidence interval of 99 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponseTime {
    /// The operation.
    pub operation: String,
    /// Number of responses.
    pub samples: u64,
    /// The median, in milliseconds.
    pub median_ms: f64,
    /// Lower end of the confidence interval, in milliseconds.
    pub low_ms: f64,
    /// Upper end of the confidence interval, in milliseconds.
    pub high_ms: f64,
}

// The numbers are finite.
impl Eq for ResponseTime {}

/// An operation whose median response time is longer beyond chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slower {
    /// The response time before.
    pub before: ResponseTime,
    /// The response time after.
    pub after: ResponseTime,
}

/// The response times of the operations with enough samples. Only successful responses count, since rejections take
/// other paths.
pub(crate) fn response_times(history: &History) -> Vec<ResponseTime> {
    let mut samples: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for call in &history.calls {
        let is_success = call.status().is_some_and(|status| (200..300).contains(&status));
        if let Some(operation) = call.operation().filter(|_| is_success) {
            let interval = call.interval();
            let taken = interval.returned.saturating_sub(interval.invoked).get();
            samples.entry(operation.id()).or_default().push(taken);
        }
    }
    let enough = samples.into_iter().filter(|(_, taken)| taken.len() >= FEWEST_SAMPLES);
    enough.map(|(operation, taken)| ResponseTime::of(operation, taken)).collect()
}

impl ResponseTime {
    /// The median of `taken` nanoseconds, at least one; the ends of the interval are order statistics.
    fn of(operation: &str, mut taken: Vec<u64>) -> Self {
        taken.sort_unstable();
        let count = taken.len() as f64;
        let at = |rank: f64| {
            let index = rank.clamp(0.0, count - 1.0) as usize;
            // Microseconds suffice, and keep reports short.
            (taken[index] / 1_000) as f64 / 1_000.0
        };
        let half = STANDARD_ERRORS * count.sqrt() / 2.0;
        Self {
            operation: operation.to_owned(),
            samples: taken.len() as u64,
            median_ms: at(count / 2.0),
            low_ms: at((count / 2.0 - half).floor()),
            high_ms: at((count / 2.0 + half).ceil()),
        }
    }
}

/// The operations that became slower: the intervals do not overlap, and the difference matters.
pub(super) fn slower(before: &[ResponseTime], after: &[ResponseTime]) -> Vec<Slower> {
    let pairs = after.iter().filter_map(|after| {
        let before = before.iter().find(|before| before.operation == after.operation)?;
        let is_slower = after.low_ms > before.high_ms
            && after.median_ms >= before.median_ms * SMALLEST_FACTOR
            && after.median_ms - before.median_ms >= SMALLEST_DIFFERENCE_MS;
        is_slower.then(|| Slower { before: before.clone(), after: after.clone() })
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(count: u64, median_ms: u64) -> ResponseTime {
        let taken = (0..count).map(|index| (median_ms * 1_000_000) * (500 + index * 1000 / count));
        ResponseTime::of("rooms.list", taken.map(|taken| taken / 1000).collect())
    }

    #[test]
    fn only_clear_differences_are_slower() {
        let before = uniform(400, 20);
        assert!((before.median_ms - 20.0).abs() < 0.1, "{before:?}");
        assert!(before.low_ms < before.median_ms && before.median_ms < before.high_ms);
        let is_slower = |before: &ResponseTime, after: &ResponseTime| {
            !slower(std::slice::from_ref(before), std::slice::from_ref(after)).is_empty()
        };
        assert!(is_slower(&before, &uniform(400, 40)));
        assert!(!is_slower(&before, &uniform(400, 25)), "less than the smallest factor");
        assert!(
            !is_slower(&uniform(400, 2), &uniform(400, 4)),
            "less than the smallest difference"
        );
        assert!(!is_slower(&uniform(12, 20), &uniform(12, 31)), "few samples say little");
        assert!(!is_slower(&before, &before));
    }
}
