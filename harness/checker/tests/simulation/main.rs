//! Tests the checker on simulated runs: correct runs break nothing, and planted defects are found.
//!
//! A simulated [`server`] that conforms to the specification answers several [`users`] at once over a
//! [`network`] that delays everything and loses some of it. Each simulation yields the events that
//! hearback would record. The tests check them as they are, with one planted anomaly ([`anomalies`]), with
//! a fault in every response ([`faults`]), and with wrong permissions ([`permissions`]).

mod anomalies;
mod faults;
mod network;
mod page;
mod permissions;
mod response_rewriter;
mod run;
mod server;
mod sockets;
mod state;
mod users;
mod writes;

use hearback_checker::{State, check_history};
use hearback_history::{EventKind, History};
use proptest::prelude::*;

use users::{Plan, simulate};

fn plans() -> impl Strategy<Value = Plan> {
    (any::<u64>().no_shrink(), 10..400_usize).prop_map(|(seed, steps)| Plan { seed, steps })
}

/// Number of simulated runs: `PROPTEST_CASES`, or a small default.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// The run is complete, or ends anywhere.
    #[test]
    fn correct_runs_break_nothing(plan in plans(), share in 0.0..2.0) {
        let mut events = simulate(plan);
        events.truncate((events.len() as f64 * share) as usize + 1);
        let history = History::from_events(events);
        let verdicts = check_history(&history, |_| true);
        let broken: Vec<_> = verdicts.in_state(State::Broken).collect();
        prop_assert!(broken.is_empty(), "{plan:?}: {broken:#?}");
    }

    /// Events of users whose ids are unknown are not taken for those of others.
    #[test]
    fn correct_runs_break_nothing_while_user_ids_are_unknown(plan in plans(), unknown in 1..64_usize) {
        let mut events = simulate(plan);
        let mut position = 0;
        for event in &mut events {
            if let EventKind::ActorKnown { user_id, username, .. } = &mut event.kind {
                if unknown >> position & 1 == 1 {
                    (*user_id, *username) = (None, None);
                }
                position += 1;
            }
        }
        let verdicts = check_history(&History::from_events(events), |_| true);
        let broken: Vec<_> = verdicts.in_state(State::Broken).collect();
        prop_assert!(broken.is_empty(), "{plan:?} {unknown:b}: {broken:#?}");
    }
}
