//! Options for reports of conformance runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hearback_contract::Level;
use hearback_results::FlakyFindings;

/// The gate and the reports.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(crate) struct ReportingOptions {
    /// Lowest level of a broken requirement that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "must", help_heading = "Gate")]
    pub(crate) fail_on: FailOn,
    /// Effect of findings that not every repetition reproduces
    #[arg(long, value_name = "EFFECT", default_value = "fail", help_heading = "Gate")]
    pub(crate) flaky: Flaky,
    /// Maximum number of gateway errors and broken connections [default: unlimited]
    #[arg(long, value_name = "COUNT", help_heading = "Gate")]
    pub(crate) gateway_errors: Option<u64>,
    /// Requirements that may be untested, with these id prefixes; any other must that is not tested makes the exit code 4
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', help_heading = "Gate")]
    pub(crate) may_be_untested: Vec<String>,
    /// Waivers file (TOML) with known deviations; they are still tested, and reported once they no longer occur
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    pub(crate) waivers: Option<PathBuf>,
    /// Report to write: text, json, junit, markdown, html, sarif or codequality; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
    /// Also list requirements that held
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    /// The specification states or shows the requirement
    Must,
    /// The requirement follows from the specification
    Should,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Flaky {
    /// Flaky findings fail the run; findings that no repetition reproduces make the exit code 4
    Fail,
    /// Report them only
    Warn,
}

impl From<Flaky> for FlakyFindings {
    fn from(flaky: Flaky) -> Self {
        match flaky {
            Flaky::Fail => Self::Fail,
            Flaky::Warn => Self::Warn,
        }
    }
}

impl From<FailOn> for Level {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Must => Self::Must,
            FailOn::Should => Self::Should,
        }
    }
}
