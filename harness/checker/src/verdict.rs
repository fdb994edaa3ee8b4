//! Verdicts on requirements.

use hearback_contract::RequirementId;
use hearback_history::ScenarioName;
use serde::{Deserialize, Serialize};

use crate::reason::Reason;
use crate::scope::Scope;
use crate::subject::Subject;

/// The state of a requirement after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// At least one observation, and all of them satisfy the requirement.
    Held,
    /// At least one observation violates the requirement.
    Broken,
    /// The run contains no observation.
    NotExercised,
    /// There are observations, but none can be decided.
    Undecided,
}

impl State {
    /// Every state, in the order of the reports.
    pub const ALL: [Self; 4] = [Self::Held, Self::Broken, Self::Undecided, Self::NotExercised];

    /// The state in lower-case words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::NotExercised => "not exercised",
            Self::Undecided => "undecided",
        }
    }
}

/// One variant of a broken requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The operation, field or place that distinguishes it from other variants of the requirement.
    pub variant: String,
    /// The expected behavior.
    pub expected: String,
    /// The observed behavior.
    pub actual: String,
    /// Number of observations.
    pub count: u64,
    /// The scenario of the strongest observation; an empty name if it is not known.
    pub scenario: ScenarioName,
    /// Positions in the journal of the events that show the strongest observation.
    pub evidence: Vec<u64>,
    /// Distance of the strongest observation from the requirement, in a unit of the requirement; 0 if it has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub magnitude: u64,
    /// The subject of the strongest observation.
    #[serde(default)]
    pub subject: Subject,
    /// Where the observations occurred.
    #[serde(skip)]
    pub scope: Scope,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The verdict on one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The requirement.
    pub requirement: RequirementId,
    /// The state.
    pub state: State,
    /// Number of observations; never zero when held.
    pub observations: u64,
    /// The variants in which the requirement is broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The reason why the requirement is undecided or was not exercised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
