//! Checks of the embedded server.

use hearback_checker::{Reason, State, Verdict};
use hearback_contract::RequirementId;
use hearback_generate::Depth;
use hearback_history::RunEnd;
use hearback_runner::{Context, Event, RunError, TargetSpec, check};

use crate::support::{embedded, id, observed, remote, run, scenarios, unarchived};

#[tokio::test(flavor = "multi_thread")]
async fn the_clean_server_holds_every_requirement() {
    let mut run = run("participant");
    run.selected = RequirementId::all().collect();
    run.depth = Some(Depth::QUICK);
    let scenarios = run.scenarios();
    let count = scenarios.len();
    let (context, events) = observed();
    let target = embedded(&[]).open().await.unwrap();
    let (history, verdicts) =
        check::check(&run, target, scenarios, &context, Vec::new()).await.unwrap();
    // What needs more time than the run permits, and a use that the server has not.
    let is_left_out = |verdict: &&Verdict| {
        verdict.reason == Some(Reason::WaitBudget)
            || verdict.requirement == RequirementId::AuthSupersededRefreshRefused
    };
    let others = verdicts.verdicts.iter().filter(|verdict| verdict.state != State::Held);
    let (left_out, others): (Vec<_>, Vec<_>) = others.partition(is_left_out);
    assert!(others.is_empty(), "{others:#?}");
    assert!(left_out.iter().all(|it| it.state != State::Broken) && left_out.len() < 8);
    assert_eq!(verdicts.verdicts.len(), run.selected.len());
    assert_eq!(history.end, Some(RunEnd::Completed));
    assert_eq!(unarchived(&history), Vec::<String>::new());

    let events = events.lock();
    assert!(matches!(&events[0], Event::Started { accounts: 8, .. }), "{:?}", events[0]);
    let log_ins: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::LoggingIn { done, all } => Some((*done, *all)),
            _ => None,
        })
        .collect();
    assert_eq!(log_ins, (1..=8).map(|done| (done, 8)).collect::<Vec<_>>());
    let ended = events.iter().filter(|event| matches!(event, Event::ScenarioEnded { .. }));
    assert_eq!(ended.count(), count);
    assert!(matches!(events.last(), Some(Event::Finished)), "{:?}", events.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_breaks_its_requirement() {
    let run = run("room/stats");
    let target = embedded(&["room/stats-count-one-more-message"]).open().await.unwrap();
    let context = Context::default();
    let (_, verdicts) =
        check::check(&run, target, scenarios(&run), &context, Vec::new()).await.unwrap();
    let broken: Vec<_> =
        verdicts.in_state(State::Broken).map(|verdict| verdict.requirement).collect();
    assert_eq!(broken, [id("room/stats-message-count")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_faults_are_usage_errors_and_unreachable_targets_are_not() {
    let error = embedded(&["room/nothing"]).open().await.err().expect("an error");
    assert!(error.is_usage(), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("accounts.toml");
    std::fs::write(&accounts, "[[account]]\nusername = \"a\"\npassword = \"b\"\n").unwrap();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = TargetSpec::Remote(remote(format!("http://127.0.0.1:{port}/api"), folder.path()));
    let run = run("room/stats");
    let target = target.open().await.unwrap();
    let result = check::check(&run, target, scenarios(&run), &Context::default(), Vec::new()).await;
    let error = result.expect_err("an error");
    assert!(matches!(error, RunError::Preflight(_)) && !error.is_usage(), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_on_a_full_disk_is_reported_and_the_run_completes() {
    let mut run = run("room/stats");
    run.journal = Some("/dev/full".into());
    let (context, events) = observed();
    let target = embedded(&[]).open().await.unwrap();
    let (history, _) =
        check::check(&run, target, scenarios(&run), &context, Vec::new()).await.unwrap();
    assert_eq!(history.end, Some(RunEnd::Completed));
    let events = events.lock();
    let incomplete = events.iter().find(|it| matches!(it, Event::JournalIncomplete { .. }));
    assert!(incomplete.is_some(), "{events:?}");
}
