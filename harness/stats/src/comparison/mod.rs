//! Statistical comparison of two groups of load runs.
//!
//! The unit of observation is the run: samples within a run are correlated, and pooling them would find differences
//! between a system and itself. Each run contributes one value per metric. An exact permutation test yields the
//! p-values, which Holm's method corrects for the number of metrics. A regression must be significant *and* larger
//! than a stated minimum. The verdict "not worse" requires a confidence interval that excludes a change of that size.

mod calibration;
mod criteria;
mod holm;
mod metric_comparison;
mod not_comparable;
mod permutation;
mod scale;
mod verdict;

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::record::{LoadOutcome, LoadRecord};

use holm::holm;

pub use calibration::{Calibration, CalibrationVerdict, Sensitivity};
pub use criteria::{MAX_RUNS, MIN_RUNS, Minimum, SIGNIFICANCE};
pub use metric_comparison::MetricComparison;
pub use not_comparable::NotComparable;
pub use scale::Scale;
pub use verdict::ComparisonVerdict;

/// The compared metrics and their scales.
const METRICS: [(&str, Scale); 4] = [
    ("delivery.p50", Scale::Ratio),
    ("delivery.p99", Scale::Ratio),
    ("last.p99", Scale::Ratio),
    ("lost.share", Scale::Difference),
];

/// A comparison of two groups of load runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Profile of all runs.
    pub profile: String,
    /// Names of the runs of the first group (before) and of the second (after).
    pub runs: [Vec<String>; 2],
    /// Smallest changes that count.
    pub minimum: Minimum,
    /// One entry per metric.
    pub metrics: Vec<MetricComparison>,
    /// Merged latencies of each group. For plots only; the verdict does not depend on them.
    pub pooled: [Pooled; 2],
    /// Verdict on all metrics together.
    pub verdict: ComparisonVerdict,
}

/// Merged latencies of several runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// Latency from the intended send time to each recipient.
    pub delivery: Distribution,
    /// Latency from the intended send time to the last recipient.
    pub last: Distribution,
}

impl Comparison {
    /// Compares two groups of runs. Alternating the runs of both groups makes the comparison robust against drift.
    ///
    /// # Errors
    /// If the runs are not comparable.
    pub fn of(groups: [&[LoadRecord]; 2], minimum: Minimum) -> Result<Self, NotComparable> {
        let first = check(groups)?;
        let metrics =
            METRICS.iter().map(|(id, scale)| MetricComparison::of(groups, id, *scale, minimum));
        let mut metrics = metrics.collect::<Result<Vec<_>, _>>()?;
        let corrected = holm(&metrics.iter().map(|metric| metric.p).collect::<Vec<_>>());
        for (metric, p) in metrics.iter_mut().zip(corrected) {
            metric.correct(p);
        }
        let worst = metrics.iter().map(|metric| metric.verdict).min();
        // An improvement of one metric counts only if no other metric is inconclusive or worse.
        let better = metrics.iter().any(|metric| metric.verdict == ComparisonVerdict::Better);
        let verdict = match worst.unwrap_or(ComparisonVerdict::Inconclusive) {
            ComparisonVerdict::NotWorse if better => ComparisonVerdict::Better,
            worst => worst,
        };
        let names = |group: &[LoadRecord]| group.iter().map(|record| record.run.clone()).collect();
        Ok(Self {
            profile: first.profile.name.clone(),
            runs: groups.map(names),
            minimum,
            metrics,
            pooled: groups.map(Pooled::of),
            verdict,
        })
    }
}

impl Pooled {
    fn of(group: &[LoadRecord]) -> Self {
        let mut pooled = Self::default();
        for record in group {
            pooled.delivery.merge(&record.latencies.delivery);
            pooled.last.merge(&record.latencies.last);
        }
        pooled
    }
}

/// Checks that all runs are valid, distinct, of one profile, and enough; returns the first one.
fn check(groups: [&[LoadRecord]; 2]) -> Result<&LoadRecord, NotComparable> {
    for group in groups {
        if !(MIN_RUNS..=MAX_RUNS).contains(&group.len()) {
            return Err(NotComparable::GroupSize(group.len()));
        }
    }
    let first = &groups[0][0];
    let mut names = Vec::new();
    for record in groups.into_iter().flatten() {
        let run = record.run.clone();
        if names.contains(&run) {
            return Err(NotComparable::Duplicate(run));
        }
        let reason = match record.outcome() {
            LoadOutcome::Invalid => record.invalid_reasons.join("; "),
            LoadOutcome::Incomplete => "it did not finish".to_owned(),
            _ if record.deliveries.expected == 0 => "no delivery was owed".to_owned(),
            _ => String::new(),
        };
        if !reason.is_empty() {
            return Err(NotComparable::Invalid { run, reason });
        }
        if record.profile != first.profile {
            return Err(NotComparable::Profile { run, first: first.run.clone() });
        }
        names.push(run);
    }
    Ok(first)
}
