//! Servers that let everybody do something, or nobody: each operation's requirement names it.

use std::collections::HashMap;

use hearback_checker::{CellState, State, check_history, matrix};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{CallId, Event, EventKind, History};

use super::users::{Plan, simulate};

/// Replaces the statuses of one operation.
fn replace(events: &mut [Event], operation: Operation, from: &[u16], to: u16) {
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
fn each_operation_s_requirement_names_who_may_or_may_not() {
    let operations: Vec<_> = Operation::all()
        .filter_map(|operation| {
            let requirement = format!("authorization/{operation}");
            Some((operation, requirement.parse::<RequirementId>().ok()?))
        })
        .collect();
    assert_eq!(operations.len(), 15);
    let mut named = vec![0; operations.len()];
    for seed in 0..RUNS {
        let events = simulate(Plan { seed, steps: 600 });
        for ((operation, requirement), named) in operations.iter().zip(&mut named) {
            for (from, to) in [(&[403, 404][..], 200), (&[200, 201][..], 403)] {
                let mut altered = events.clone();
                replace(&mut altered, *operation, from, to);
                let verdicts =
                    check_history(&History::from_events(altered), |it| it == *requirement);
                *named += verdicts.in_state(State::Broken).count();
            }
        }
    }
    for ((operation, _), named) in operations.iter().zip(named) {
        assert!(named >= 2, "{operation}: {named} of {} runs", 2 * RUNS);
    }
}

const RUNS: u64 = 4;

#[test]
fn the_grid_of_a_correct_run_has_no_broken_cell() {
    for seed in 0..RUNS {
        let history = History::from_events(simulate(Plan { seed, steps: 600 }));
        let matrix = matrix(&history);
        let of = |state| matrix.cells.iter().filter(move |cell| cell.state == state);
        let broken: Vec<_> = of(CellState::Broken).collect();
        assert!(broken.is_empty(), "seed {seed}: {broken:?}");
        assert!(of(CellState::Held).count() > 40, "seed {seed}");
    }
}
