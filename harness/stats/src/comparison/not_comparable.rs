//! Reasons why runs cannot be compared.

use super::{MAX_RUNS, MIN_RUNS};

/// A reason why runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// A group has too few or too many runs.
    #[error("each group needs {MIN_RUNS} to {MAX_RUNS} runs, but one has {0}")]
    GroupSize(usize),
    /// The measurements of a run are invalid.
    #[error("run {run} is not valid: {reason}")]
    Invalid {
        /// Name of the run.
        run: String,
        /// Reason.
        reason: String,
    },
    /// Two runs had different profiles.
    #[error(
        "run {run} used a different profile than run {first}; compare runs of the same profile"
    )]
    Profile {
        /// Name of the run.
        run: String,
        /// Name of the first run.
        first: String,
    },
    /// Two runs of a calibration had different targets.
    #[error(
        "run {run} used a different target than run {first}; calibrate with runs of the same target"
    )]
    Target {
        /// Name of the run.
        run: String,
        /// Name of the first run.
        first: String,
    },
    /// A run occurs more than once.
    #[error("run {0} is listed more than once")]
    Duplicate(String),
    /// A run has no value of a metric.
    #[error("run {run} has no samples of {metric}")]
    NoSamples {
        /// Name of the run.
        run: String,
        /// Id of the metric.
        metric: String,
    },
}

impl NotComparable {
    /// Name of the run that the error is about, if it is about one.
    pub fn run(&self) -> Option<&String> {
        match self {
            Self::GroupSize(_) => None,
            Self::Duplicate(run)
            | Self::Invalid { run, .. }
            | Self::Profile { run, .. }
            | Self::Target { run, .. }
            | Self::NoSamples { run, .. } => Some(run),
        }
    }
}
