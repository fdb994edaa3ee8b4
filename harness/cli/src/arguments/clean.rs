//! `clean`.

use std::time::Duration;

use clap::Args;

use super::target::TargetOptions;
use super::value::seconds;
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::CLEAN_HELP)]
pub(crate) struct Clean {
    /// Name of the run, or path of its journal [default: every run in hearback-runs that left rooms]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    /// List the rooms; send nothing
    #[arg(long, help_heading = "Execution")]
    pub(crate) dry_run: bool,
    /// Timeout for one response, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, help_heading = "Execution")]
    pub(crate) timeout: Duration,
}
