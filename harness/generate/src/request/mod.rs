//! Turns generated values into scenarios: where each value is sent, and what is read around it.

mod actions;
mod body;
mod event;
mod form;
mod group;
mod operation;
mod path;
mod query;
mod raw;

use hearback_scenarios::Scenario;

use crate::depth::Depth;

/// The scenarios of generated requests and events, by operation and event.
pub(crate) fn scenarios(seed: u64, depth: Depth) -> Vec<Scenario> {
    let groups = [body::groups, form::groups, event::groups, query::groups, path::groups];
    let mut scenarios = Vec::new();
    for group in groups.into_iter().flat_map(|groups| groups(seed, depth)) {
        scenarios.extend(group.scenarios(depth));
    }
    scenarios
}
