//! Properties of the checkers: correct runs raise nothing, and planted anomalies are named.
//!
//! A small [`server`] that keeps the document answers several [`users`] at once over a [`network`] on
//! which everything takes a while and some of it gets lost; what they would have recorded is judged.

mod alterations;
mod anomalies;
mod mistakes;
mod network;
mod rights;
mod server;
mod state;
mod users;

use hearback_checker::{State, check_history};
use hearback_history::History;
use proptest::prelude::*;

use users::{Plan, simulate};

fn plans() -> impl Strategy<Value = Plan> {
    (any::<u64>().no_shrink(), 10..400_usize).prop_map(|(seed, steps)| Plan { seed, steps })
}

/// How many runs are tried: few by default, and thousands with PROPTEST_CASES.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Complete, or broken off anywhere.
    #[test]
    fn correct_runs_raise_nothing(plan in plans(), share in 0.0..2.0) {
        let mut events = simulate(plan);
        events.truncate((events.len() as f64 * share) as usize + 1);
        let history = History::from_events(events);
        let verdicts = check_history(&history, |_| true);
        let broken: Vec<_> = verdicts.in_state(State::Broken).collect();
        prop_assert!(broken.is_empty(), "{plan:?}: {broken:#?}");
    }
}
