//! `scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::check::Reporting;
use super::target::Target;
use crate::exit;

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
