//! The authorization matrix: what each role was seen to be allowed, and whether that is right.

use hearback_checker::{AuthorizationMatrix, Cell, CellVerdict};
use hearback_contract::policy::{Action, Permission, Role};
use serde::{Deserialize, Serialize};

/// The authorization policy as a run exercised it. Section *HTTP Status Codes*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The columns, in the order of [`Role::ALL`].
    pub roles: Vec<Role>,
    /// A row for each action, in the document's order.
    pub rows: Vec<ActionRecord>,
}

/// One action, whoever does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// Id of an operation, `handshake`, or `event` and the type of a socket event.
    pub action: String,
    /// A cell for each role, in the order of [`Authorization::roles`].
    pub cells: Vec<CellRecord>,
}

/// One role doing one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRecord {
    /// What the policy says.
    pub expected: Permission,
    /// How often it was carried out.
    pub allowed: u64,
    /// How often it was refused.
    pub denied: u64,
    /// Whether that is right.
    pub verdict: CellState,
}

/// Whether a cell is as the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellState {
    /// Everything seen of it keeps the policy.
    Kept,
    /// Something seen of it does not.
    Broken,
    /// Nothing was seen that tells.
    NotExercised,
}

/// What is drawn for a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Allowed,
    Denied,
    Either,
    Broken,
    NotExercised,
}

/// How a role is named in a picture.
pub(crate) struct Heading {
    /// As in the JSON report.
    pub(crate) id: &'static str,
    /// At most four characters.
    pub(crate) abbreviation: &'static str,
    /// Who that is.
    pub(crate) meaning: &'static str,
}

/// One for each of [`Role::ALL`], in its order.
const HEADINGS: [Heading; 12] = {
    const fn heading(
        id: &'static str,
        abbreviation: &'static str,
        meaning: &'static str,
    ) -> Heading {
        Heading { id, abbreviation, meaning }
    }
    [
        heading("anonymous", "anon", "sends no token"),
        heading("garbage", "garb", "sends something that is no token"),
        heading("tampered", "tamp", "sends a token whose signature was altered"),
        heading("alg-none", "alg", "sends an unsigned token"),
        heading("expired", "exp", "sends a token that has expired"),
        heading("refresh-as-access", "refr", "sends a refresh token as access token"),
        heading("outsider", "outs", "never was in the room"),
        heading("departed", "dep", "was in the room and left"),
        heading("removed", "rem", "was in the room and was removed"),
        heading("member", "memb", "is in the room; the message or participant is their own"),
        heading("other-member", "oth", "is in the room; the message or participant is another's"),
        heading("admin", "adm", "is an admin of the room; the message or participant is another's"),
    ]
};

/// How `role` is named in a picture.
pub(crate) fn heading(role: Role) -> &'static Heading {
    &HEADINGS[role as usize]
}

impl Authorization {
    /// What is told of `matrix`; nothing if no cell was exercised.
    pub fn of(matrix: &AuthorizationMatrix) -> Option<Self> {
        let is_exercised = |cell: &Cell| cell.verdict != CellVerdict::NotExercised;
        matrix.cells.iter().any(is_exercised).then(|| Self {
            roles: Role::ALL.to_vec(),
            rows: matrix.cells.chunk_by(|one, next| one.action == next.action).map(row).collect(),
        })
    }

    /// The broken cells, a sentence each.
    pub(crate) fn broken(&self) -> impl Iterator<Item = String> {
        self.rows.iter().flat_map(move |row| {
            let cells = self.roles.iter().zip(&row.cells);
            cells.filter(|(_, cell)| cell.verdict == CellState::Broken).map(|(role, cell)| {
                format!("{}, {}: {}", heading(*role).id, row.action, cell.sentence())
            })
        })
    }
}

fn row(cells: &[Cell]) -> ActionRecord {
    ActionRecord {
        action: match cells[0].action {
            Action::Operation(operation) => operation.id().to_owned(),
            Action::Handshake => "handshake".to_owned(),
            Action::Event(event) => format!("event {event}"),
        },
        cells: cells.iter().map(CellRecord::from).collect(),
    }
}

