//! The lag of reads and searches is measured, whatever a run selects.

use hearback_checker::State;
use hearback_contract::{ReadingId, RequirementId};
use hearback_runner::{Context, TargetSpec, check};

use crate::support::{in_weather, run, scenarios};

/// No scenario of the requirement opens a socket.
#[tokio::test(flavor = "multi_thread")]
async fn a_selected_search_waits_for_the_index() {
    let run = run("message/search-finds");
    let target = in_weather("search-lag=1s").open().await.unwrap();
    let mut scenarios = scenarios(&run);
    scenarios.retain(|scenario| scenario.name.as_str() == "message/search");
    assert_eq!(scenarios.len(), 1);
    let (history, verdicts) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    assert!(history.lag.is_some_and(|lag| !lag.searches.is_zero()), "{:?}", history.lag);
    let state = |id: RequirementId| verdicts.of(id.as_str()).map(|verdict| verdict.state);
    assert_eq!(state(RequirementId::MessageSearchFinds), Some(State::Held), "{verdicts:#?}");
    assert_eq!(verdicts.in_state(State::Broken).count(), 0);
}

/// A copy that does not know the room yet rejects its members like outsiders.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_rejects_members_lags() {
    let run = run("room/archive");
    let target = TargetSpec::Embedded {
        faults: Vec::new(),
        weather: "read-lag=200ms".parse().unwrap(),
        readings: vec![ReadingId::OutsiderStatus403],
    };
    let target = target.open().await.unwrap();
    let mut scenarios = scenarios(&run);
    scenarios.retain(|scenario| scenario.name.as_str() == "room/archive");
    assert_eq!(scenarios.len(), 1);
    let (history, verdicts) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    assert!(history.lag.is_some_and(|lag| !lag.reads.is_zero()), "{:?}", history.lag);
    assert_eq!(verdicts.in_state(State::Broken).count(), 0, "{verdicts:#?}");
}
