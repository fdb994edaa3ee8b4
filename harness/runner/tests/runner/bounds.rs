//! Runs end in time, and say what they did not test.

use std::time::{Duration, Instant};

use hearback_checker::{Reason, State};
use hearback_contract::{Level, RequirementId};
use hearback_history::RunEnd;
use hearback_mutants::WeatherSet;
use hearback_results::Gate;
use hearback_runner::fuzz::{Bounds, Cases, fuzz};
use hearback_runner::{Concurrency, Context, TargetSpec, check};

use crate::support::{embedded, run, scenarios};

/// The embedded server in some weather.
fn in_weather(weather: &str) -> TargetSpec {
    TargetSpec::Embedded { faults: Vec::new(), weather: weather.parse::<WeatherSet>().unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_target_uses_up_the_time_and_the_rest_is_not_exercised() {
    let mut run = run("room");
    run.max_duration = Some(Duration::from_secs(2));
    let target = in_weather("latency=400ms").open().await.unwrap();
    let started = Instant::now();
    let (history, verdicts) =
        check::check(&run, target, scenarios(&run), &Context::default(), Vec::new()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    let Some(RunEnd::Aborted { reason }) = history.end else { panic!("{:?}", history.end) };
    assert!(reason.ends_with("did not finish within 2 s (--max-duration)"), "{reason}");
    assert_eq!(verdicts.in_state(State::Broken).count(), 0);
    let late = verdicts.in_state(State::NotExercised);
    let late = late.filter(|verdict| verdict.reason == Some(Reason::TimeBudget));
    assert!(late.count() > 0, "{verdicts:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn distant_targets_are_tested_by_more_scenarios_at_the_same_time() {
    let mut durations = Vec::new();
    for concurrency in [Concurrency::Fixed(2), Concurrency::Measured] {
        let mut run = run("room");
        run.concurrency = concurrency;
        let target = in_weather("latency=100ms").open().await.unwrap();
        let started = Instant::now();
        let (history, verdicts) =
            check::check(&run, target, scenarios(&run), &Context::default(), Vec::new())
                .await
                .unwrap();
        durations.push(started.elapsed());
        assert_eq!(history.end, Some(RunEnd::Completed));
        assert_eq!(verdicts.in_state(State::Broken).count(), 0);
    }
    assert!(durations[1] < durations[0], "{durations:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fuzzing_ends_when_its_time_is_used_up() {
    let run = run("message");
    let target = in_weather("latency=300ms").open().await.unwrap();
    let bounds = Bounds { duration: Some(Duration::from_secs(3)), ..Bounds::default() };
    let cases = Cases::new(&run, None).unwrap();
    let started = Instant::now();
    let results = fuzz(&run, target, &bounds, cases, Gate::from(Level::Must), &Context::default())
        .await
        .unwrap();
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!(results.end, Some(RunEnd::Completed));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_events_of_one_kind_are_waited_for_once() {
    let mut run = run("room");
    run.selected = RequirementId::all().collect();
    run.timeout = Duration::from_secs(3);
    let scenarios = scenarios(&run);
    let target = embedded(&["socket/rest-stays-silent"]).open().await.unwrap();
    let started = Instant::now();
    let (_, verdicts) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let broken: Vec<_> =
        verdicts.in_state(State::Broken).map(|verdict| verdict.requirement.as_str()).collect();
    assert_eq!(broken, ["socket/rest-message-delivered"]);
}
