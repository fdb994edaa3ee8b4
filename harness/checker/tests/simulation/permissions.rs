//! Servers with wrong permissions: one operation is open to all users, or closed to all. The requirement
//! of the operation must be broken.

use std::collections::HashMap;

use hearback_checker::{CellState, State, check_history};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{CallId, Event, EventKind, History};

use super::users::{Plan, simulate};

/// Replaces the statuses of one operation.
fn replace_statuses(events: &mut [Event], operation: Operation, from: &[u16], to: u16) {
    let mut operations: HashMap<CallId, Option<Operation>> = HashMap::new();
    for event in events {
        match &mut event.kind {
            EventKind::Invoked(invocation) => {
                operations.insert(invocation.call, invocation.operation);
            }
            EventKind::Returned { call, status, .. }
                if operations.get(call) == Some(&Some(operation)) && from.contains(status) =>
            {
                *status = to;
            }
            _ => {}
        }
    }
}

#[test]
fn the_requirement_of_each_operation_is_broken() {
    let operations: Vec<_> = Operation::all()
        .filter_map(|operation| {
            let requirement = format!("authorization/{operation}");
            Some((operation, requirement.parse::<RequirementId>().ok()?))
        })
        .collect();
    assert_eq!(operations.len(), 15);
    let mut found = vec![0; operations.len()];
    for seed in 0..RUNS {
        let events = simulate(Plan { seed, steps: 600 });
        for ((operation, requirement), found) in operations.iter().zip(&mut found) {
            for (from, to) in [(&[403, 404][..], 200), (&[200, 201][..], 403)] {
                let mut altered = events.clone();
                replace_statuses(&mut altered, *operation, from, to);
                let verdicts =
                    check_history(&History::from_events(altered), |it| it == *requirement);
                *found += verdicts.in_state(State::Broken).count();
            }
        }
    }
    for ((operation, _), found) in operations.iter().zip(found) {
        assert!(found >= 2, "{operation}: {found} of {} runs", 2 * RUNS);
    }
}

const RUNS: u64 = 4;

#[test]
fn the_matrix_of_a_correct_run_has_no_broken_cell() {
    for seed in 0..RUNS {
        let history = History::from_events(simulate(Plan { seed, steps: 600 }));
        let matrix = check_history(&history, |_| false).matrix;
        let of = |state| matrix.cells.iter().filter(move |cell| cell.state == state);
        let broken: Vec<_> = of(CellState::Broken).collect();
        assert!(broken.is_empty(), "seed {seed}: {broken:?}");
        assert!(of(CellState::Held).count() > 40, "seed {seed}");
    }
}
