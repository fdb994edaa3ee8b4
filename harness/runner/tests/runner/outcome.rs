//! Outcomes of runs in which the target keeps requirements from being tested.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hearback_checker::{Reason, State};
use hearback_contract::{Level, Operation, RequirementId};
use hearback_reference::{Options, Server};
use hearback_results::{ExitStatus, Outcome, Results};
use hearback_runner::{Context, check};
use hearback_testkit::servers::{Interference, RequestHead, Treatment};

use crate::support::{remote, run, write_accounts};

const ALL: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];

/// The results of the scenarios whose names begin with one of `families`, through a relay.
async fn results(
    accounts: &[&str],
    families: &[&str],
    decide: impl Fn(&RequestHead) -> Treatment + Send + Sync + 'static,
) -> Results {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(Options::default(), address).await.expect("the server starts");
    let relay = Interference::start(server.address(), decide);
    let folder = tempfile::tempdir().expect("a folder");
    write_accounts(folder.path(), accounts);
    let target = remote(relay.url(), folder.path());
    let mut run = run("room");
    run.selected = RequirementId::all().collect();
    run.timeout = Duration::from_secs(1);
    run.response_timeout = Duration::from_secs(1);
    let mut scenarios = run.scenarios();
    scenarios.retain(|scenario| {
        families.iter().any(|family| scenario.name.as_str().starts_with(family))
    });
    assert!(!scenarios.is_empty());
    let target = target.open().expect("a valid target");
    let checked = check::check(&run, target, scenarios, &Context::default(), Vec::new()).await;
    let (history, verdicts) = checked.expect("the run ends");
    server.stop().await;
    Results::new(&history, &verdicts, Level::Must)
}

fn reasons(results: &Results) -> Vec<&Reason> {
    results.coverage.untested.iter().map(|group| &group.reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_never_responds_breaks_a_must_and_names_what_it_leaves_untested() {
    let results = results(&ALL, &["deletion"], |head| {
        match head.line.starts_with("DELETE /api/chat/messages/") {
            true => Treatment::Silence,
            false => Treatment::Pass,
        }
    })
    .await;
    assert_eq!(results.outcome, Outcome::Broken);
    let broken: Vec<_> = results.broken().iter().map(|it| it.id.as_str()).collect();
    assert!(broken.contains(&"status/answers"), "{broken:?}");
    let silent = Reason::Unanswered(Operation::MessagesDelete);
    assert_eq!(reasons(&results).first(), Some(&&silent), "{:?}", reasons(&results));
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_the_target_closes_on_its_own_make_a_run_incomplete() {
    for (after, code, reason) in [
        (Duration::from_millis(150), Some(1011), Reason::SocketClosed(1011)),
        (Duration::ZERO, Some(1000), Reason::SocketClosed(1000)),
        (Duration::from_millis(150), None, Reason::SocketLost),
    ] {
        let results =
            results(&ALL, &["socket", "delivery"], move |_| Treatment::End(after, code)).await;
        assert!(
            matches!(results.exit_status(), ExitStatus::Inconclusive | ExitStatus::Failed),
            "{code:?}: {:?}",
            results.outcome
        );
        let stopped = results.stopped_scenarios.iter().filter_map(|stopped| stopped.cause.as_ref());
        assert!(stopped.clone().any(|cause| *cause == reason), "{reason:?}: {results:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_is_not_enough() {
    let results = results(&["alice"], &["auth", "room", "message"], |_| Treatment::Pass).await;
    assert_eq!(results.exit_status(), ExitStatus::Inconclusive);
    let reasons = reasons(&results);
    assert!(reasons.contains(&&Reason::TooFewAccounts(2)), "{reasons:?}");
    assert!(reasons.iter().all(|it| matches!(it, Reason::TooFewAccounts(_))), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_throttles_everything_is_not_green() {
    const THROTTLED: &str = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\n\
                             Content-Length: 0\r\nConnection: close\r\n\r\n";
    let results = results(&ALL, &["message"], |head| match head.line.contains("/chat/messages/") {
        true => Treatment::Answer(THROTTLED.to_owned()),
        false => Treatment::Pass,
    })
    .await;
    assert_eq!(results.exit_status(), ExitStatus::Inconclusive, "{:?}", results.outcome);
    assert!(reasons(&results).contains(&&Reason::Throttled), "{:?}", reasons(&results));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_leaves_out_does_not_make_a_run_incomplete() {
    let results = results(&ALL, &["room", "message", "auth"], |_| Treatment::Pass).await;
    assert_eq!(results.outcome, Outcome::Holds, "{:#?}", results.coverage);
    // The other scenarios, the fixtures and the key were not given.
    let untested: Vec<_> = results.in_state(State::NotExercised).collect();
    assert!(untested.len() > 20, "{}", untested.len());
    let chosen = untested.iter().all(|it| it.reason.as_ref().is_some_and(Reason::is_chosen));
    assert!(chosen, "{untested:#?}");
    let is_late = untested.iter().any(|it| it.reason == Some(Reason::WaitBudget));
    assert!(is_late, "the run has no time for scenarios that wait");
}
