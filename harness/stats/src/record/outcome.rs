//! The outcome of a load run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of a load run, which decides the exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadOutcome {
    /// All service levels are met.
    Met,
    /// At least one service level is not met.
    NotMet,
    /// The generator fell behind its schedule, so that the measurements are invalid.
    Invalid,
    /// The run did not finish, or the generator was the limit of a capacity search.
    Incomplete,
    /// No message was sent, or the profile has no service levels.
    #[default]
    NothingMeasured,
}

impl fmt::Display for LoadOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::Invalid => "invalid",
            Self::Incomplete => "incomplete",
            Self::NothingMeasured => "nothing measured",
        })
    }
}