impl From<&Cell> for CellRecord {
    fn from(cell: &Cell) -> Self {
        Self {
            expected: cell.expected,
            allowed: cell.allowed,
            denied: cell.denied,
            verdict: match cell.verdict {
                CellVerdict::Kept => CellState::Kept,
                CellVerdict::Broken => CellState::Broken,
                CellVerdict::NotExercised => CellState::NotExercised,
            },
        }
    }
}

impl CellRecord {
    pub(crate) fn mark(self) -> Mark {
        match (self.verdict, self.expected) {
            (CellState::Broken, _) => Mark::Broken,
            (CellState::NotExercised, _) => Mark::NotExercised,
            (CellState::Kept, Permission::Allow) => Mark::Allowed,
            (CellState::Kept, Permission::Deny) => Mark::Denied,
            (CellState::Kept, Permission::Either) => Mark::Either,
        }
    }

    /// What must be, and what was seen.
    pub(crate) fn sentence(self) -> String {
        let expected = match self.expected {
            Permission::Allow => "must be allowed",
            Permission::Deny => "must be denied",
            Permission::Either => "may be allowed or denied",
        };
        format!("{expected}; allowed {}, denied {}", self.allowed, self.denied)
    }
}

impl Mark {
    pub(crate) const ALL: [Self; 5] =
        [Self::Allowed, Self::Denied, Self::Either, Self::Broken, Self::NotExercised];

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Allowed => "+",
            Self::Denied => "-",
            Self::Either => "~",
            Self::Broken => "!",
            Self::NotExercised => ".",
        }
    }

    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Allowed => "allowed as it must be",
            Self::Denied => "denied as it must be",
            Self::Either => "either is right",
            Self::Broken => "broken",
            Self::NotExercised => "not exercised",
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::{Verdicts, matrix};
    use hearback_contract::Level;
    use hearback_history::History;
    use hearback_testkit::dsl;

    use super::*;
    use crate::fixtures;
    use crate::record::RunRecord;

    #[test]
    fn roles_are_headed_by_their_ids() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), heading(role).id);
            assert!(heading(role).abbreviation.len() <= 4, "{role:?}");
        }
    }

    #[test]
    fn cells_are_drawn_as_they_were_written() {
        let rows = ["------!.-+++", "------...+--", "........-~.+"];
        let actions = ["rooms.get", "messages.edit", "rooms.archive"];
        let drawing: Vec<_> = actions.into_iter().zip(rows).collect();
        let authorization = fixtures::authorization(&drawing).unwrap();
        for (row, (action, marks)) in authorization.rows.iter().zip(drawing) {
            let drawn: String = row.cells.iter().map(|cell| cell.mark().symbol()).collect();
            assert_eq!((&*row.action, &*drawn), (action, marks));
        }
        assert_eq!(
            authorization.broken().collect::<Vec<_>>(),
            ["outsider, rooms.get: must be denied; allowed 1, denied 0"]
        );
    }

    #[test]
    fn a_record_has_the_grid_of_its_history_if_anything_was_exercised() {
        let verdicts = Verdicts { verdicts: Vec::new() };
        let history = dsl::parse("alice[tampered] rooms.list => 401 @error").unwrap();
        let record = RunRecord::new(&history, &verdicts, Level::Must);
        let authorization = record.authorization.unwrap();
        assert_eq!(authorization, Authorization::of(&matrix(&history)).unwrap());
        assert_eq!(authorization.rows.len(), 25);
        assert!(authorization.rows.iter().all(|row| row.cells.len() == authorization.roles.len()));
        let actions: Vec<_> = authorization.rows.iter().map(|row| &*row.action).collect();
        assert_eq!(
            actions[18..22],
            ["participants.remove", "participants.mute", "handshake", "event chat_message"]
        );
        let expected = CellRecord {
            expected: Permission::Deny,
            allowed: 0,
            denied: 1,
            verdict: CellState::Kept,
        };
        assert_eq!(authorization.rows[2].cells[Role::Tampered as usize], expected);

        let record = RunRecord::new(&History::default(), &verdicts, Level::Must);
        assert_eq!(record.authorization, None);
    }
}
