//! Comparing runs with one another: is one side slower than the other?
//!
//! The run is the unit. Samples within a run hang together, so that pooling them finds differences between
//! a thing and itself; here each run counts as one value of each metric. An exact permutation test asks how
//! often a split of all runs at random shows as large a difference, and Holm's correction pays for asking
//! about several metrics. A difference fails only if it is significant *and* larger than a stated minimum;
//! that there is none is said only where the runs exclude one so large.

mod calibration;
mod permutation;
mod scale;

use serde::{Deserialize, Serialize};

use crate::distribution::{Distribution, MetricValue};
use crate::metric::Metric;
use crate::record::{LoadOutcome, LoadRecord};

pub use calibration::{Calibration, CalibrationVerdict, Sensitivity};
pub use scale::Scale;

/// Fewest runs a side: with less, no difference could be significant after correction.
pub const FEWEST: usize = 5;
/// Most runs a side: all splits of more would take too long.
pub const MOST: usize = 10;
/// How often a thing compared with itself may be found to differ.
pub const SIGNIFICANCE: f64 = 0.05;
/// What never came counts as having taken this long, in milliseconds: longer than anything told apart.
const NEVER_MS: f64 = 600_000.0;

/// The metrics that are compared, and how.
const COMPARED: [(&str, Scale); 4] = [
    ("delivery.p50", Scale::Ratio),
    ("delivery.p99", Scale::Ratio),
    ("last.p99", Scale::Ratio),
    ("lost.share", Scale::Difference),
];

/// The smallest changes that matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minimum {
    /// Of latencies, in percent.
    pub latency_percent: f64,
    /// Of the share of lost deliveries, in percentage points.
    pub loss_points: f64,
}

impl Default for Minimum {
    fn default() -> Self {
        Self { latency_percent: 10.0, loss_points: 0.01 }
    }
}

/// Two sides of runs, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The profile of all runs.
    pub profile: String,
    /// Runs of the first and of the second side, by name.
    pub runs: [Vec<String>; 2],
    /// The smallest changes that matter.
    pub minimum: Minimum,
    /// A row a metric.
    pub metrics: Vec<MetricComparison>,
    /// The latencies of all runs of a side together, for pictures: nothing is concluded from them.
    pub pooled: [Pooled; 2],
    /// What comes of all of them.
    pub verdict: ComparisonVerdict,
}

/// The latencies of several runs together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// To each recipient, from the intended time.
    pub delivery: Distribution,
    /// To the last recipient, from the intended time.
    pub last: Distribution,
}

/// One metric, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricComparison {
    /// Its name, as in service levels.
    pub metric: String,
    /// How it changes.
    pub scale: Scale,
    /// The value of each run, in the metric's unit.
    pub values: [Vec<f64>; 2],
    /// The mean of each side; geometric where the scale is a ratio.
    pub means: [f64; 2],
    /// From the first side to the second: percent, or the metric's own unit; above 0 is worse.
    pub change: f64,
    /// The changes that the runs do not exclude, from and to.
    pub interval: [f64; 2],
    /// How often a random split shows as large a difference.
    pub p: f64,
    /// The same, corrected for the number of metrics.
    pub p_corrected: f64,
    /// The smallest change that matters, on the same scale.
    pub minimum: f64,
    /// What comes of it.
    pub verdict: ComparisonVerdict,
}

/// What comes of a comparison, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonVerdict {
    /// The second side is worse: significantly, and by more than the minimum.
    Worse,
    /// Neither that nor the contrary is shown: more runs, or a quieter machine, would tell.
    Inconclusive,
    /// A change for the worse as large as the minimum is excluded.
    NotWorse,
    /// The second side is better: significantly, and by more than the minimum.
    Better,
}

/// Runs that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// A side has too few or too many runs.
    #[error("each side needs {FEWEST} to {MOST} runs; one has {0}")]
    Runs(usize),
    /// A run counts for nothing.
    #[error("run {run} says nothing about its target: {why}")]
    Invalid {
        /// Its name.
        run: String,
        /// What is the matter.
        why: String,
    },
    /// Two runs did different things.
    #[error("run {run} had another profile than run {first}")]
    Profile {
        /// Its name.
        run: String,
        /// The run that it differs from.
        first: String,
    },
    /// Two runs of what should be one thing had different targets.
    #[error("run {run} had another target than run {first}")]
    Target {
        /// Its name.
        run: String,
        /// The run that it differs from.
        first: String,
    },
    /// A run is named twice.
    #[error("run {0} is named twice")]
    Twice(String),
    /// A run has no value of a metric.
    #[error("run {run} has no samples of {metric}")]
    NoSamples {
        /// Its name.
        run: String,
        /// The metric.
        metric: String,
    },
}

