//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use hearback_contract::Level;
use hearback_measure::Minimum;

use crate::exit;

/// Scenarios carried out at the same time, if nothing else is asked for.
pub(crate) const CONCURRENCY: u16 = 8;

/// Conformance harness and load generator for chat backends that serve the AriStay Chat API.
#[derive(Debug, Parser)]
#[command(version, after_help = exit::HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check that a backend keeps the document; the embedded server by default
    Check(Check),
    /// Measure how fast a backend fans messages out under load; the embedded server by default
    Load(Load),
    /// Tell a load run again, from the record that it left
    Report(Report),
    /// Compare load runs with one another: is the second side worse than the first?
    Compare(Compare),
    /// Say how small a change of one target `compare` could see, from runs of it on this machine
    Calibrate(Calibrate),
    /// Send generated requests and sequences of commands until something breaks
    Fuzz(Box<Fuzz>),
    /// Bring about again what an earlier run found
    Replay(Box<Replay>),
    /// Run the embedded reference server
    Serve(Serve),
    /// Prove that every fault of the embedded server is caught, and that the clean server is not blamed
    Prove(Prove),
    /// Run, lint and write scenarios
    Scenario(Scenario),
    /// Judge the journal of an earlier run again
    Judge(Judge),
    /// List what hearback knows
    List(List),
    /// Explain a requirement, an operation or a fault
    Explain(Explain),
    /// Export schemas
    Schema(Schema),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Whom to talk to: a target and its accounts, or the embedded server.
#[derive(Debug, Args)]
pub(crate) struct Whom {
    /// Base URL of the target with its path, https://host/api; the embedded server if not given
    #[arg(long, value_name = "URL", requires = "accounts")]
    pub(crate) target: Option<String>,
    /// Base URL of the target's sockets, wss://host/ws; derived from --target if not given
    #[arg(long, value_name = "URL", requires = "target")]
    pub(crate) socket_url: Option<String>,
    /// Accounts at the target (TOML): names with passwords or tokens
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) accounts: Option<PathBuf>,
    /// Environment variable with the target's HS256 key: expired tokens can be made with it,
    /// and for a load the tokens of all accounts but one
    #[arg(long, value_name = "VARIABLE", requires = "target")]
    pub(crate) jwt_secret_env: Option<String>,
    /// Switch on a fault of the embedded server (see `hearback list faults`)
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub(crate) fault: Vec<String>,
}

/// The target, and how hard it is asked.
#[derive(Debug, Args)]
pub(crate) struct Target {
    #[command(flatten)]
    pub(crate) whom: Whom,
    /// Scenarios carried out at the same time
    #[arg(long, default_value_t = CONCURRENCY, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    /// Longest wait for a response or an event, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) patience: Duration,
    /// Seed of everything random; printed with every run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Where everything that happens is written, as it happens; hearback-runs/RUN.jsonl if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

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
    pub(crate) patience: Duration,
    /// How the kill matrix is printed
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Scenario {
    #[command(subcommand)]
    pub(crate) command: ScenarioCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Carry out scenario files; against the embedded server by default
    Run(Box<ScenarioRun>),
    /// Say what is wrong with scenario files, and where; exit code 2 if they cannot be used
    Lint {
        /// Files, or folders with *.yaml files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Write a scenario to begin with, NAME.yaml
    New {
        /// Its name, with or without .yaml
        name: String,
    },
    /// Write the embedded scenarios into a folder, to read and to copy from
    Export {
        /// The folder
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(after_help = exit::SCENARIO_HELP)]
pub(crate) struct ScenarioRun {
    /// Files, or folders with *.yaml files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print a live timeline, one lane an actor; scenarios run one after the other
    #[arg(long)]
    pub(crate) trace: bool,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

#[derive(Debug, Args)]
#[command(after_help = exit::LOAD_HELP)]
pub(crate) struct Load {
    /// The name of a shipped profile (see `hearback list profiles`), or a file (TOML)
    #[arg(long, value_name = "NAME|FILE", default_value = "smoke")]
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) whom: Whom,
    /// Yes, this host may be put under load: needed for every target that is not this machine
    #[arg(long, value_name = "HOST", requires = "target")]
    pub(crate) yes_load: Option<String>,
    /// Multiply every duration of the schedule
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) duration_scale: f64,
    /// Multiply every rate
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) rate_scale: f64,
    /// Search for the highest rate, or the most members, that meet the service levels; each trial is the whole
    /// schedule
    #[arg(long, value_name = "OF", num_args = 0..=1, default_missing_value = "rate")]
    pub(crate) find_capacity: Option<CapacityOf>,
    /// How often the search confirms each end of what it is sure of
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) confirmations: u8,
    /// Say what would be done, and what it needs; nothing is sent
    #[arg(long, conflicts_with = "find_capacity")]
    pub(crate) dry_run: bool,
    /// Longest wait for a response, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) patience: Duration,
    /// Seed of everything random; printed with every run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Where the record of the run is kept (JSON); hearback-runs/load-RUN.json if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) telling: Telling,
    /// Serve the figures of the running test for Prometheus, at http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where goose writes its own report; the extension says which: .html, .md or .json. The graphs of its page
    /// need the network: their script is loaded from a CDN
    #[arg(long, value_name = "FILE")]
    pub(crate) goose_report: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How a load run is told.
#[derive(Debug, Args)]
pub(crate) struct Telling {
    /// Write a report: text, json, junit, markdown, html, hgrm, hgrm-last or
    /// hlog; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
    /// Write the plots, a file each: png or svg, and the folder
    #[arg(long, value_name = "FORMAT=FOLDER")]
    pub(crate) plots: Vec<String>,
    /// Tell more
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_help = exit::LOAD_HELP)]
pub(crate) struct Report {
    /// The record that `hearback load` kept (JSON)
    pub(crate) record: PathBuf,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

#[derive(Debug, Args)]
#[command(after_help = exit::COMPARE_HELP)]
pub(crate) struct Compare {
    /// Records of the runs before (JSON), five to ten, of one profile
    #[arg(required = true, value_name = "BEFORE")]
    pub(crate) before: Vec<PathBuf>,
    /// Records of the runs after, best made in turns with the others
    #[arg(required = true, last = true, value_name = "AFTER")]
    pub(crate) after: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) minimum: MinimumChange,
    /// Write a report: text, json, markdown or html; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
    /// Write the spectra of both sides over each other: png or svg, and the folder
    #[arg(long, value_name = "FORMAT=FOLDER")]
    pub(crate) plots: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = exit::CALIBRATE_HELP)]
