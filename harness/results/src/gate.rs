//! The gate: the conditions under which a run passes.

use hearback_contract::{Level, ReadingId, RequirementId};
use serde::{Deserialize, Serialize};

use crate::waiver::Waiver;

/// The conditions under which a run passes.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The lowest level at which a broken requirement fails the run.
    pub fail_on: Level,
    /// Known deviations.
    pub waivers: Vec<Waiver>,
    /// Maximum number of gateway errors; `None` for any number.
    pub max_gateway_errors: Option<u64>,
    /// Requirements that may be untested.
    pub may_be_untested: Vec<RequirementId>,
    /// Readings that the target must take, at most one per ambiguity.
    pub pinned: Vec<ReadingId>,
    /// True if the run should show all pinned readings, because it is not restricted to some requirements.
    pub needs_pinned: bool,
    /// The effect of findings that not every repetition reproduces.
    pub flaky: FlakyFindings,
    /// True if a shard is decided together with the others: what it does not show is missing.
    pub is_whole: bool,
}

/// The effect of findings that not every repetition reproduces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlakyFindings {
    /// A flaky finding fails the run. One that was never reproduced leaves its requirement undecided, so that the run
    /// does not pass.
    #[default]
    Fail,
    /// Both are reported only.
    Warn,
}

impl From<Level> for Gate {
    fn from(fail_on: Level) -> Self {
        Self {
            fail_on,
            waivers: Vec::new(),
            max_gateway_errors: None,
            may_be_untested: Vec::new(),
            pinned: Vec::new(),
            needs_pinned: false,
            flaky: FlakyFindings::default(),
            is_whole: false,
        }
    }
}
