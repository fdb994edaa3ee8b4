//! `scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::reporting::ReportingOptions;
use super::target::{ExecutionOptions, TargetOptions};
use crate::exit;

#[derive(Debug, Args)]
pub(crate) struct Scenario {
    #[command(subcommand)]
    pub(crate) command: ScenarioCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Run scenario files
    Run(Box<ScenarioRun>),
    /// Report errors in scenario files
    #[command(after_help = exit::LINT_HELP)]
    Lint {
        /// Files, or folders with *.yaml files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Create a scenario file from a template
    New {
        /// Name of the scenario, with or without .yaml
        name: String,
    },
    /// Write the embedded scenarios to a folder
    Export {
        /// Folder to write to
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(after_help = exit::SCENARIO_HELP)]
pub(crate) struct ScenarioRun {
    /// Files, or folders with *.yaml files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    /// Print a live timeline with one lane per actor; scenarios run one after the other
    #[arg(long, help_heading = "Execution")]
    pub(crate) trace: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionOptions,
    #[command(flatten)]
    pub(crate) reporting: ReportingOptions,
}
