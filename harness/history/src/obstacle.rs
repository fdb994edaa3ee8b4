//! Reasons why a scenario could not exercise its requirements.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The reason why a scenario could not exercise its requirements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Every pair of accounts already shares a direct room, which must not be changed.
    SharedRoom,
    /// The target returned a room or message that this run did not create, which must not be changed.
    ForeignRoom,
    /// The budget of failed logins is used up.
    LoginBudget,
    /// The time of the run was used up before.
    TimeBudget,
    /// Another reason, in words.
    #[serde(untagged)]
    Other(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SharedRoom => "these accounts already share a room",
            Self::ForeignRoom => "the target returned a room that this run did not create",
            Self::LoginBudget => "the budget of failed logins is used up",
            Self::TimeBudget => "the time of the run was used up before",
            Self::Other(reason) => reason,
        })
    }
}

impl From<&str> for Obstacle {
    fn from(reason: &str) -> Self {
        Self::Other(reason.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn obstacles_are_stored_by_id_or_as_text() {
        for (obstacle, stored) in [
            (Obstacle::SharedRoom, json!("shared_room")),
            (Obstacle::LoginBudget, json!("login_budget")),
            (Obstacle::from("needs 3 accounts"), json!("needs 3 accounts")),
        ] {
            assert_eq!(serde_json::to_value(&obstacle).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Obstacle>(stored).unwrap(), obstacle);
        }
    }
}
