//! Verdicts on each scenario by itself.

use std::collections::HashMap;

use hearback_checker::{Verdicts, check_history};
use hearback_contract::RequirementId;
use hearback_history::{Attempt, CallId, ConnectionId, Event, EventKind, History, ScenarioName};

use crate::session::is_about_the_run;

/// The verdicts on the histories of single scenarios. A violation that shows in a list of all rooms may come from
/// another scenario; here it does not.
pub(crate) fn check_alone(
    events: &[Event],
    scenarios: &[ScenarioName],
    selected: impl Fn(RequirementId) -> bool,
) -> HashMap<ScenarioName, Verdicts> {
    let by_scenario = by_scenario(events);
    let about_the_run: Vec<_> = events
        .iter()
        .filter(|event| {
            let is_existing = matches!(event.kind, EventKind::ExistingRoomReturned { .. });
            is_existing || is_about_the_run(event)
        })
        .collect();
    let check = |scenario: &ScenarioName| {
        let own = by_scenario.get(scenario)?;
        let events = about_the_run.iter().chain(own).copied().cloned();
        let verdicts = check_history(&History::from_events(events), &selected);
        Some((scenario.clone(), verdicts))
    };
    scenarios.iter().filter_map(check).collect()
}

/// The events of each scenario, in order.
fn by_scenario(events: &[Event]) -> HashMap<&ScenarioName, Vec<&Event>> {
    let mut by_scenario: HashMap<_, Vec<_>> = HashMap::new();
    let mut calls: HashMap<CallId, &ScenarioName> = HashMap::new();
    let mut connections: HashMap<ConnectionId, &ScenarioName> = HashMap::new();
    for event in events {
        let scenario = match &event.kind {
            EventKind::Invoked(invocation) => {
                calls.insert(invocation.call, &invocation.scenario);
                Some(&invocation.scenario)
            }
            EventKind::Connecting { connection, scenario, .. } => {
                connections.insert(*connection, scenario);
                Some(scenario)
            }
            EventKind::ExpectationChecked(expectation) => Some(&expectation.scenario),
            EventKind::Returned { call, .. }
            | EventKind::Failed { call, .. }
            | EventKind::MayBeStale { call, .. }
            | EventKind::Excused { attempt: Attempt::Call(call), .. } => calls.get(call).copied(),
            EventKind::Connected { connection }
            | EventKind::ConnectFailed { connection, .. }
            | EventKind::Excused { attempt: Attempt::Connection(connection), .. }
            | EventKind::Sent { connection, .. }
            | EventKind::Received { connection, .. }
            | EventKind::Closed { connection, .. } => connections.get(connection).copied(),
            _ => None,
        };
        if let Some(scenario) = scenario {
            by_scenario.entry(scenario).or_default().push(event);
        }
    }
    by_scenario
}
