//! `doctor`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::target::TargetOptions;
use super::value::seconds;
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::DOCTOR_HELP)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    /// Timeout for one response, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DoctorFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// One line per check
    Text,
    /// A JSON document
    Json,
}
