//! Comparisons of two groups of runs.

use hearback_stats::comparison::ComparisonVerdict;
use hearback_stats::{Comparison, Distribution, LoadRecord, Minimum, NotComparable};

use crate::runs::{QUIET, group};

fn verdict(before: &[LoadRecord], after: &[LoadRecord]) -> ComparisonVerdict {
    Comparison::of([before, after], Minimum::default()).unwrap().verdict
}

#[test]
fn a_system_is_not_worse_than_itself() {
    let (before, after) = (group("a", &QUIET, 0), group("b", &[1.01, 0.99, 1.0, 0.98, 1.02], 0));
    assert_eq!(verdict(&before, &after), ComparisonVerdict::NotWorse);
}

#[test]
fn large_differences_are_detected_in_both_directions_and_small_ones_ignored() {
    let (fast, slow) = (group("a", &QUIET, 0), group("b", &QUIET.map(|factor| factor * 1.3), 0));
    assert_eq!(verdict(&fast, &slow), ComparisonVerdict::Worse);
    assert_eq!(verdict(&slow, &fast), ComparisonVerdict::Better);
    let slightly_slower = group("b", &QUIET.map(|factor| factor * 1.04), 0);
    assert_eq!(verdict(&fast, &slightly_slower), ComparisonVerdict::NotWorse);
}

#[test]
fn noise_is_inconclusive() {
    let before = group("a", &[1.0, 1.8, 0.6, 1.4, 0.9], 0);
    let after = group("b", &[1.1, 0.7, 1.9, 1.2, 1.0], 0);
    assert_eq!(verdict(&before, &after), ComparisonVerdict::Inconclusive);
}

#[test]
fn losses_alone_are_worse() {
    let (before, after) = (group("a", &QUIET, 0), group("b", &QUIET, 1_000));
    let comparison = Comparison::of([&before, &after], Minimum::default()).unwrap();
    assert_eq!(comparison.verdict, ComparisonVerdict::Worse);
    let is_worse = |verdict| verdict == ComparisonVerdict::Worse;
    let worse: Vec<_> =
        comparison.metrics.iter().filter(|metric| is_worse(metric.verdict)).collect();
    assert_eq!((worse.len(), &*worse[0].metric), (1, "lost.share"));
}

#[test]
fn runs_that_are_not_comparable_are_rejected() {
    let (before, after) = (group("a", &QUIET, 0), group("b", &QUIET, 0));
    let error =
        |after: &[LoadRecord]| Comparison::of([&before, after], Minimum::default()).unwrap_err();
    assert_eq!(error(&after[..4]), NotComparable::GroupSize(4));
    let altered = |alter: fn(&mut LoadRecord)| {
        let mut after = after.clone();
        alter(&mut after[2]);
        error(&after)
    };
    let invalid = altered(|record| record.invalid_reasons.push("late".to_owned()));
    let expected = NotComparable::Invalid { run: "b2".to_owned(), reason: "late".to_owned() };
    assert_eq!(invalid, expected);
    let profile = altered(|record| record.profile.members += 1);
    assert_eq!(profile, NotComparable::Profile { run: "b2".to_owned(), first: "a0".to_owned() });
    let duplicate = altered(|record| record.run = "a1".to_owned());
    assert_eq!(duplicate, NotComparable::Duplicate("a1".to_owned()));
    let empty = altered(|record| record.latencies.last = Distribution::default());
    assert!(matches!(empty, NotComparable::NoSamples { .. }));
}
