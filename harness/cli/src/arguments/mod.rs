//! The command line.

mod check;
mod contract;
mod load;
mod scenario;
mod serve;
mod target;
mod telling;
mod value;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::exit;

pub(crate) use check::{Check, Fuzz, Judge, Prove, Replay, Reporting, Selection};
pub(crate) use contract::{Explain, Export, List, ListFormat, Listing, Schema, SchemaCommand};
pub(crate) use load::{CapacityOf, Load};
pub(crate) use scenario::{Scenario, ScenarioCommand, ScenarioRun};
pub(crate) use serve::Serve;
pub(crate) use target::{CONCURRENCY, Target, TargetOptions};
pub(crate) use telling::{Calibrate, Compare, Report};

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
