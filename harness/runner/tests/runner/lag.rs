//! The lag of reads and searches is measured, whatever a run selects.

use hearback_checker::{State, Verdicts};
use hearback_contract::{ReadingId, RequirementId};
use hearback_history::History;
use hearback_runner::{Context, TargetSpec, check};

use crate::support::{in_weather, run, scenarios};

/// Checks a target with one scenario, which must cover the requirement.
async fn checked(requirement: &str, scenario: &str, target: TargetSpec) -> (History, Verdicts) {
    let run = run(requirement);
    let mut scenarios = scenarios(&run);
    scenarios.retain(|it| it.name.as_str() == scenario);
    assert_eq!(scenarios.len(), 1);
    let target = target.open().await.unwrap();
    check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap()
}

/// No scenario of the requirement opens a socket.
#[tokio::test(flavor = "multi_thread")]
async fn a_selected_search_waits_for_the_index() {
    let target = in_weather("search-lag=1s");
    let (history, verdicts) = checked("message/search-finds", "message/search", target).await;
    assert!(history.lag.is_some_and(|lag| !lag.searches.is_zero()), "{:?}", history.lag);
    let state = |id: RequirementId| verdicts.of(id.as_str()).map(|verdict| verdict.state);
    assert_eq!(state(RequirementId::MessageSearchFinds), Some(State::Held), "{verdicts:#?}");
    assert_eq!(verdicts.in_state(State::Broken).count(), 0);
}

/// A copy that does not know the room yet rejects its members like outsiders.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_rejects_members_lags() {
    let target = TargetSpec::Embedded {
        faults: Vec::new(),
        weather: "read-lag=200ms".parse().unwrap(),
        readings: vec![ReadingId::OutsiderStatus403],
    };
    let (history, verdicts) = checked("room/archive", "room/archive", target).await;
    assert!(history.lag.is_some_and(|lag| !lag.reads.is_zero()), "{:?}", history.lag);
    assert_eq!(verdicts.in_state(State::Broken).count(), 0, "{verdicts:#?}");
}