impl NotComparable {
    /// The run that is at kind, where it is one.
    pub fn run(&self) -> Option<&String> {
        match self {
            Self::Runs(_) => None,
            Self::Twice(run)
            | Self::Invalid { run, .. }
            | Self::Profile { run, .. }
            | Self::Target { run, .. }
            | Self::NoSamples { run, .. } => Some(run),
        }
    }
}

impl Comparison {
    /// Compares the runs of two sides, best made in turns.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn of(sides: [&[LoadRecord]; 2], minimum: Minimum) -> Result<Self, NotComparable> {
        let first = check(sides)?;
        let mut rows = Vec::with_capacity(COMPARED.len());
        for (id, scale) in COMPARED {
            rows.push(row(sides, id, scale, minimum)?);
        }
        let corrected = holm(&rows.iter().map(|row| row.p).collect::<Vec<_>>());
        for (row, p) in rows.iter_mut().zip(corrected) {
            row.p_corrected = p;
            row.verdict = judge(row);
        }
        let worst = rows.iter().map(|row| row.verdict).min();
        // Better in one thing is better only if nothing is left open in the others.
        let better = rows.iter().any(|row| row.verdict == ComparisonVerdict::Better);
        let verdict = match worst.unwrap_or(ComparisonVerdict::Inconclusive) {
            ComparisonVerdict::NotWorse if better => ComparisonVerdict::Better,
            worst => worst,
        };
        let names = |side: &[LoadRecord]| side.iter().map(|record| record.run.clone()).collect();
        Ok(Self {
            profile: first.profile.name.clone(),
            runs: sides.map(names),
            minimum,
            metrics: rows,
            pooled: sides.map(Pooled::of),
            verdict,
        })
    }
}

impl Pooled {
    fn of(side: &[LoadRecord]) -> Self {
        let mut pooled = Self::default();
        for record in side {
            pooled.delivery.merge(&record.latencies.delivery);
            pooled.last.merge(&record.latencies.last);
        }
        pooled
    }
}

/// All runs must be valid, of one profile, and enough; gives the first.
fn check(sides: [&[LoadRecord]; 2]) -> Result<&LoadRecord, NotComparable> {
    for side in sides {
        if !(FEWEST..=MOST).contains(&side.len()) {
            return Err(NotComparable::Runs(side.len()));
        }
    }
    let first = &sides[0][0];
    let mut seen = Vec::new();
    for record in sides.into_iter().flatten() {
        let run = record.run.clone();
        if seen.contains(&run) {
            return Err(NotComparable::Twice(run));
        }
        let why = match record.outcome() {
            LoadOutcome::Invalid => record.invalid_reasons.join("; "),
            LoadOutcome::Incomplete => "it did not finish".to_owned(),
            _ if record.deliveries.expected == 0 => "nothing had to be delivered".to_owned(),
            _ => String::new(),
        };
        if !why.is_empty() {
            return Err(NotComparable::Invalid { run, why });
        }
        if record.profile != first.profile {
            return Err(NotComparable::Profile { run, first: first.run.clone() });
        }
        seen.push(run);
    }
    Ok(first)
}

fn row(
    sides: [&[LoadRecord]; 2],
    id: &str,
    scale: Scale,
    minimum: Minimum,
) -> Result<MetricComparison, NotComparable> {
    let metric = Metric::by_id(id).expect("only metrics that there are, are compared");
    let values = |side: &[LoadRecord]| -> Result<Vec<f64>, NotComparable> {
        let read = |record: &LoadRecord| match metric.read(record) {
            MetricValue::Value(value) => Ok(value),
            MetricValue::Never => Ok(NEVER_MS),
            MetricValue::NoSamples => {
                Err(NotComparable::NoSamples { run: record.run.clone(), metric: id.to_owned() })
            }
        };
        side.iter().map(read).collect()
    };
    let values = [values(sides[0])?, values(sides[1])?];
    let scaled =
        values.each_ref().map(|side| side.iter().map(|v| scale.forth(*v)).collect::<Vec<_>>());
    let means = scaled.each_ref().map(|side| permutation::mean(side));
    let interval = permutation::interval(&scaled[0], &scaled[1], SIGNIFICANCE);
    let p = permutation::p(&scaled[0], &scaled[1]);
    Ok(MetricComparison {
        metric: id.to_owned(),
        scale,
        means: means.map(|mean| scale.back(mean)),
        change: scale.change(means[1] - means[0]),
        interval: interval.map(|end| scale.change(end)),
        p,
        p_corrected: p,
        minimum: match scale {
            Scale::Ratio => minimum.latency_percent,
            Scale::Difference => minimum.loss_points,
        },
        values,
        verdict: ComparisonVerdict::Inconclusive,
    })
}

/// Holm's correction: the smallest `p` is multiplied with the number of metrics, the next one with one less,
/// and none becomes smaller than the one before.
fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|one, other| ps[*one].total_cmp(&ps[*other]));
    let mut corrected = vec![1.0; ps.len()];
    let mut least = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        let factor = (ps.len() - rank) as f64;
        least = least.max(ps[index] * factor).min(1.0);
        corrected[index] = least;
    }
    corrected
}

