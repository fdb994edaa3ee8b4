//! Repetitions of a violation in fresh rooms.

use std::fmt;

use hearback_contract::RequirementId;
use serde::{Deserialize, Serialize};

use crate::names::ScenarioName;

/// Repetitions of the scenario that showed a violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repetitions {
    /// The violated requirement.
    pub requirement: RequirementId,
    /// Variant that distinguishes the violation from others of the same requirement.
    pub variant: String,
    /// The scenario that was repeated; the one of the first violation if none was.
    pub scenario: ScenarioName,
    /// Number of repetitions that showed the violation.
    pub reproduced: u32,
    /// Number of repetitions that exercised the requirement.
    pub repetitions: u32,
    /// The reason why there are not as many repetitions as planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Unrepeated>,
}

/// The reason why a violation was not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unrepeated {
    /// The command does not repeat violations, or the journal does not contain the repetitions.
    NotRequested,
    /// The requirement is a *note*, which fails no run.
    Note,
    /// The time for repetitions, or that of the run, was used up.
    TimeBudget,
    /// The run was interrupted.
    Interrupted,
    /// The target did not respond any more, or a bound of the run was reached.
    TargetGone,
    /// The target throttled the repetitions.
    Throttled,
    /// The scenario needs this number of accounts.
    TooFewAccounts(usize),
    /// The scenario logs in, and failed logins may lock an account.
    Login,
    /// The observation does not belong to a scenario that can be repeated.
    NoScenario,
    /// No scenario shows the violation by itself.
    SeveralScenarios,
    /// The repetitions did not exercise the requirement.
    NotExercised,
}

impl fmt::Display for Unrepeated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotRequested => "this command does not repeat findings",
            Self::Note => "a note fails no run",
            Self::TimeBudget => "the time for repetitions was used up",
            Self::Interrupted => "the run was interrupted",
            Self::TargetGone => "the run could not continue",
            Self::Throttled => "the target throttled the repetitions",
            Self::TooFewAccounts(needed) => {
                return write!(formatter, "its scenario needs {needed} accounts");
            }
            Self::Login => "its scenario logs in, and failed logins may lock an account",
            Self::NoScenario => "it was observed outside of scenarios",
            Self::SeveralScenarios => "no scenario shows it by itself",
            Self::NotExercised => "the repetitions did not exercise the requirement",
        })
    }
}
