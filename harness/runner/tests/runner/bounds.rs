//! Runs end in time, and say what they did not test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use hearback_checker::{Reason, State, Verdicts};
use hearback_contract::{Level, RequirementId};
use hearback_history::{Handshake, History, RunEnd};
use hearback_reference::{App, Options, Seams, Server, Wire, seeded};
use hearback_results::Gate;
use hearback_runner::fuzz::{Bounds, Cases, fuzz};
use hearback_runner::{Concurrency, Context, Run, TargetSpec, check};

use crate::support::{embedded, in_weather, remote, run, scenarios};

/// The failure of every request after the first ones.
#[derive(Clone, Copy)]
enum Failing {
    /// It is never answered.
    Hangs,
    /// It is throttled, and no delay is demanded, unless it creates a room: no scenario stops at its begin.
    Throttled,
}

/// A wire that fails after a number of requests, not counting those for tokens.
#[derive(Clone, Copy)]
struct FailsAfter(usize, Failing);

impl Wire for FailsAfter {
    fn routes(&self, routes: Router, _: &Arc<App>) -> Router {
        let (Self(limit, failing), count) = (*self, Arc::<AtomicUsize>::default());
        routes.layer(from_fn(move |request: Request, next: Next| {
            let count = count.clone();
            async move {
                let is_token = request.uri().path().contains("/token/");
                if is_token || count.fetch_add(1, Ordering::Relaxed) < limit {
                    return next.run(request).await;
                }
                let creates_room =
                    request.method() == Method::POST && request.uri().path().ends_with("/rooms/");
                match failing {
                    Failing::Throttled if creates_room => next.run(request).await,
                    Failing::Hangs => std::future::pending().await,
                    Failing::Throttled => {
                        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response()
                    }
                }
            }
        }))
    }
}

/// A remote server that fails after a number of requests, its accounts, and their folder.
async fn failing_after(
    requests: usize,
    failing: Failing,
) -> (Server, TargetSpec, tempfile::TempDir) {
    let seams = Seams { wire: Arc::new(FailsAfter(requests, failing)), ..Seams::default() };
    let options = Options { accounts: seeded(4), seams, ..Options::default() };
    let server = Server::start(options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let account = |it: hearback_reference::Account| {
        format!("[[account]]\nusername = {:?}\npassword = {:?}\n", it.username, it.password)
    };
    let text: String = seeded(4).into_iter().map(account).collect();
    std::fs::write(folder.path().join("accounts.toml"), text).unwrap();
    let target = TargetSpec::Remote(remote(server.base_url(), folder.path()));
    (server, target, folder)
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
async fn a_correct_server_200_ms_away_is_checked_within_a_minute() {
    let mut run = run("room");
    run.selected = RequirementId::all().collect();
    run.concurrency = Concurrency::Measured;
    // The server shares a busy machine with other tests.
    (run.timeout, run.response_timeout) = (Duration::from_secs(20), Duration::from_secs(20));
    let (history, verdicts) = checked_within(60, &run, &in_weather("latency=200ms")).await;
    assert_eq!(history.end, Some(RunEnd::Completed));
    assert_eq!(verdicts.in_state(State::Broken).count(), 0, "{verdicts:#?}");
    assert!(verdicts.in_state(State::Held).count() > 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sockets_of_a_scenario_open_at_the_same_time() {
    let run = run("order/common");
    let mut scenarios = scenarios(&run);
    scenarios.retain(|scenario| scenario.name.as_str() == "order/many-senders");
    let target = in_weather("latency=400ms").open().await.unwrap();
    let (history, _) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    let opened: Vec<_> = history
        .connections
        .iter()
        .filter(|connection| connection.scenario.as_str() == "order/many-senders")
        .map(|connection| match connection.handshake {
            Handshake::Accepted { at } => (connection.invoked, at),
            ref other => panic!("{other:?}"),
        })
        .collect();
    // The fifth socket is of the audit after the last step.
    assert_eq!(opened.len(), 5);
    let opened = &opened[..4];
    let last_begun = opened.iter().map(|(invoked, _)| invoked).max();
    let first_open = opened.iter().map(|(_, at)| at).min();
    assert!(last_begun < first_open, "{opened:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_deliveries_are_waited_for_at_the_same_time() {
    let mut run = run("room");
    run.selected = RequirementId::all().collect();
    run.concurrency = Concurrency::Measured;
    let target = embedded(&["socket/loses-messages-to-others"]);
    let (_, verdicts) = checked_within(60, &run, &target).await;
    let mut broken = verdicts.in_state(State::Broken);
    let lost = RequirementId::SocketMessageReachesOthers;
    assert!(broken.any(|verdict| verdict.requirement == lost), "{verdicts:#?}");
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

/// The result of a run, which must end within some seconds.
async fn checked_within(seconds: u64, run: &Run, target: &TargetSpec) -> (History, Verdicts) {
    let started = Instant::now();
    let target = target.open().await.unwrap();
    let checked =
        check::check(run, target, scenarios(run), &Context::default(), Vec::new()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(seconds), "{:?}", started.elapsed());
    checked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_falls_silent_is_given_up_as_a_whole() {
    let mut run = run("room");
    run.response_timeout = Duration::from_secs(3);
    let (_server, target, _folder) = failing_after(60, Failing::Hangs).await;
    let (history, verdicts) = checked_within(60, &run, &target).await;
    let Some(RunEnd::Aborted { reason }) = &history.end else { panic!("{:?}", history.end) };
    assert!(reason.starts_with("the target is gone: "), "{reason}");
    // Some rounds of eight scenarios, instead of three for each operation and a whole cleanup; an audit reads several views
    // at once.
    let unanswered = history.calls.iter().filter(|call| call.status().is_none()).count();
    assert!((24..120).contains(&unanswered), "{unanswered}");
    assert!(history.left_rooms.is_some_and(|rooms| !rooms.is_empty()));
    let broken = verdicts.in_state(State::Broken);
    let levels: Vec<_> = broken.map(|it| it.requirement.requirement().level).collect();
    assert!(!levels.contains(&Level::Must), "{verdicts:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_throttles_everything_from_some_time_on_aborts_the_run() {
    let run = run("room");
    let (_server, target, _folder) = failing_after(60, Failing::Throttled).await;
    let (history, verdicts) = checked_within(240, &run, &target).await;
    let Some(RunEnd::Aborted { reason }) = &history.end else { panic!("{:?}", history.end) };
    assert!(reason.starts_with("throttled: "), "{reason}");
    assert_eq!(verdicts.in_state(State::Broken).count(), 0);
}
