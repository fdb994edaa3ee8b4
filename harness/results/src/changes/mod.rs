//! Changes between two runs: violations that are new or fixed, and requirements that only the earlier run tested.

mod comparing;
mod identity;
mod response_time;
mod violation;

use hearback_contract::{AmbiguityId, Level, ReadingId};
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

pub(crate) use response_time::response_times;
pub use response_time::{ResponseTime, Slower};
pub use violation::Violation;

/// The version of the JSON form; it grows when a member is removed or changes its meaning.
pub const FORMAT: u32 = 1;

/// The changes from one run to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The version of this format.
    pub format: u32,
    /// The run before.
    pub before: ComparedRun,
    /// The run after.
    pub after: ComparedRun,
    /// The lowest level at which a new violation makes the verdict *worse*.
    pub fail_on: Level,
    /// Violations of the run after that the run before did not have.
    pub new: Vec<Violation>,
    /// Violations of both runs.
    pub known: Vec<Violation>,
    /// Violations of the run before, of requirements that the run after tested without showing them.
    pub fixed: Vec<Violation>,
    /// Requirements that only the run before tested.
    pub no_longer_tested: Vec<NoLongerTested>,
    /// Questions of the specification that the target answers in another way.
    pub readings: Vec<ChangedReading>,
    /// Operations whose response times differ beyond chance, for the worse.
    pub slower: Vec<Slower>,
    /// The verdict; decides the exit status.
    pub verdict: ChangeVerdict,
}

/// One of two runs that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedRun {
    /// Its name, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Base URL of its target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Wall-clock time, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The version of hearback that recorded it.
    pub hearback_version: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// Number of tested requirements.
    pub tested: u64,
}

/// A requirement that only the run before tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoLongerTested {
    /// Its id.
    pub requirement: String,
    /// Its level.
    pub level: Level,
    /// The reason, in words.
    pub reason: String,
    /// True if neither the user nor the gate of the run after accepts it.
    pub is_unaccepted: bool,
}

/// A question that the target answers in another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedReading {
    /// The question.
    pub question: AmbiguityId,
    /// The readings of the run before.
    pub before: Vec<ReadingId>,
    /// The readings of the run after.
    pub after: Vec<ReadingId>,
}

/// The verdict on the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// A violation at or above the level of the gate is new.
    Worse,
    /// No violation is new, but the run after did not finish, or no longer tests a *must*.
    Inconclusive,
    /// No violation is new, and everything is still tested.
    NotWorse,
}

#[cfg(test)]
mod tests;
