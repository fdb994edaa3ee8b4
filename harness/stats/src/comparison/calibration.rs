//! Calibration: the changes that a number of runs on one machine can detect.

use serde::{Deserialize, Serialize};

use super::{
    Comparison, ComparisonVerdict, MIN_RUNS, MetricComparison, Minimum, NotComparable,
    SIGNIFICANCE, Scale, holm, permutation,
};
use crate::record::LoadRecord;

/// A comparison of one system with itself, and the smallest changes that its runs could detect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Profile of all runs.
    pub profile: String,
    /// Names of the runs in chronological order. Runs alternate between the two groups.
    pub runs: Vec<String>,
    /// Smallest changes that count.
    pub minimum: Minimum,
    /// One entry per metric; empty if there are too few runs.
    pub metrics: Vec<Sensitivity>,
    /// The worst verdict of all metrics.
    pub verdict: CalibrationVerdict,
}

/// The sensitivity of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Id of the metric, as in service levels.
    pub metric: String,
    /// Scale of changes.
    pub scale: Scale,
    /// Value of each run, in the unit of the metric and chronological order.
    pub values: Vec<f64>,
    /// Difference between the highest and the lowest value, in percent or in the unit of the metric.
    pub spread: f64,
    /// Change between the two groups, which is due to chance alone, on the same scale.
    pub change: f64,
    /// p-value of the exact permutation test, corrected for the number of metrics.
    pub p_corrected: f64,
    /// Minimum detectable change: the smallest change for the worse, of either group, that would have been
    /// significant. In other runs, a change of this size is detected about two times in three.
    pub detectable: f64,
    /// Smallest change that counts, on the same scale.
    pub minimum: f64,
    /// Verdict on this metric.
    pub verdict: CalibrationVerdict,
}

/// The verdict of a calibration, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationVerdict {
    /// There are too few runs for a verdict.
    TooFew,
    /// The two groups differ significantly, so that something other than chance changed between runs.
    Unsteady,
    /// A change of the minimum size may go undetected.
    TooNoisy,
    /// A change of the minimum size is detected.
    Sensitive,
}

impl Calibration {
    /// Minimum number of runs: that of the smallest comparison.
    pub const MIN_RUNS: usize = 2 * MIN_RUNS;

    /// Compares runs of one system with each other. In chronological order, they alternate between the two groups.
    ///
    /// # Errors
    /// If the runs are not comparable.
    pub fn of(mut runs: Vec<LoadRecord>, minimum: Minimum) -> Result<Self, NotComparable> {
        runs.sort_by(|one, other| one.started_at.cmp(&other.started_at));
        let names = runs.iter().map(|record| record.run.clone()).collect();
        if runs.len() < Self::MIN_RUNS {
            let profile = runs.first().map(|record| record.profile.name.clone());
            return Ok(Self {
                profile: profile.unwrap_or_default(),
                runs: names,
                minimum,
                metrics: Vec::new(),
                verdict: CalibrationVerdict::TooFew,
            });
        }
        check_target(&runs)?;
        let (first, second): (Vec<_>, Vec<_>) =
            runs.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        let groups = [first, second].map(|group| group.into_iter().map(|(_, run)| run).collect());
        let [first, second]: [Vec<LoadRecord>; 2] = groups;
        let compared = Comparison::of([&first, &second], minimum)?;
        let metrics: Vec<_> = (0..compared.metrics.len())
            .map(|index| sensitivity(&compared.metrics, index))
            .collect();
        let worst = metrics.iter().map(|metric| metric.verdict).min();
        Ok(Self {
            profile: compared.profile,
            runs: names,
            minimum,
            metrics,
            verdict: worst.unwrap_or(CalibrationVerdict::TooFew),
        })
    }
}