fn judge(row: &MetricComparison) -> ComparisonVerdict {
    let is_significant = row.p_corrected < SIGNIFICANCE;
    if is_significant && row.change > row.minimum {
        ComparisonVerdict::Worse
    } else if is_significant && row.change < -row.minimum {
        ComparisonVerdict::Better
    } else if row.interval[1] < row.minimum {
        ComparisonVerdict::NotWorse
    } else {
        ComparisonVerdict::Inconclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    /// Valid runs whose latencies are those of the made-up one times each factor.
    pub(super) fn side(name: &str, factors: &[f64], lost: u64) -> Vec<LoadRecord> {
        let whole = made_up::record();
        let run = |(number, factor): (usize, &f64)| {
            let mut record = whole.clone();
            record.run = format!("{name}{number}");
            record.deliveries.lost = lost;
            record.deliveries.expected = record.deliveries.received + lost;
            let scaled = |of: &crate::Distribution| {
                let mut scaled = crate::Distribution::default();
                // Some of them suffice.
                for (milliseconds, _) in of.counts() {
                    scaled.record((milliseconds * factor * 1e6) as u64);
                }
                scaled
            };
            record.latencies.delivery = scaled(&whole.latencies.delivery);
            record.latencies.last = scaled(&whole.latencies.last);
            record
        };
        factors.iter().enumerate().map(run).collect()
    }

    pub(super) const CALM: [f64; 5] = [1.0, 1.01, 0.99, 1.02, 0.98];

    fn verdict(a: &[LoadRecord], b: &[LoadRecord]) -> ComparisonVerdict {
        Comparison::of([a, b], Minimum::default()).unwrap().verdict
    }

    #[test]
    fn a_thing_is_not_worse_than_itself() {
        let (a, b) = (side("a", &CALM, 0), side("b", &[1.01, 0.99, 1.0, 0.98, 1.02], 0));
        assert_eq!(verdict(&a, &b), ComparisonVerdict::NotWorse);
    }

    #[test]
    fn a_large_difference_is_found_in_both_directions_and_a_small_one_is_none() {
        let (a, slower) = (side("a", &CALM, 0), side("b", &CALM.map(|factor| factor * 1.3), 0));
        assert_eq!(verdict(&a, &slower), ComparisonVerdict::Worse);
        assert_eq!(verdict(&slower, &a), ComparisonVerdict::Better);
        let little = side("b", &CALM.map(|factor| factor * 1.04), 0);
        assert_eq!(verdict(&a, &little), ComparisonVerdict::NotWorse);
    }

    #[test]
    fn noise_is_inconclusive() {
        let a = side("a", &[1.0, 1.8, 0.6, 1.4, 0.9], 0);
        let b = side("b", &[1.1, 0.7, 1.9, 1.2, 1.0], 0);
        assert_eq!(verdict(&a, &b), ComparisonVerdict::Inconclusive);
    }

    #[test]
    fn losses_alone_are_worse() {
        let (a, b) = (side("a", &CALM, 0), side("b", &CALM, 1_000));
        let comparison = Comparison::of([&a, &b], Minimum::default()).unwrap();
        assert_eq!(comparison.verdict, ComparisonVerdict::Worse);
        let worse: Vec<_> = comparison
            .metrics
            .iter()
            .filter(|row| row.verdict == ComparisonVerdict::Worse)
            .collect();
        assert_eq!((worse.len(), &*worse[0].metric), (1, "lost.share"));
    }

    #[test]
    fn what_says_nothing_is_not_compared() {
        let (a, b) = (side("a", &CALM, 0), side("b", &CALM, 0));
        let error = |b: &[LoadRecord]| Comparison::of([&a, b], Minimum::default()).unwrap_err();
        assert_eq!(error(&b[..4]), NotComparable::Runs(4));
        let altered = |alter: fn(&mut LoadRecord)| {
            let mut b = b.clone();
            alter(&mut b[2]);
            error(&b)
        };
        let invalid = altered(|record| record.invalid_reasons.push("late".to_owned()));
        assert_eq!(
            invalid,
            NotComparable::Invalid { run: "b2".to_owned(), why: "late".to_owned() }
        );
        let other = altered(|record| record.profile.members += 1);
        assert_eq!(other, NotComparable::Profile { run: "b2".to_owned(), first: "a0".to_owned() });
        assert_eq!(
            altered(|record| record.run = "a1".to_owned()),
            NotComparable::Twice("a1".to_owned())
        );
        let silent = altered(|record| record.latencies.last = crate::Distribution::default());
        assert!(matches!(silent, NotComparable::NoSamples { .. }));
    }

    #[test]
    fn the_correction_is_holms() {
        assert_eq!(holm(&[0.02, 0.5, 0.01, 0.03]), [0.06, 0.5, 0.04, 0.06]);
    }
}
