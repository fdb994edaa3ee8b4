//! The summary of a run that is kept beside its journal.

use serde::{Deserialize, Serialize};

use crate::outcome::{Counts, Outcome};
use crate::results::Results;

/// The decision on a run, without what it is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The outcome with the gate and the contract of the run.
    pub outcome: Outcome,
    /// Number of requirements by state.
    pub counts: Counts,
}

impl From<&Results> for Summary {
    fn from(results: &Results) -> Self {
        Self { outcome: results.outcome, counts: results.counts }
    }
}
