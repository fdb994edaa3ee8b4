//! `prove`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hearback_runner::prove;

use super::check::GenerationOptions;
use super::registry::ListFormat;
use super::value::seconds;
use crate::exit;

/// Number of scenarios that run at the same time against each server.
const CONCURRENCY: usize = 8;

/// The options that run a correct server; one of them at most.
const CORRECT_SERVER: &str = "correct_server";

#[derive(Clone, Debug, Args)]
#[command(after_help = exit::PROVE_HELP)]
pub(crate) struct Prove {
    /// Test only faults with these id prefixes
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', help_heading = "Selection")]
    fault: Vec<String>,
    /// Maximum number of faults, sampled evenly, or of readings; the seed selects them
    #[arg(long, value_name = "COUNT", help_heading = "Selection")]
    pub(crate) sample: Option<usize>,
    /// Run every scenario against every fault, not only those that can detect it; with --tolerance, sequences of commands as well
    #[arg(long, help_heading = "Selection")]
    all_scenarios: bool,
    /// Run the server without faults in each kind of weather instead, and report false alarms
    #[arg(
        long,
        group = CORRECT_SERVER,
        conflicts_with_all = ["fault", "sample", "all_scenarios"],
        help_heading = "Selection"
    )]
    pub(crate) weather: bool,
    /// Run the server without faults under each accepted reading of the specification instead, and report false alarms
    #[arg(long, group = CORRECT_SERVER, conflicts_with = "fault", help_heading = "Selection")]
    pub(crate) tolerance: bool,
    /// Test only readings with these id prefixes
    #[arg(
        long,
        value_name = "PREFIX",
        value_delimiter = ',',
        requires = "tolerance",
        help_heading = "Selection"
    )]
    pub(crate) reading: Vec<String>,
    /// Number of random combinations of weather or of readings, in addition to each one alone
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        requires = CORRECT_SERVER,
        help_heading = "Selection"
    )]
    pub(crate) combinations: usize,
    /// Number of random pairs of faults to test instead; reports requirements that neither fault breaks alone
    #[arg(
        long,
        value_name = "COUNT",
        conflicts_with_all = ["weather", "tolerance", "sample", "all_scenarios"],
        help_heading = "Selection"
    )]
    pub(crate) pairs: Option<usize>,
    /// Number of correct servers with random readings, weather and seeds to test instead; reports false alarms
    #[arg(
        long,
        value_name = "COUNT",
        conflicts_with_all = ["fault", "sample", "all_scenarios", "weather", "tolerance", "pairs"],
        help_heading = "Selection"
    )]
    pub(crate) correct_servers: Option<usize>,
    #[command(flatten)]
    generation: GenerationOptions,
    /// Number of faults or readings that are tested at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 4, help_heading = "Execution")]
    jobs: usize,
    /// Timeout for one event, in seconds; at least 5 for a response
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds, help_heading = "Execution")]
    timeout: Duration,
    /// Seed of everything random
    #[arg(long, default_value_t = 1, help_heading = "Execution")]
    seed: u64,
    /// Suppress progress
    #[arg(long, short, help_heading = "Execution")]
    pub(crate) quiet: bool,
    /// File in which to note what proved each switch, with the day; listings show those of harness/mutants/proofs.json
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub(crate) record: Option<PathBuf>,
    /// Folder for the journals of runs whose result is not as it should be, named after their switches
    #[arg(long, value_name = "FOLDER", help_heading = "Results")]
    journals: Option<PathBuf>,
    /// Output format of the matrix
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Results")]
    pub(crate) format: ListFormat,
}

impl Prove {
    /// The options of the runner.
    pub(crate) fn options(&self) -> prove::Options {
        prove::Options {
            faults: self.fault.clone(),
            all_scenarios: self.all_scenarios,
            sample: self.sample,
            depth: self.generation.depth(),
            jobs: self.jobs,
            seed: self.seed,
            timeout: self.timeout,
            concurrency: CONCURRENCY,
            journals: prove::Journals::new(self.journals.clone()),
        }
    }
}
