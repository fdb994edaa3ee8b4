//! What a machine can see: runs of one thing, compared with each other.

use serde::{Deserialize, Serialize};

use super::{
    Comparison, ComparisonVerdict, FEWEST, MetricComparison, Minimum, NotComparable, SIGNIFICANCE,
    Scale, holm, permutation,
};
use crate::record::LoadRecord;

/// Runs of one thing, and the smallest changes that so many runs, so far apart, would show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The profile of all runs.
    pub profile: String,
    /// The runs, by name, in the order of time; every other one is of the same half.
    pub runs: Vec<String>,
    /// The smallest changes that matter.
    pub minimum: Minimum,
    /// A row a metric; none where there are too few runs.
    pub metrics: Vec<Sensitivity>,
    /// What comes of all of them.
    pub verdict: CalibrationVerdict,
}

/// What changes of one metric are seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Its name, as in service levels.
    pub metric: String,
    /// How it changes.
    pub scale: Scale,
    /// The value of each run, in the metric's unit, in the order of time.
    pub values: Vec<f64>,
    /// From the lowest of them to the highest: percent, or the metric's own unit.
    pub spread: f64,
    /// From one half to the other, which is chance alone, on the same scale.
    pub change: f64,
    /// How often a random split shows as large a difference, corrected for the number of metrics.
    pub p_corrected: f64,
    /// The smallest change for the worse of either half that would have been significant. Other runs, as far apart,
    /// show one that small about two times in three.
    pub detectable: f64,
    /// The smallest change that matters.
    pub minimum: f64,
    /// What comes of it.
    pub verdict: CalibrationVerdict,
}

/// What a machine is good for, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationVerdict {
    /// There are too few runs to tell.
    TooFew,
    /// The thing differs from itself: something else changes while it runs.
    Unsteady,
    /// A change as large as the minimum may go unseen.
    TooNoisy,
    /// A change as large as the minimum is seen.
    Sensitive,
}

impl Calibration {
    /// Fewest runs that tell anything: those of the smallest comparison.
    pub const FEWEST: usize = 2 * FEWEST;

    /// Compares runs of one thing with each other: every other one, in the order of time, with the rest.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn of(mut runs: Vec<LoadRecord>, minimum: Minimum) -> Result<Self, NotComparable> {
        runs.sort_by(|one, other| one.started_at.cmp(&other.started_at));
        let names = runs.iter().map(|record| record.run.clone()).collect();
        if runs.len() < Self::FEWEST {
            let profile = runs.first().map(|record| record.profile.name.clone());
            return Ok(Self {
                profile: profile.unwrap_or_default(),
                runs: names,
                minimum,
                metrics: Vec::new(),
                verdict: CalibrationVerdict::TooFew,
            });
        }
        same_target(&runs)?;
        let (first, second): (Vec<_>, Vec<_>) =
            runs.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        let halves = [first, second].map(|half| half.into_iter().map(|(_, run)| run).collect());
        let [first, second]: [Vec<LoadRecord>; 2] = halves;
        let compared = Comparison::of([&first, &second], minimum)?;
        let rows: Vec<_> = (0..compared.metrics.len())
            .map(|index| sensitivity(&compared.metrics, index))
            .collect();
        let worst = rows.iter().map(|row| row.verdict).min();
        Ok(Self {
            profile: compared.profile,
            runs: names,
            minimum,
            metrics: rows,
            verdict: worst.unwrap_or(CalibrationVerdict::TooFew),
        })
    }
}

/// The embedded server has another port each time.
fn same_target(runs: &[LoadRecord]) -> Result<(), NotComparable> {
    let target = |record: &LoadRecord| (!record.embedded).then(|| record.target.clone());
    let first = &runs[0];
    match runs.iter().find(|record| target(record) != target(first)) {
        None => Ok(()),
        Some(other) => {
            Err(NotComparable::Target { run: other.run.clone(), first: first.run.clone() })
        }
    }
}

fn sensitivity(rows: &[MetricComparison], index: usize) -> Sensitivity {
    let row = &rows[index];
    let [first, second] = row
        .values
        .each_ref()
        .map(|half| half.iter().map(|v| row.scale.forth(*v)).collect::<Vec<_>>());
    let is_significant = |p: f64| {
        let with =
            |(other, row): (usize, &MetricComparison)| if other == index { p } else { row.p };
        holm(&rows.iter().enumerate().map(with).collect::<Vec<_>>())[index] < SIGNIFICANCE
    };
    // Chance favours one direction; what is promised holds for both.
    let detectable = permutation::detectable(&first, &second, is_significant)
        .max(permutation::detectable(&second, &first, is_significant));
    let all = || first.iter().chain(&second).copied();
    let spread = all().fold(f64::MIN, f64::max) - all().fold(f64::MAX, f64::min);
    let detectable = row.scale.change(detectable);
    Sensitivity {
        metric: row.metric.clone(),
        scale: row.scale,
        values: interleaved(&row.values),
        spread: row.scale.change(spread),
        change: row.change,
        p_corrected: row.p_corrected,
        detectable,
        minimum: row.minimum,
        verdict: match row.verdict {
            ComparisonVerdict::Worse | ComparisonVerdict::Better => CalibrationVerdict::Unsteady,
            _ if detectable > row.minimum => CalibrationVerdict::TooNoisy,
            _ => CalibrationVerdict::Sensitive,
        },
    }
}

