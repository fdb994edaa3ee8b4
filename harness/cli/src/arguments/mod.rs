//! The command line.

mod check;
mod clean;
mod config;
mod connection;
mod contract;
mod doctor;
#[cfg(test)]
mod documented;
mod fuzz;
#[cfg(test)]
mod help;
mod limits;
mod load;
mod nats;
mod profile;
mod prove;
mod records;
mod registry;
mod reporting;
mod runs;
mod scenario;
mod serve;
mod target;
mod value;
mod version;
mod worker;

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use hearback_config::options::with_options;
use tracing_subscriber::filter::Targets;

use crate::{exit, log};

pub(crate) use check::{
    Adopt, BaselineOptions, Check, Merge, Printed, Recheck, RunOptions, SelectionOptions,
};
pub(crate) use clean::Clean;
pub(crate) use config::{Config, ConfigCommand};
pub(crate) use contract::{Contract, ContractCommand, Description};
pub(crate) use doctor::{Doctor, DoctorFormat};
pub(crate) use fuzz::{Fuzz, Replay};
pub(crate) use load::Load;
pub(crate) use profile::{Profile, ProfileCommand};
pub(crate) use prove::Prove;
pub(crate) use records::{Calibrate, Compare, Report};
pub(crate) use registry::{Explain, Export, List, ListFormat, Listing, Schema, SchemaCommand};
pub(crate) use reporting::ReportingOptions;
pub(crate) use runs::{Runs, RunsCommand};
pub(crate) use scenario::{Scenario, ScenarioCommand, ScenarioRun};
pub(crate) use serve::Serve;
use version::LONG_VERSION;
pub(crate) use worker::Worker;

/// Tests whether a chat backend conforms to the AriStay Chat API, and measures its fan-out latency under load.
#[derive(Debug, Parser)]
#[command(version, long_version = LONG_VERSION.as_str(), after_help = exit::HELP)]
pub(crate) struct Arguments {
    /// Filter of diagnostic logs on standard error, for example debug or info,hearback_client=debug
    #[arg(long, value_name = "FILTER", global = true, value_parser = log::filter)]
    pub(crate) log: Option<Targets>,
    /// Folder of an overlay that changes the shipped contract
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(crate) contract: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test whether a backend conforms to the specification
    Check(Box<Check>),
    /// Accept the current violations in hearback.toml, so that check fails only on new ones
    Adopt(Box<Adopt>),
    /// Check whether a target can be tested, with advice if not
    Doctor(Box<Doctor>),
    /// Send generated requests and sequences until a requirement is broken
    Fuzz(Box<Fuzz>),
    /// Reproduce a finding of an earlier run
    Replay(Box<Replay>),
    /// Check the journal of an earlier run again
    Recheck(Recheck),
    /// Combine the results of the shards of a run
    Merge(Merge),
    /// Run, lint, create and export scenarios
    Scenario(Scenario),
    /// Measure how fast a backend delivers messages under load
    Load(Box<Load>),
    /// Perform parts of distributed load runs
    Worker(Worker),
    /// Lint, create and export load profiles
    Profile(Profile),
    /// List, show, open and remove stored runs
    Runs(Runs),
    /// Archive the rooms that earlier runs left behind
    Clean(Box<Clean>),
    /// Render reports from the record of a load run
    Report(Report),
    /// Compare runs: is AFTER worse than BEFORE?
    Compare(Compare),
    /// Estimate the smallest change that `compare` can detect on this machine
    Calibrate(Calibrate),
    /// Run the embedded reference server
    Serve(Serve),
    /// Prove that every fault of the reference server is caught
    Prove(Prove),
    /// List requirements, scenarios, faults and other registries
    List(List),
    /// Explain a requirement, an operation, a fault or an ambiguity
    Explain(Explain),
    /// Lint and export the contract, and list the differences of an overlay
    Contract(Contract),
    /// Show the configuration, or print its schema
    Config(Config),
    /// Export schemas
    Schema(Schema),
    /// Generate shell completions
    Completions {
        /// Shell to generate completions for
        shell: Shell,
    },
    /// Write the man pages of all commands
    Man {
        /// Folder to write the pages to; it is created if it is missing
        folder: PathBuf,
    },
}

/// The definition of the command line.
pub(crate) fn command() -> clap::Command {
    with_options(Arguments::command())
}
