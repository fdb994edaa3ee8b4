//! Exchanges between actors and the target, as stored in results.

use serde::{Deserialize, Serialize};

/// The exchanges of a scenario between its actors and the target, around the events that show a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The actors, in the order of appearance.
    pub actors: Vec<String>,
    /// The exchanges of the steps, in order.
    pub exchanges: Vec<Exchange>,
    /// The exchanges of the audit after the last step, in order, if one of them shows the finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audit: Vec<Exchange>,
}

/// A request, response, frame or other event between an actor and the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Time since the first exchange of the sequence, in microseconds.
    pub at_us: u64,
    /// Index of the actor in [`Sequence::actors`].
    pub actor: usize,
    /// The direction.
    pub direction: Direction,
    /// A description of at most 72 characters.
    pub text: String,
    /// True if the exchange is evidence of the finding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_evidence: bool,
    /// Number of exchanges omitted before this one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The direction of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the actor to the target.
    ToTarget,
    /// From the target to the actor.
    FromTarget,
    /// Neither: an expectation of the scenario.
    Note,
}
