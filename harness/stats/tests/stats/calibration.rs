//! Calibrations: runs of one system, compared with each other.

use hearback_stats::comparison::CalibrationVerdict;
use hearback_stats::{Calibration, Minimum, NotComparable};

use crate::runs::{QUIET, group};

fn calibrate(factors: &[f64]) -> Calibration {
    Calibration::of(group("a", factors, 0), Minimum::default()).unwrap()
}

/// `QUIET`, alternating with a permutation of itself.
fn quiet() -> Vec<f64> {
    let permuted = [0.99, 1.0, 1.02, 0.98, 1.01];
    QUIET.into_iter().zip(permuted).flat_map(|(one, other)| [one, other]).collect()
}

#[test]
fn a_quiet_machine_detects_changes_beyond_its_spread() {
    let calibration = calibrate(&quiet());
    assert_eq!(calibration.verdict, CalibrationVerdict::Sensitive);
    // Two groups of five runs must be disjoint: from 0.98 of one to 1.02 of the other.
    let expected = 100.0 * (1.02 / 0.98 - 1.0);
    for metric in &calibration.metrics[..3] {
        let (detectable, spread) = (metric.detectable, metric.spread);
        assert!((detectable - expected).abs() < 0.3, "{}: {detectable}", metric.metric);
        assert!((spread - expected).abs() < 0.3, "{}: {spread}", metric.metric);
    }
    // No run lost a delivery, so that one more loss in each would have been detected.
    assert!(calibration.metrics[3].detectable < 1e-6);
}

#[test]
fn a_noisy_machine_reports_what_it_cannot_detect() {
    let calibration = calibrate(&[1.0, 1.1, 1.8, 0.7, 0.6, 1.9, 1.4, 1.2, 0.9, 1.0]);
    assert_eq!(calibration.verdict, CalibrationVerdict::TooNoisy);
    assert!(calibration.metrics[0].detectable > 100.0, "{}", calibration.metrics[0].detectable);
    assert_eq!(calibration.metrics[3].verdict, CalibrationVerdict::Sensitive);
}

#[test]
fn a_machine_that_changes_between_runs_is_unsteady() {
    let calibration = calibrate(&[1.0, 1.3, 1.01, 1.31, 0.99, 1.29, 1.0, 1.3, 1.01, 1.3]);
    assert_eq!(calibration.verdict, CalibrationVerdict::Unsteady);
}

#[test]
fn identical_runs_detect_the_smallest_change() {
    let calibration = calibrate(&[1.0; 10]);
    let is_exact = |spread: f64, detectable: f64| spread == 0.0 && detectable < 1e-4;
    assert!(calibration.metrics.iter().all(|metric| is_exact(metric.spread, metric.detectable)));
}

#[test]
fn too_few_runs_have_no_figures() {
    for count in [1, 4, 9] {
        let calibration = calibrate(&[1.0; 10][..count]);
        let result = (calibration.verdict, calibration.metrics.len());
        assert_eq!(result, (CalibrationVerdict::TooFew, 0));
        assert_eq!(calibration.runs.len(), count);
    }
}

#[test]
fn runs_are_sorted_chronologically() {
    let mut runs = group("a", &quiet(), 0);
    for (second, run) in runs.iter_mut().enumerate() {
        run.started_at = format!("2026-11-22T10:24:{second:02}Z");
    }
    let expected = Calibration::of(runs.clone(), Minimum::default()).unwrap();
    runs.reverse();
    assert_eq!(Calibration::of(runs, Minimum::default()).unwrap(), expected);
    assert_eq!(expected.runs[1], "a1");
}

#[test]
fn targets_must_be_the_same_unless_embedded() {
    let mut runs = group("a", &quiet(), 0);
    runs[3].target = "http://127.0.0.1:9000/api".to_owned();
    assert!(Calibration::of(runs.clone(), Minimum::default()).is_ok());
    runs.iter_mut().for_each(|run| run.embedded = false);
    let error = Calibration::of(runs, Minimum::default()).unwrap_err();
    let expected = NotComparable::Target { run: "a3".to_owned(), first: "a0".to_owned() };
    assert_eq!(error, expected);
}
