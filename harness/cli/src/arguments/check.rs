//! `check` and what goes with it: generating, replaying, judging, proving.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hearback_contract::Level;

use super::contract::ListFormat;
use super::target::Target;
use super::value::{seconds, time};
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) generation: Generation,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Fuzz {
    /// How long, 90s, 5m or 2h; a minute if neither this nor --cases is given
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Duration>,
    /// So many cases at most
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) cases: Option<u64>,
    /// Only this case, sequence/1a2b3c4d; one of a request needs the seed of its run
    #[arg(long, value_name = "NAME", conflicts_with_all = ["time", "cases"])]
    pub(crate) case: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

#[derive(Debug, Args)]
#[command(after_help = exit::REPLAY_HELP)]
pub(crate) struct Replay {
    /// The run: its name, or its journal
    pub(crate) run: String,
    /// The finding: a requirement, or its number, counted from 1 in the order of the report
    pub(crate) finding: String,
    /// How often it is tried
    #[arg(long, value_name = "COUNT", default_value = "5", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) times: u16,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// How much is generated.
#[derive(Clone, Debug, Args)]
pub(crate) struct Generation {
    /// How much generated input is sent, beside what stands in scenarios
    #[arg(long, default_value = "standard")]
    depth: Depth,
    /// So many cases for each operation and event, valid and invalid ones each; 0 for none
    #[arg(long, value_name = "COUNT", conflicts_with = "depth")]
    cases: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Depth {
    /// About 900 requests
    Quick,
    /// About 2,400
    Standard,
    /// More than 10,000
    Deep,
}

impl Generation {
    /// The depth that was asked for.
    pub(crate) fn depth(&self) -> hearback_generate::Depth {
        match (self.cases, self.depth) {
            (Some(cases), _) => hearback_generate::Depth { cases },
            (None, Depth::Quick) => hearback_generate::Depth::QUICK,
            (None, Depth::Standard) => hearback_generate::Depth::STANDARD,
            (None, Depth::Deep) => hearback_generate::Depth::DEEP,
        }
    }
}

/// Which requirements.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only requirements whose id begins so: `room`, `room/stats`, `auth/refresh`
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Not the requirements whose id begins so
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
}

/// What is reported, and what fails.
#[derive(Debug, Args)]
pub(crate) struct Reporting {
    /// The lowest level that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "must")]
    pub(crate) fail_on: FailOn,
    /// Known deviations (TOML): tested all the same, and told when they are none any more
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// Write a report: text, json, junit, markdown or html; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
    /// List the requirements that hold, too
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Must,
    Should,
}

impl From<FailOn> for Level {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Must => Self::Must,
            FailOn::Should => Self::Should,
        }
    }
}

#[derive(Clone, Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Prove {
    /// Only faults whose id begins so
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) fault: Vec<String>,
    /// Run every scenario against every fault, not only those that could notice it
    #[arg(long)]
    pub(crate) whole: bool,
    /// Only so many faults, spread over all of them; which ones depends on the seed
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(usize))]
    pub(crate) sample: Option<usize>,
    #[command(flatten)]
    pub(crate) generation: Generation,
    /// Faults tried at the same time
    #[arg(long, default_value_t = 4)]
    pub(crate) jobs: usize,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Longest wait for a response or an event, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// How the kill matrix is printed
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Judge {
    /// The journal
    pub(crate) journal: PathBuf,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}
