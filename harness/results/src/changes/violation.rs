//! Violations as they are compared across runs: by requirement, operation and variant, not by ids and times.

use hearback_contract::Level;
use serde::{Deserialize, Serialize};

/// A violation of one requirement, operation and variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The id of the requirement.
    pub requirement: String,
    /// The level of the requirement.
    pub level: Level,
    /// The operation or event that shows it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// The variant.
    pub variant: String,
    /// The expected behavior.
    pub expected: String,
    /// The observed behavior.
    pub actual: String,
    /// True if the gate of its run fails on it.
    pub is_failure: bool,
}
