//! Statistical comparison of two groups of load runs.
//!
//! The unit of observation is the run: samples within a run are correlated, and pooling them would find differences
//! between a system and itself. Each run contributes one value per metric. An exact permutation test yields the
//! p-values, which Holm's method corrects for the number of metrics. A regression must be significant *and* larger
//! than a stated minimum. The verdict "not worse" requires a confidence interval that excludes a change of that size.

mod calibration;
mod holm;
mod metric_comparison;
mod not_comparable;
mod permutation;
mod scale;

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::record::{LoadOutcome, LoadRecord};

use holm::holm;

pub use calibration::{Calibration, CalibrationVerdict, Sensitivity};
pub use metric_comparison::MetricComparison;
pub use not_comparable::NotComparable;
pub use scale::Scale;

/// Minimum number of runs per group. With fewer, no difference could be significant after correction.
pub const MIN_RUNS: usize = 5;
/// Maximum number of runs per group. With more, enumerating all permutations would take too long.
pub const MAX_RUNS: usize = 10;
/// Significance level: the accepted probability of a difference between a system and itself.
pub const SIGNIFICANCE: f64 = 0.05;

/// The compared metrics and their scales.
const METRICS: [(&str, Scale); 4] = [
    ("delivery.p50", Scale::Ratio),
    ("delivery.p99", Scale::Ratio),
    ("last.p99", Scale::Ratio),
    ("lost.share", Scale::Difference),
];

/// Smallest changes that count as a regression or an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minimum {
    /// Minimum change of latencies, in percent.
    pub latency_percent: f64,
    /// Minimum change of the share of lost deliveries, in percentage points.
    pub loss_points: f64,
}

impl Default for Minimum {
    fn default() -> Self {
        Self { latency_percent: 10.0, loss_points: 0.01 }
    }
}

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

/// The verdict of a comparison, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonVerdict {
    /// The second group is worse, significantly and by more than the minimum.
    Worse,
    /// Neither a difference nor its absence is established. More runs or a quieter machine could help.
    Inconclusive,
    /// The confidence interval excludes a change for the worse of the minimum size.
    NotWorse,
    /// The second group is better, significantly and by more than the minimum.
    Better,
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
