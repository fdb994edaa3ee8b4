//! Cancelled runs.

use hearback_history::RunEnd;
use hearback_runner::{Context, Event, Observer, RunError, check};

use crate::support::{embedded, run, scenarios};

/// A context that is cancelled at the first event of a kind.
fn cancelled_at(is_moment: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Context {
    let context = Context::default();
    let token = context.cancellation.clone();
    let observer = Observer::new(move |event| {
        if is_moment(event) {
            token.cancel();
        }
    });
    Context { observer, ..context }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_check_is_interrupted_and_archives_its_rooms() {
    let run = run("room");
    let context = cancelled_at(|event| matches!(event, Event::ScenarioEnded { .. }));
    let target = embedded(&[]).open().await.unwrap();
    let scenarios = scenarios(&run);
    let count = scenarios.len();
    let (history, _) = check::check(&run, target, scenarios, &context, Vec::new()).await.unwrap();
    assert_eq!(history.end, Some(RunEnd::Interrupted));
    assert_eq!(history.left_rooms, Some(Vec::new()));
    let completed =
        history.scenarios.len() - history.aborted_scenarios.len() - history.skipped_scenarios.len();
    assert!(completed < count, "{completed} of {count} scenarios completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_cancelled_during_log_in_tests_nothing() {
    let run = run("room");
    let context = cancelled_at(|event| matches!(event, Event::LoggingIn { .. }));
    let target = embedded(&[]).open().await.unwrap();
    let result = check::check(&run, target, scenarios(&run), &context, Vec::new()).await;
    assert!(matches!(result, Err(RunError::Interrupted)), "{:?}", result.err());
}
