//! Verdicts on rooms whose complete traffic was recorded.

use serde::{Deserialize, Serialize};

/// Verdicts of the rules of `check` on the sampled rooms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord {
    /// Number of rooms whose complete traffic was recorded.
    pub rooms: u64,
    /// Number of recorded frames and requests.
    pub events: u64,
    /// Number of requirements that held.
    pub held: u64,
    /// Broken requirements of level *must*, with the first finding of each.
    pub broken: Vec<SampleFinding>,
}

/// A requirement that is broken under load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFinding {
    /// Id of the requirement.
    pub requirement: String,
    /// Statement of the requirement.
    pub statement: String,
    /// The first finding, in words.
    pub finding: String,
    /// Number of findings.
    pub findings: u64,
}