/// The halves in the order of time again; the first has as many values as the second, or one more.
fn interleaved([first, second]: &[Vec<f64>; 2]) -> Vec<f64> {
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

    use super::super::tests::{CALM, side};
    use super::*;

    fn calibrated(factors: &[f64]) -> Calibration {
        Calibration::of(side("a", factors, 0), Minimum::default()).unwrap()
    }

    /// `CALM` in turns with itself in another order.
    fn calm() -> Vec<f64> {
        let other = [0.99, 1.0, 1.02, 0.98, 1.01];
        CALM.into_iter().zip(other).flat_map(|(one, other)| [one, other]).collect()
    }

    #[test]
    fn a_calm_machine_sees_what_lies_beyond_its_spread() {
        let calibration = calibrated(&calm());
        assert_eq!(calibration.verdict, CalibrationVerdict::Sensitive);
        // Five runs a side must not overlap at all: from 0.98 of one half to 1.02 of the other.
        let expected = 100.0 * (1.02 / 0.98 - 1.0);
        for row in &calibration.metrics[..3] {
            assert!((row.detectable - expected).abs() < 0.3, "{}: {}", row.metric, row.detectable);
            assert!((row.spread - expected).abs() < 0.3, "{}: {}", row.metric, row.spread);
        }
        // Nothing was lost in any run: one loss more in each would have shown.
        assert!(calibration.metrics[3].detectable < 1e-6);
    }

    #[test]
    fn a_noisy_machine_says_what_it_cannot_see() {
        let noisy = [1.0, 1.1, 1.8, 0.7, 0.6, 1.9, 1.4, 1.2, 0.9, 1.0];
        let calibration = calibrated(&noisy);
        assert_eq!(calibration.verdict, CalibrationVerdict::TooNoisy);
        assert!(calibration.metrics[0].detectable > 100.0, "{}", calibration.metrics[0].detectable);
        assert_eq!(calibration.metrics[3].verdict, CalibrationVerdict::Sensitive);
    }

    #[test]
    fn a_machine_that_changes_in_between_is_unsteady() {
        let calibration = calibrated(&[1.0, 1.3, 1.01, 1.31, 0.99, 1.29, 1.0, 1.3, 1.01, 1.3]);
        assert_eq!(calibration.verdict, CalibrationVerdict::Unsteady);
    }

    #[test]
    fn runs_that_are_all_the_same_show_the_smallest_change() {
        let calibration = calibrated(&[1.0; 10]);
        assert!(calibration.metrics.iter().all(|row| row.spread == 0.0 && row.detectable < 1e-4));
    }

    #[test]
    fn too_few_runs_tell_nothing() {
        for count in [1, 4, 9] {
            let calibration = calibrated(&[1.0; 10][..count]);
            let result = (calibration.verdict, calibration.metrics.len());
            assert_eq!(result, (CalibrationVerdict::TooFew, 0));
            assert_eq!(calibration.runs.len(), count);
        }
    }

    #[test]
    fn runs_are_taken_in_the_order_of_time() {
        let mut runs = side("a", &calm(), 0);
        for (second, run) in runs.iter_mut().enumerate() {
            run.started_at = format!("2026-11-22T10:24:{second:02}Z");
        }
        let expected = Calibration::of(runs.clone(), Minimum::default()).unwrap();
        runs.reverse();
        assert_eq!(Calibration::of(runs, Minimum::default()).unwrap(), expected);
        assert_eq!(expected.runs[1], "a1");
    }

    #[test]
    fn another_target_is_another_thing_but_for_the_embedded_server() {
        let mut runs = side("a", &calm(), 0);
        runs[3].target = "http://127.0.0.1:9000/api".to_owned();
        assert!(Calibration::of(runs.clone(), Minimum::default()).is_ok());
        runs.iter_mut().for_each(|run| run.embedded = false);
        let error = Calibration::of(runs, Minimum::default()).unwrap_err();
        let expected = NotComparable::Target { run: "a3".to_owned(), first: "a0".to_owned() };
        assert_eq!(error, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// What is promised holds: a comparison finds the change, in either half, and not one much smaller
        /// in both.
        #[test]
        fn what_is_detectable_is_detected(values in prop::collection::vec(1.0..2.0_f64, 10)) {
            let rows = |values: [Vec<f64>; 2]| {
                let scaled = values.each_ref().map(|half| half.iter().map(|v| v.ln()).collect::<Vec<_>>());
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
            let halves = [values[..5].to_vec(), values[5..].to_vec()];
            let quiet = MetricComparison { p: 1.0, ..rows(halves.clone()) };
            let of = |row: MetricComparison| [row, quiet.clone(), quiet.clone(), quiet.clone()];
            let detectable = sensitivity(&of(rows(halves.clone())), 0).detectable;
            let is_found = |half: usize, percent: f64| {
                let mut halves = halves.clone();
                halves[half].iter_mut().for_each(|value| *value *= 1.0 + percent / 100.0);
                let row = rows(halves);
                holm(&of(row).map(|row| row.p))[0] < SIGNIFICANCE
            };
            prop_assert!(is_found(0, detectable + 1e-4) && is_found(1, detectable + 1e-4));
            let less = detectable - 1e-3;
            prop_assert!(less < 0.0 || !is_found(0, less) || !is_found(1, less), "{detectable}");
        }
    }
}
