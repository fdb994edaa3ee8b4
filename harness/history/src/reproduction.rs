//! Attempts to reproduce a violation with fewer steps.

use hearback_contract::RequirementId;
use serde::{Deserialize, Serialize};

use crate::names::ScenarioName;

/// Result of reproducing and shrinking a violation that a generated scenario found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reproduction {
    /// The violated requirement.
    pub requirement: RequirementId,
    /// Variant that distinguishes the violation from others of the same requirement.
    pub variant: String,
    /// The generated scenario that found it.
    pub scenario: ScenarioName,
    /// File with the smallest scenario that reproduces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Number of steps in that scenario.
    pub steps: usize,
    /// Number of repetitions of that scenario that showed the violation.
    pub reproduced: usize,
    /// Number of repetitions of that scenario.
    pub repetitions: usize,
    /// Number of scenarios run while shrinking.
    pub attempts: usize,
    /// True if no step can be removed; otherwise a bound ended the search.
    pub is_minimal: bool,
    /// Expected value of the last violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Actual value of the last violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// The lines of a shell script that sends everything; tokens and passwords are variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
}
