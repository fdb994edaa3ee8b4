//! Results of checking the expectations of scenarios.

use hearback_contract::RequirementId;
use serde::{Deserialize, Serialize};

use crate::names::{ActorName, ScenarioName};
use crate::nanoseconds::Nanoseconds;

/// Result of checking an expectation of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationResult {
    /// Scenario that contains the expectation.
    pub scenario: ScenarioName,
    /// Actor that received the value.
    pub actor: ActorName,
    /// Number of the step in its file.
    pub step: String,
    /// File and line of the step.
    pub location: String,
    /// Requirement that the expectation checks; `None` if it concerns the scenario only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<RequirementId>,
    /// The value checked: actor, operation or event, and the path of a member.
    pub subject: String,
    /// The expected value, in words.
    pub expected: String,
    /// The value found; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// True if the value is as expected.
    pub holds: bool,
}

/// Result of an expectation with its position in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedExpectation {
    /// The result.
    pub result: ExpectationResult,
    /// Time of the check.
    pub at: Nanoseconds,
    /// Position in the journal.
    pub seq: u64,
}
