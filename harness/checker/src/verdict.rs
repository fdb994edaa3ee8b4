//! What is said of a requirement in the end.

use hearback_contract::RequirementId;
use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything looked at was as it should be, and something was looked at.
    Held,
    /// Something was not; see the findings.
    Broken,
    /// There was nothing to look at.
    NotExercised,
    /// There was something to look at, but it cannot be told.
    Undecided,
}

impl State {
    /// The state in words.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What tells this variant from others of the same requirement: the operation, the field.
    pub variant: String,
    /// What was expected.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// How often this was seen.
    pub count: u64,
    /// The scenario in which it was seen first.
    pub scenario: String,
    /// Positions in the journal of the events that show it, the first time.
    pub evidence: Vec<u64>,
}

/// What is said of one requirement, and on what it rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The requirement.
    pub requirement: RequirementId,
    /// The answer.
    pub state: State,
    /// How many observations were checked; never zero when held.
    pub observations: u64,
    /// Causes, if broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why nothing can be said, if nothing can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
