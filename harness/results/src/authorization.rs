//! The authorization matrix: for each role and action, the policy and what the run observed.

use hearback_checker::{AuthorizationMatrix, Cell, CellState};
use hearback_contract::policy::{Action, Permission, Role};
use serde::{Deserialize, Serialize};

/// The authorization policy as a run exercised it. Section *HTTP Status Codes*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The columns, in the order of [`Role::all`].
    pub roles: Vec<Role>,
    /// A row per action, in the order of the specification.
    pub rows: Vec<ActionResult>,
}

/// One action, performed by every role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResult {
    /// Id of an operation, `handshake`, or `event` and the type of a socket event.
    pub action: String,
    /// A cell per role, in the order of [`Authorization::roles`].
    pub cells: Vec<CellResult>,
}

/// One role performing one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellResult {
    /// The policy.
    pub expected: Permission,
    /// Number of times that the action was allowed.
    pub allowed: u64,
    /// Number of times that the action was denied.
    pub denied: u64,
    /// True if the target follows the policy.
    pub state: CellState,
}

impl Authorization {
    /// The grid of `matrix`; `None` if no cell was exercised.
    pub fn of(matrix: &AuthorizationMatrix) -> Option<Self> {
        let is_exercised = |cell: &Cell| cell.state != CellState::NotExercised;
        matrix.cells.iter().any(is_exercised).then(|| Self {
            roles: Role::all().collect(),
            rows: matrix.cells.chunk_by(|one, next| one.action == next.action).map(row).collect(),
        })
    }

    /// The broken cells, with their role and the id of their action.
    pub fn broken(&self) -> impl Iterator<Item = (Role, &str, CellResult)> {
        self.rows.iter().flat_map(|row| {
            let cells = self.roles.iter().zip(&row.cells);
            cells
                .filter(|(_, cell)| cell.state == CellState::Broken)
                .map(|(role, cell)| (*role, row.action.as_str(), *cell))
        })
    }

    /// Adds the grid of a later part of the same run.
    pub(crate) fn merge(&mut self, part: &Self) {
        let cells = self.rows.iter_mut().flat_map(|row| &mut row.cells);
        for (cell, part) in cells.zip(part.rows.iter().flat_map(|row| &row.cells)) {
            cell.allowed += part.allowed;
            cell.denied += part.denied;
            cell.state = match (cell.state, part.state) {
                (CellState::Broken, _) | (_, CellState::Broken) => CellState::Broken,
                (CellState::Held, _) | (_, CellState::Held) => CellState::Held,
                _ => CellState::NotExercised,
            };
        }
    }
}

fn row(cells: &[Cell]) -> ActionResult {
    ActionResult {
        action: match cells[0].action {
            Action::Operation(operation) => operation.id().to_owned(),
            Action::Handshake => "handshake".to_owned(),
            Action::Event(event) => format!("event {event}"),
        },
        cells: cells.iter().map(CellResult::from).collect(),
    }
}

impl From<&Cell> for CellResult {
    fn from(cell: &Cell) -> Self {
        Self {
            expected: cell.expected,
            allowed: cell.allowed,
            denied: cell.denied,
            state: cell.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;
    use hearback_contract::{InvalidCredential, Level};
    use hearback_history::History;
    use hearback_testkit::dsl;

    use super::*;
    use crate::results::Results;

    const TAMPERED: Role = Role::Unauthenticated(InvalidCredential::Tampered);

    #[test]
    fn results_have_a_grid_if_a_cell_was_exercised() {
        let history = dsl::parse("alice[tampered] rooms.list => 401 @error").unwrap();
        let verdicts = check_history(&history, |_| false);
        let results = Results::new(&history, &verdicts, Level::Must);
        let authorization = results.authorization.unwrap();
        assert_eq!(authorization, Authorization::of(&verdicts.matrix).unwrap());
        assert_eq!(authorization.rows.len(), 25);
        assert!(authorization.rows.iter().all(|row| row.cells.len() == authorization.roles.len()));
        let actions: Vec<_> = authorization.rows.iter().map(|row| &*row.action).collect();
        assert_eq!(
            actions[18..22],
            ["participants.remove", "participants.mute", "handshake", "event chat_message"]
        );
        let expected = CellResult {
            expected: Permission::Deny,
            allowed: 0,
            denied: 1,
            state: CellState::Held,
        };
        assert_eq!(authorization.rows[2].cells[TAMPERED.index()], expected);

        let history = History::default();
        let results = Results::new(&history, &check_history(&history, |_| false), Level::Must);
        assert_eq!(results.authorization, None);
    }

    #[test]
    fn grids_of_parts_are_added_up() {
        let grid = |text| {
            let verdicts = check_history(&dsl::parse(text).unwrap(), |_| false);
            Authorization::of(&verdicts.matrix).unwrap()
        };
        let mut whole = grid("alice[tampered] rooms.list => 401 @error");
        whole.merge(&grid("alice[tampered] rooms.list => 200 @page_of_rooms"));
        let cell = whole.rows[2].cells[TAMPERED.index()];
        assert_eq!((cell.allowed, cell.denied, cell.state), (1, 1, CellState::Broken));
        assert_eq!(whole.broken().count(), 1);
    }
}
