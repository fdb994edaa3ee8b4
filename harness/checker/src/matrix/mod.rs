//! The authorization matrix, as far as a run exercised it: every role and every action.

mod observations;

use hearback_contract::policy::permission;
use hearback_contract::{Action, ClientEvent, Operation, Permission, Role};
use serde::{Deserialize, Serialize};

/// The state of a cell of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellState {
    /// Every observation follows the policy.
    Held,
    /// An observation violates the policy.
    Broken,
    /// No observation is conclusive.
    NotExercised,
}

/// The observations of one role performing one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The role.
    pub role: Role,
    /// The action.
    pub action: Action,
    /// The permission according to the policy.
    pub expected: Permission,
    /// Number of requests that were executed.
    pub allowed: u64,
    /// Number of requests that were rejected with 401, 403 or 404, or had no effect on a socket.
    pub denied: u64,
    /// The comparison of the observations with the policy.
    pub state: CellState,
}

/// The whole matrix: a cell for each of [`actions`] and each of [`Role::all`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationMatrix {
    /// The cells, action by action, with every role of each action.
    pub cells: Vec<Cell>,
}

/// Every action: the operations in the order of the specification, the handshake, the events.
pub fn actions() -> impl Iterator<Item = Action> {
    Operation::all()
        .map(Action::Operation)
        .chain([Action::Handshake])
        .chain(ClientEvent::ALL.map(Action::Event))
}

impl Cell {
    fn new(role: Role, action: Action) -> Self {
        Self {
            role,
            action,
            expected: permission(role, action),
            allowed: 0,
            denied: 0,
            state: CellState::NotExercised,
        }
    }
}

impl Default for AuthorizationMatrix {
    /// The matrix of a run without observations.
    fn default() -> Self {
        let cells =
            actions().flat_map(|action| Role::all().map(move |role| Cell::new(role, action)));
        Self { cells: cells.collect() }
    }
}

impl AuthorizationMatrix {
    /// The cell of a role and an action.
    pub fn cell(&self, role: Role, action: Action) -> &Cell {
        &self.cells[position(role, action)]
    }

    /// Counts one observation; `is_kept` is `None` if it does not show whether the policy is
    /// followed.
    fn note(
        &mut self,
        role: Role,
        action: Action,
        is_allowed: Option<bool>,
        is_kept: Option<bool>,
    ) {
        let cell = &mut self.cells[position(role, action)];
        match is_allowed {
            Some(true) => cell.allowed += 1,
            Some(false) => cell.denied += 1,
            None => {}
        }
        match is_kept {
            Some(false) => cell.state = CellState::Broken,
            Some(true) if cell.state == CellState::NotExercised => {
                cell.state = CellState::Held;
            }
            _ => {}
        }
    }
}

fn position(role: Role, action: Action) -> usize {
    let operations = Operation::all().count();
    let row = match action {
        Action::Operation(operation) => operation as usize,
        Action::Handshake => operations,
        Action::Event(event) => operations + 1 + event as usize,
    };
    row * Role::COUNT + role.index()
}
