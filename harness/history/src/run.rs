//! Beginning and end of a run and of its scenarios.

use hearback_contract::RequirementId;
use serde::{Deserialize, Serialize};

use crate::connection_options::ConnectionOptions;
use crate::nanoseconds::Nanoseconds;
use crate::shard::Shard;
use crate::target_options::{self, TargetOptions};

/// The first event of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStart {
    /// Name of the run; every room that it creates carries it.
    pub run: String,
    /// Version of hearback.
    pub version: String,
    /// Version of the specification.
    pub specification: String,
    /// Base URL of the target, without credentials.
    pub target: String,
    /// Base URL of the target's sockets, or a URL with the placeholder `{room}`.
    pub socket: String,
    /// Command-line options that selected the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_options: Option<TargetOptions>,
    /// Seed of the random number generators.
    pub seed: u64,
    /// Wall-clock time of the start, RFC 3339.
    pub started_at: String,
    /// Timeout for one response, in milliseconds.
    pub timeout_ms: u64,
    /// Selected requirements; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<RequirementId>,
    /// The part of the scenarios that the run executes; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The amount of generated input; absent where a run generates none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<RunDepth>,
    /// The overlay of the contract and its changes, in words; absent if the shipped contract decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Name of the machine that hearback runs on, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// The amount of generated input of a run, and its longest wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDepth {
    /// Number of generated cases per operation or event and kind of input.
    pub cases: u64,
    /// Maximum time that a scenario waits for its own sake, in milliseconds.
    pub wait_ms: u64,
}

impl RunStart {
    /// Timeout for one response.
    pub fn timeout(&self) -> Nanoseconds {
        Nanoseconds::from_millis(self.timeout_ms)
    }

    /// The connection to the target, if it was given by its URL.
    pub fn connection(&self) -> Option<&ConnectionOptions> {
        match self.target_options.as_ref()? {
            TargetOptions::External { connection, .. } => Some(connection),
            TargetOptions::Embedded { .. } => None,
        }
    }

    /// Command-line options that select the same target again, each after a space and quoted for a shell.
    ///
    /// Empty for the embedded server without faults.
    pub fn target_arguments(&self) -> String {
        target_options::arguments(self.target_options.as_ref(), &self.target)
    }
}

/// The way a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum RunEnd {
    /// Everything planned was run.
    #[default]
    Completed,
    /// The user or a signal interrupted the run.
    Interrupted,
    /// The run could not continue.
    Aborted {
        /// Reason, for people.
        reason: String,
    },
}

/// The way a scenario ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum ScenarioEnd {
    /// Every step was run.
    Completed,
    /// The run was interrupted.
    Interrupted,
    /// A step could not be run, and neither were those after it.
    Aborted {
        /// Reason, for people.
        reason: String,
    },
    /// Not run: the target or the accounts lack something that the scenario needs.
    Skipped {
        /// Description of the missing part.
        reason: String,
    },
}
