//! What is made of the records of load runs.

use std::path::PathBuf;

use clap::Args;
use hearback_stats::Minimum;

use super::value::share;
use crate::exit;

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
