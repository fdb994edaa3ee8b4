//! `check`, `adopt` and `recheck`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hearback_history::Shard;

use super::reporting::ReportingOptions;
use super::target::{ExecutionOptions, TargetOptions};
use super::value::duration;
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) baseline: BaselineOptions,
    /// Part of the scenarios to run, for example 2/5; `hearback merge` combines the journals of all parts
    #[arg(long, value_name = "INDEX/COUNT", requires = "seed", help_heading = "Selection")]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) failures: FailureOptions,
    /// Format of the standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Printed,
}

/// Formats of the standard output of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Printed {
    /// The report, unless `--report` prints another one
    Text,
    /// An event per line as it happens, then the findings and the verdicts; see `hearback schema export event`
    Json,
}

/// Options about failures of the latest run, and of this one.
#[derive(Debug, Args)]
pub(crate) struct FailureOptions {
    /// Check only requirements that the latest stored run of the target found broken; all if there are none
    #[arg(long, conflicts_with_all = ["only", "skip", "shard"], help_heading = "Selection")]
    pub(crate) last_failed: bool,
    /// Number of broken requirements at or above --fail-on after which no more scenarios start [default: unlimited]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Execution")]
    max_failures: Option<u32>,
    /// Start no more scenarios after the first broken requirement, as --max-failures 1
    #[arg(long, conflicts_with = "max_failures", help_heading = "Execution")]
    fail_fast: bool,
}

impl FailureOptions {
    /// The number of broken requirements after which no more scenarios start.
    pub(crate) fn maximum(&self) -> Option<usize> {
        let maximum = self.max_failures.or(self.fail_fast.then_some(1))?;
        Some(maximum.try_into().unwrap_or(usize::MAX))
    }
}

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Merge {
    /// Journals or names of the runs of all shards; or the records of all workers of a load run (JSON)
    #[arg(required = true, value_name = "RUN")]
    pub(crate) runs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) baseline: BaselineOptions,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) reporting: ReportingOptions,
}

/// The run whose violations are accepted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gate")]
pub(crate) struct BaselineOptions {
    /// JSON report, journal or name of an earlier run; only violations that it does not have make the exit code 1
    #[arg(long, value_name = "RUN")]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = exit::ADOPT_HELP)]
pub(crate) struct Adopt {
    /// Name of a stored run, or path of its journal, whose violations are adopted [default: test the target now]
    pub(crate) stored: Option<PathBuf>,
    /// Edit the configuration file in place if it exists: add, renew and delete waivers, keep comments
    #[arg(long, help_heading = "Configuration")]
    pub(crate) update: bool,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Options of a run that tests whether a target conforms.
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) generation: GenerationOptions,
    #[command(flatten)]
    pub(crate) execution: ExecutionOptions,
    /// Maximum duration of the scenarios, without logging in and cleaning up, for example 90s, 5m or 2h; the run is then incomplete
    #[arg(long, value_name = "DURATION", default_value = "5m", help_heading = "Execution", value_parser = duration)]
    pub(crate) max_duration: Duration,
    #[command(flatten)]
    pub(crate) reporting: ReportingOptions,
}

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Recheck {
    /// Journal of the run
    pub(crate) journal: PathBuf,
    #[command(flatten)]
    pub(crate) baseline: BaselineOptions,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) reporting: ReportingOptions,
}

/// The requirements to check.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionOptions {
    /// Check only requirements with these id prefixes, for example room,auth/refresh
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Skip requirements with these id prefixes
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
}

impl SelectionOptions {
    /// Returns whether every requirement is selected.
    pub(crate) fn is_empty(&self) -> bool {
        self.only.is_empty() && self.skip.is_empty()
    }
}

/// The amount of generated input, and of waiting.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Generation")]
pub(crate) struct GenerationOptions {
    /// Amount of generated input, in addition to the scenarios, and longest wait of a scenario
    #[arg(long, value_name = "DEPTH", default_value = "standard")]
    depth: Depth,
    /// Number of valid and of invalid generated cases per operation and event; 0 disables generation
    #[arg(long, value_name = "COUNT", conflicts_with = "depth")]
    cases: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Depth {
    /// About 900 requests, and no waits
    Quick,
    /// About 2,400 requests, and waits of up to 3 s
    Standard,
    /// More than 10,000 requests, and waits of up to 60 s
    Deep,
}

impl GenerationOptions {
    /// The depth of generation.
    pub(crate) fn depth(&self) -> hearback_generate::Depth {
        match (self.cases, self.depth) {
            (Some(cases), _) => {
                hearback_generate::Depth { cases, ..hearback_generate::Depth::NONE }
            }
            (None, Depth::Quick) => hearback_generate::Depth::QUICK,
            (None, Depth::Standard) => hearback_generate::Depth::STANDARD,
            (None, Depth::Deep) => hearback_generate::Depth::DEEP,
        }
    }
}
