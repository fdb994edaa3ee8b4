//! From values to scenarios: where each goes in, what it needs beside it, and what is looked at afterwards.

mod body;
mod entry;
mod event;
mod form;
mod path;
mod query;
mod raw;
mod scenario;

use hearback_scenarios::Scenario;

use crate::depth::Depth;

/// The scenarios of generated requests and events, by operation and event.
pub(crate) fn scenarios(seed: u64, depth: Depth) -> Vec<Scenario> {
    let families =
        [body::families, form::families, event::families, query::families, path::families];
    let mut scenarios = Vec::new();
    for family in families.into_iter().flat_map(|families| families(seed, depth)) {
        scenarios.extend(family.scenarios(depth));
    }
    scenarios
}
