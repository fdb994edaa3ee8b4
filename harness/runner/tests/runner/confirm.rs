//! Confirmation of findings against the embedded server with permanent and intermittent faults.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hearback_checker::{State, check_history};
use hearback_contract::Level;
use hearback_history::Unrepeated;
use hearback_reference::{Options, Server};
use hearback_results::{Confirmation, FlakyFindings, Gate, Outcome, RequirementResult, Results};
use hearback_runner::{Context, Event, Run, check, recheck};
use hearback_scenarios::{Scenario, parse};
use hearback_testkit::servers::{Interference, Treatment};

use crate::support::{embedded, observed, remote, run, write_accounts};

const REQUIREMENT: &str = "message/edit-content";
const FAULT: &str = "message/edit-answers-without-content";

/// One edit, whose response nothing else shows.
const EDIT: &str = "
title: An edited message
requirements: [message/edit-content]
actors: [alice, bob]
room: group
members: [bob]
steps:
  - { alice: messages.send, body: { room: '{room.id}', content: hello }, save: sent }
  - { alice: messages.edit, at: '{sent.id}', body: { content: 'good evening' } }
";

/// One request for statistics, and another one at the end.
const STATISTICS: &str = "
title: The statistics of a room with one message
requirements: [room/stats-message-count]
actors: [alice, bob]
room: group
members: [bob]
steps:
  - { alice: messages.send, body: { room: '{room.id}', content: hello } }
  - { alice: rooms.stats, at: '{room.id}' }
";

fn scenarios(text: &str) -> Vec<Scenario> {
    let parsed = parse("own/one-message", "own/one-message.yaml", text).into_scenarios();
    parsed.expect("the scenario is valid")
}

fn gate(flaky: FlakyFindings) -> Gate {
    Gate { flaky, ..Level::Must.into() }
}

fn requirement<'r>(results: &'r Results, id: &str) -> &'r RequirementResult {
    results.requirements().find(|it| it.id == id).expect("the requirement is selected")
}

/// The results with both effects of flaky findings, and whether findings were repeated.
async fn checked(run: &Run, fault: &str) -> ([Results; 2], bool) {
    let (context, events) = observed();
    let target = embedded(&[fault]).open().await.expect("a valid fault");
    let checked = check::check_and_confirm(run, target, scenarios(EDIT), &context).await;
    let (history, verdicts) = checked.expect("the run ends");
    let results = [FlakyFindings::Fail, FlakyFindings::Warn]
        .map(|flaky| Results::new(&history, &verdicts, gate(flaky)));
    let is_repeated = events.lock().iter().any(|it| matches!(it, Event::Confirming { .. }));
    (results, is_repeated)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_fault_is_confirmed_and_a_journal_can_be_judged_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let run = Run { journal: Some(path.clone()), ..run(REQUIREMENT) };
    let (results, is_repeated) = checked(&run, FAULT).await;
    assert!(is_repeated);
    for results in &results {
        let broken = requirement(results, REQUIREMENT);
        assert_eq!(broken.state, State::Broken);
        assert_eq!(broken.findings[0].confirmation, Confirmation::Confirmed { repetitions: 3 });
        assert_eq!(results.outcome, Outcome::Broken);
        assert_eq!(broken.findings[0].count, 1, "repetitions are not observations");
    }
    assert_journal(&path, &run, &results[0]);
}

/// The repetitions are in the journal, and a later check of it has the same results.
fn assert_journal(path: &Path, run: &Run, results: &Results) {
    let text = std::fs::read_to_string(path).expect("a journal");
    assert!(text.contains("\"own/one-message#3\""), "{text}");
    let (history, verdicts) = recheck::recheck(path, &run.selected).expect("a complete journal");
    let again = Results::new(&history, &verdicts, gate(FlakyFindings::Fail));
    assert_eq!(requirement(&again, REQUIREMENT), requirement(results, REQUIREMENT));
    let count = |results: &Results| (results.traffic.calls, results.counts);
    assert_eq!(count(&again), count(results));
    let check = check_history(&history, |_| true);
    assert_eq!(check.of(REQUIREMENT).expect("a verdict").observations, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_strikes_once_is_not_reproduced_and_never_called_broken() {
    let run = run(REQUIREMENT);
    let ([fail, warn], _) = checked(&run, &format!("{FAULT}@once")).await;
    let undecided = requirement(&fail, REQUIREMENT);
    assert_eq!(undecided.state, State::Undecided);
    assert_eq!(undecided.findings[0].confirmation, Confirmation::NotReproduced { repetitions: 5 });
    assert_eq!((fail.outcome, fail.exit_status().code()), (Outcome::Incomplete, 4));
    assert!(fail.coverage.is_untested(REQUIREMENT));
    assert_eq!(fail.counts.broken, 0);
    assert_eq!(warn.outcome, Outcome::Holds, "the gate accepts it: {:?}", warn.coverage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_strikes_every_second_time_is_flaky() {
    let run = run(REQUIREMENT);
    let ([fail, warn], _) = checked(&run, &format!("{FAULT}@every-second")).await;
    let broken = requirement(&fail, REQUIREMENT);
    assert_eq!(broken.state, State::Broken);
    let Confirmation::Flaky { reproduced: 2 | 3, repetitions: 5 } = broken.findings[0].confirmation
    else {
        panic!("{:?}", broken.findings[0].confirmation)
    };
    assert_eq!((fail.outcome, warn.outcome), (Outcome::Broken, Outcome::Holds));
    assert_eq!((fail.counts.flaky, warn.counts.flaky), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn repetitions_end_with_a_share_of_the_time_of_the_run() {
    let counted = "room/stats-message-count";
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(Options::default(), address).await.expect("the server starts");
    let body = r#"{"message_count": 9, "participant_count": 2, "unread_count": 0, "last_message_at": null}"#;
    let wrong = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let requests = AtomicUsize::new(0);
    let relay =
        Interference::start(server.address(), move |head| match head.line.contains("/stats/") {
            false => Treatment::Pass,
            true if requests.fetch_add(1, Ordering::Relaxed) == 0 => {
                Treatment::Answer(wrong.clone())
            }
            true => Treatment::Silence,
        });
    let folder = tempfile::tempdir().expect("a folder");
    write_accounts(folder.path(), &["alice", "bob"]);
    let target = remote(relay.url(), folder.path()).open().expect("a valid target");
    let run = Run {
        max_duration: Some(Duration::from_secs(8)),
        longest_lag: Duration::from_secs(3),
        response_timeout: Duration::from_secs(30),
        ..run(counted)
    };
    let context = Context::default();
    let checked = check::check_and_confirm(&run, target, scenarios(STATISTICS), &context).await;
    let (history, verdicts) = checked.expect("the run ends");
    server.stop().await;
    let results = Results::new(&history, &verdicts, gate(FlakyFindings::Fail));
    let broken = requirement(&results, counted);
    let unrepeated = Confirmation::NotAttempted { reason: Unrepeated::TimeBudget };
    assert_eq!(broken.findings[0].confirmation, unrepeated);
    assert_eq!((broken.state, results.outcome), (State::Broken, Outcome::Broken));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conforming_server_is_not_asked_again() {
    let run = run(REQUIREMENT);
    let (context, events) = observed();
    let target = embedded(&[]).open().await.expect("a valid target");
    let checked = check::check_and_confirm(&run, target, scenarios(EDIT), &context).await;
    let (history, _) = checked.expect("the run ends");
    assert!(history.repetitions.is_empty());
    assert!(!events.lock().iter().any(|it| matches!(it, Event::Confirming { .. })));
}
