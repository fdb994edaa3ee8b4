//! The audit of rooms after a scenario, which sees what no step looks at.

use hearback_checker::State;
use hearback_contract::{Operation, RequirementId};
use hearback_history::History;
use hearback_runner::{Context, check};

use crate::support::{embedded, run, scenarios};

/// A run of one scenario: what happened, and the requirements that are broken.
async fn checked(scenario: &str, faults: &[&str]) -> (History, Vec<RequirementId>) {
    let mut run = run("message");
    run.selected = RequirementId::all().collect();
    let mut scenarios = scenarios(&run);
    scenarios.retain(|it| it.name.as_str() == scenario);
    assert_eq!(scenarios.len(), 1);
    let target = embedded(faults).open().await.unwrap();
    let (history, verdicts) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    let broken = verdicts.in_state(State::Broken).map(|verdict| verdict.requirement).collect();
    (history, broken)
}

/// The edit reads messages and a room, never its statistics, and opens no socket.
#[tokio::test(flavor = "multi_thread")]
async fn every_view_is_checked_after_a_scenario() {
    let (history, broken) = checked("message/edit", &[]).await;
    assert_eq!(broken, []);
    for operation in [Operation::RoomsStats, Operation::ParticipantsList, Operation::MessagesSearch]
    {
        let reads = history.calls_of(operation).filter(|call| call.succeeded());
        let of_scenario = reads.filter(|call| call.invocation.scenario.as_str() == "message/edit");
        assert_eq!(of_scenario.count(), 1, "{operation}");
    }
    let of_scenario = |it: &&hearback_history::Connection| it.scenario.as_str() == "message/edit";
    assert_eq!(history.connections.iter().filter(of_scenario).count(), 1);

    let (_, broken) = checked("message/edit", &["room/stats-count-one-more-message"]).await;
    assert_eq!(broken, [RequirementId::RoomStatsMessageCount]);
}