/// Checks that all runs have the same target. The embedded server counts as one, although its port varies.
fn check_target(runs: &[LoadRecord]) -> Result<(), NotComparable> {
    let target = |record: &LoadRecord| (!record.embedded).then(|| record.target.clone());
    let first = &runs[0];
    match runs.iter().find(|record| target(record) != target(first)) {
        None => Ok(()),
        Some(other) => {
            Err(NotComparable::Target { run: other.run.clone(), first: first.run.clone() })
        }
    }
}

/// The sensitivity of the metric at `index` of `metrics`, whose p-values are corrected together.
fn sensitivity(metrics: &[MetricComparison], index: usize) -> Sensitivity {
    let metric = &metrics[index];
    let scale = metric.scale;
    let [first, second] = metric.values.each_ref().map(|group| scale.to_additive_all(group));
    let is_significant = |p: f64| {
        let mut ps: Vec<_> = metrics.iter().map(|metric| metric.p).collect();
        ps[index] = p;
        holm(&ps)[index] < SIGNIFICANCE
    };
    // The maximum of both directions, because chance favors one of them.
    let detectable = permutation::detectable(&first, &second, is_significant)
        .max(permutation::detectable(&second, &first, is_significant));
    let all = || first.iter().chain(&second).copied();
    let spread = all().fold(f64::MIN, f64::max) - all().fold(f64::MAX, f64::min);
    let detectable = scale.change(detectable);
    Sensitivity {
        metric: metric.metric.clone(),
        scale,
        values: interleave(&metric.values),
        spread: scale.change(spread),
        change: metric.change,
        p_corrected: metric.p_corrected,
        detectable,
        minimum: metric.minimum,
        verdict: match metric.verdict {
            ComparisonVerdict::Worse | ComparisonVerdict::Better => CalibrationVerdict::Unsteady,
            _ if detectable > metric.minimum => CalibrationVerdict::TooNoisy,
            _ => CalibrationVerdict::Sensitive,
        },
    }
}

/// Restores the chronological order of two groups. The first has as many values as the second, or one more.
fn interleave([first, second]: &[Vec<f64>; 2]) -> Vec<f64> {
    let seconds = second.iter().map(Some).chain(std::iter::repeat(None));
    first
        .iter()
        .zip(seconds)
        .flat_map(|(one, other)| [Some(one), other])
        .flatten()
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// A comparison detects the change in either group, and does not detect a slightly smaller one in both.
        #[test]
        fn detectable_changes_are_detected(values in prop::collection::vec(1.0..2.0_f64, 10)) {
            let metric = |values: [Vec<f64>; 2]| {
                let scaled = values.each_ref().map(|group| Scale::Ratio.to_additive_all(group));
                MetricComparison {
                    metric: "delivery.p50".to_owned(),
                    scale: Scale::Ratio,
                    means: [1.0; 2],
                    change: 0.0,
                    interval: [0.0; 2],
                    p: permutation::p(&scaled[0], &scaled[1]),
                    p_corrected: 1.0,
                    minimum: 10.0,
                    verdict: ComparisonVerdict::Inconclusive,
                    values,
                }
            };
            let groups = [values[..5].to_vec(), values[5..].to_vec()];
            let quiet = MetricComparison { p: 1.0, ..metric(groups.clone()) };
            let with_quiet_ones = |metric: MetricComparison| [metric, quiet.clone(), quiet.clone(), quiet.clone()];
            let detectable = sensitivity(&with_quiet_ones(metric(groups.clone())), 0).detectable;
            let is_detected = |group: usize, percent: f64| {
                let mut groups = groups.clone();
                groups[group].iter_mut().for_each(|value| *value *= 1.0 + percent / 100.0);
                holm(&with_quiet_ones(metric(groups)).map(|metric| metric.p))[0] < SIGNIFICANCE
            };
            prop_assert!(is_detected(0, detectable + 1e-4) && is_detected(1, detectable + 1e-4));
            let less = detectable - 1e-3;
            prop_assert!(less < 0.0 || !is_detected(0, less) || !is_detected(1, less), "{detectable}");
        }
    }
}
