//! Searches for the capacity of a stub.

use hearback_history::RunEnd;
use hearback_runner::capacity::{Quantity, Range, find};
use hearback_runner::{Event, RunError};
use hearback_stats::record::Sends;
use hearback_stats::{LoadRecord, MetricValue, SloResult};

use crate::support::observed;

const RANGE: Range = Range { start: 100.0, lowest: 1.0, highest: 10_000.0 };

/// The record of a trial that met its service level, or did not.
fn trial(is_met: bool) -> LoadRecord {
    let value = MetricValue::Value(if is_met { 0.0 } else { 1.0 });
    let slo =
        SloResult { slo: "lost = 0".to_owned(), value, measured: String::new(), met: Some(is_met) };
    LoadRecord {
        end: RunEnd::Completed,
        sends: Sends { offered: 10, sent: 10 },
        slos: vec![slo],
        ..LoadRecord::default()
    }
}

#[tokio::test]
async fn the_interval_contains_the_capacity_of_the_target() {
    let (context, events) = observed();
    let record = find(Quantity::Rate, RANGE, 2, &context, async |value| Ok(trial(value <= 700.0)))
        .await
        .unwrap();
    let capacity = record.capacity.unwrap();
    let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
    assert!(holds <= 700.0 && 700.0 < breaks && breaks / holds <= 1.1 + 1e-9, "{holds} {breaks}");
    assert_eq!(record.slos[0].met, Some(true));
    let reported = events.lock().iter().filter(|it| matches!(it, Event::TrialEnded { .. })).count();
    assert_eq!(reported, capacity.trials.len());
}

#[tokio::test]
async fn a_first_trial_that_fails_is_an_error_and_a_later_one_ends_the_search() {
    let (context, _) = observed();
    let failing = async |_| Err(RunError::NoCreator);
    let result = find(Quantity::Members, RANGE, 1, &context, failing).await;
    assert!(matches!(result, Err(RunError::NoCreator)), "{result:?}");

    let mut trials = 0;
    let record = find(Quantity::Members, RANGE, 1, &context, async |_| {
        trials += 1;
        if trials < 3 { Ok(trial(true)) } else { Err(RunError::NoCreator) }
    })
    .await
    .unwrap();
    assert!(matches!(record.end, RunEnd::Aborted { .. }), "{:?}", record.end);
    let capacity = record.capacity.unwrap();
    assert_eq!(capacity.trials.len(), 2);
    assert_eq!(capacity.note.as_deref(), Some("the search was stopped"));
}

#[tokio::test]
async fn a_cancelled_search_is_interrupted() {
    let (context, _) = observed();
    let token = context.cancellation.clone();
    let record = find(Quantity::Rate, RANGE, 1, &context, async |_| {
        token.cancel();
        Ok(LoadRecord { end: RunEnd::Interrupted, ..trial(true) })
    })
    .await
    .unwrap();
    assert_eq!(record.end, RunEnd::Interrupted);
    assert_eq!(record.capacity.unwrap().trials.len(), 1);
}
