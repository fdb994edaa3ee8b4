//! The lag of searches is measured, whatever a run selects.

use hearback_checker::State;
use hearback_contract::RequirementId;
use hearback_runner::{Context, check};

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