pub(crate) struct Calibrate {
    /// Records of runs of the same target and profile (JSON), ten to twenty
    #[arg(required = true, value_name = "RECORD")]
    pub(crate) records: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) minimum: MinimumChange,
    /// Write a report: text, json, markdown or html; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
}

/// The smallest changes that matter.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MinimumChange {
    /// The smallest change of a latency that matters, in percent
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = share)]
    minimum: f64,
    /// The smallest change of the share of lost deliveries that matters, in percentage points
    #[arg(long, value_name = "POINTS", default_value = "0.01", value_parser = share)]
    minimum_loss: f64,
}

impl From<MinimumChange> for Minimum {
    fn from(change: MinimumChange) -> Self {
        Self { latency_percent: change.minimum, loss_points: change.minimum_loss }
    }
}

/// What a search for the capacity varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CapacityOf {
    /// Messages a second at the schedule's peak
    Rate,
    /// Members of all rooms
    Members,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// File that keeps everything; in memory if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,
    /// How many accounts there are, or a file (TOML) with names and passwords
    #[arg(long, value_name = "COUNT|FILE", default_value = "8")]
    pub(crate) accounts: String,
    /// Switch on a fault (see `hearback list faults`)
    #[arg(long, value_name = "ID")]
    pub(crate) fault: Vec<String>,
    /// Environment variable with the HS256 key for tokens; random if not given
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) jwt_secret_env: Option<String>,
    /// How long an access token is valid, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub(crate) access_lifetime: Duration,
    /// Stop when standard input ends: for whoever starts a server and may die
    #[arg(long, hide = true)]
    pub(crate) while_stdin: bool,
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

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list
    pub(crate) what: Listing,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Listing {
    Requirements,
    Operations,
    Events,
    Scenarios,
    Faults,
    Ambiguities,
    Profiles,
    Metrics,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A requirement, an operation, a fault or an ambiguity
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print a schema document
    Export {
        /// Which
        what: Export,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Export {
    /// The REST operations, OpenAPI 3.1
    Openapi,
    /// The sockets, AsyncAPI 3.0
    Asyncapi,
    /// The JSON Schema of hearback's own JSON report
    Report,
    /// The JSON Schema of the JSON report of load runs
    Load,
    /// The JSON Schema of the JSON report of `compare`
    Comparison,
    /// The JSON Schema of the JSON report of `calibrate`
    Calibration,
    /// The JSON Schema of scenario files, for editors
    Scenario,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if !(0.001..=1000.0).contains(&factor) {
        return Err("between 0.001 and 1000".to_owned());
    }
    Ok(factor)
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if share.is_finite() && share > 0.0 { Ok(share) } else { Err("a number above 0".to_owned()) }
}

/// A number and its unit: `90s`, `5m`, `2h`.
fn time(text: &str) -> Result<Duration, String> {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3_600.0)];
    let (number, unit) = units
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .ok_or("a time such as 90s, 5m or 2h")?;
    let number: f64 = number.parse().map_err(|_| "a time such as 90s, 5m or 2h")?;
    if !(1.0..=604_800.0).contains(&(number * unit)) {
        return Err("between a second and a week".to_owned());
    }
    Ok(Duration::from_secs_f64(number * unit))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    if !(0.05..=86_400.0).contains(&seconds) {
        return Err("between 0.05 seconds and a day".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}
