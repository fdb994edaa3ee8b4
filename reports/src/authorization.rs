//! The labels and marks of the authorization matrix.

use hearback_checker::CellState;
use hearback_contract::policy::{Permission, Role};
use hearback_results::Authorization;
use hearback_results::authorization::CellResult;

use crate::table::{Align, Cell, Column, Row, Table, Tone};

/// The mark of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Allowed,
    Denied,
    Either,
    Broken,
    NotExercised,
}

/// The label of a role.
pub(crate) struct Heading {
    /// The id, as in the JSON report.
    pub(crate) id: &'static str,
    /// At most four characters.
    pub(crate) abbreviation: &'static str,
    /// A description.
    pub(crate) meaning: &'static str,
}

/// One per [`Role::all`], in its order.
const HEADINGS: [Heading; Role::COUNT] = {
    const fn heading(
        id: &'static str,
        abbreviation: &'static str,
        meaning: &'static str,
    ) -> Heading {
        Heading { id, abbreviation, meaning }
    }
    [
        heading("anonymous", "anon", "sends no token"),
        heading("garbage", "garb", "sends a malformed token"),
        heading("tampered", "tamp", "sends a token with an altered signature"),
        heading("alg-none", "alg", "sends an unsigned token"),
        heading("expired", "exp", "sends an expired token"),
        heading("refresh-as-access", "refr", "sends a refresh token as access token"),
        heading("outsider", "outs", "was never in the room"),
        heading("departed", "dep", "left the room"),
        heading("removed", "rem", "was removed from the room"),
        heading("member", "memb", "is in the room and acts on their own message or participant"),
        heading("other-member", "oth", "is in the room and acts on another user's"),
        heading("admin", "adm", "is an admin of the room and acts on another user's"),
    ]
};

/// The label of `role`.
pub(crate) fn heading(role: Role) -> &'static Heading {
    &HEADINGS[role.index()]
}

/// The matrix as a table: a row per action, a column per role under its abbreviation.
pub(crate) fn table(authorization: &Authorization) -> Table {
    let names: Vec<_> = authorization.roles.iter().map(|it| heading(*it).abbreviation).collect();
    let rows = authorization.rows.iter().map(|row| {
        let marks = row.cells.iter().map(|cell| {
            let mark = Mark::from(*cell);
            Cell::trusted(mark.symbol()).toned(mark.tone())
        });
        Row::plain([Cell::trusted(row.action.as_str())].into_iter().chain(marks))
    });
    let mut table = Table::new("Authorization", &["action"], rows.collect());
    table.columns.extend(names.iter().map(|name| Column { name, align: Align::Center }));
    table
}

/// One sentence per broken cell.
pub(crate) fn broken(authorization: &Authorization) -> impl Iterator<Item = String> {
    authorization
        .broken()
        .map(|(role, action, cell)| format!("{}, {action}: {}", heading(role).id, sentence(cell)))
}

/// The policy and the observation of one cell.
pub(crate) fn sentence(cell: CellResult) -> String {
    let expected = match cell.expected {
        Permission::Allow => "must be allowed",
        Permission::Deny => "must be denied",
        Permission::Either => "may be allowed or denied",
    };
    format!("{expected}; allowed {}, denied {}", cell.allowed, cell.denied)
}

impl From<CellResult> for Mark {
    fn from(cell: CellResult) -> Self {
        match (cell.state, cell.expected) {
            (CellState::Broken, _) => Self::Broken,
            (CellState::NotExercised, _) => Self::NotExercised,
            (CellState::Held, Permission::Allow) => Self::Allowed,
            (CellState::Held, Permission::Deny) => Self::Denied,
            (CellState::Held, Permission::Either) => Self::Either,
        }
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
            Self::Allowed => "allowed as required",
            Self::Denied => "denied as required",
            Self::Either => "either is accepted",
            Self::Broken => "broken",
            Self::NotExercised => "not exercised",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Allowed | Self::Denied => Tone::Good,
            Self::Broken => Tone::Bad,
            Self::Either | Self::NotExercised => Tone::Faint,
        }
    }

    /// The CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Either => "either",
            Self::Broken => "broken",
            Self::NotExercised => "not-exercised",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn headings_are_the_ids_of_roles() {
        for role in Role::all() {
            assert_eq!(serde_json::to_value(role).unwrap(), heading(role).id);
            assert!(heading(role).abbreviation.len() <= 4, "{role:?}");
        }
    }

    #[test]
    fn cells_have_the_mark_of_their_state() {
        let rows = ["------!.-+++", "------...+--", "........-~.+"];
        let actions = ["rooms.get", "messages.edit", "rooms.archive"];
        let drawing: Vec<_> = actions.into_iter().zip(rows).collect();
        let authorization = fixtures::authorization(&drawing).unwrap();
        for (row, (action, marks)) in authorization.rows.iter().zip(drawing) {
            let drawn: String = row.cells.iter().map(|cell| Mark::from(*cell).symbol()).collect();
            assert_eq!((&*row.action, &*drawn), (action, marks));
        }
        assert_eq!(
            broken(&authorization).collect::<Vec<_>>(),
            ["outsider, rooms.get: must be denied; allowed 1, denied 0"]
        );
    }
}
