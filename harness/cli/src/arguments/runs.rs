//! `runs`.

use clap::{Args, Subcommand};

use super::registry::ListFormat;
use super::target::RunsOptions;

#[derive(Debug, Args)]
pub(crate) struct Runs {
    #[command(subcommand)]
    pub(crate) command: Option<RunsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List the stored runs, the latest first
    List {
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
    },
    /// Print the report of a stored run
    Show {
        /// Name of the run [default: the latest]
        run: Option<String>,
        /// Show more detail
        #[arg(long, short)]
        verbose: bool,
    },
    /// Open the report of a stored run in a browser
    Open {
        /// Name of the run [default: the latest]
        run: Option<String>,
    },
    /// Print the traffic of a stored run as HAR 1.2, for browsers and other tools
    ///
    /// Secrets are redacted. There is a page per scenario; sockets have the form of Chrome.
    Har {
        /// Name of the run [default: the latest]
        run: Option<String>,
        /// Only scenarios with these name prefixes
        #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
        scenario: Vec<String>,
        /// Only the scenario of a finding: its requirement, or its number in the report, from 1
        #[arg(long, value_name = "FINDING", conflicts_with = "scenario")]
        finding: Option<String>,
    },
    /// Remove old runs, except those that left rooms for `hearback clean`
    Prune(RunsOptions),
}
