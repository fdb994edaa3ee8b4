//! `fuzz` and `replay`.

use std::time::Duration;

use clap::Args;
use hearback_runner::fuzz::Bounds;

use super::check::SelectionOptions;
use super::reporting::ReportingOptions;
use super::target::{ExecutionOptions, TargetOptions};
use super::value::duration;
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Fuzz {
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) generation: FuzzOptions,
    #[command(flatten)]
    pub(crate) execution: ExecutionOptions,
    #[command(flatten)]
    pub(crate) reporting: ReportingOptions,
}

/// Bounds of fuzzing.
#[derive(Debug, Args)]
#[command(next_help_heading = "Generation")]
pub(crate) struct FuzzOptions {
    /// Duration, for example 90s, 5m or 2h; cases that run when it is over get 15 s to end [default: 1m, or unlimited with --cases]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    duration: Option<Duration>,
    /// Maximum number of cases
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    cases: Option<u64>,
    /// Run one case, for example sequence/1a2b3c4d; a case of a single request depends on --seed
    #[arg(long, value_name = "NAME", conflicts_with_all = ["duration", "cases"])]
    case: Option<String>,
}

impl FuzzOptions {
    /// The bounds.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            duration: self.duration,
            cases: self.cases,
            case: self.case.clone().map(Into::into),
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = exit::REPLAY_HELP)]
pub(crate) struct Replay {
    /// Name of the run, or path of its journal
    pub(crate) run: String,
    /// Requirement of the finding, or its number in the report, from 1
    pub(crate) finding: String,
    /// Print a shell script that reproduces the finding with curl and websocat, and send nothing
    #[arg(long)]
    pub(crate) script: bool,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    /// Number of attempts
    #[arg(long, value_name = "COUNT", default_value = "5", help_heading = "Execution", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) times: u16,
    #[command(flatten)]
    pub(crate) execution: ExecutionOptions,
}
