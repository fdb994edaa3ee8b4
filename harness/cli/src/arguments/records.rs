//! `report`, `compare` and `calibrate`: commands on records of load runs.

use std::path::PathBuf;

use clap::Args;
use hearback_stats::Minimum;

use super::value::share;
use crate::exit;

/// Reports of a load run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(crate) struct LoadReportOptions {
    /// Report to write: text, json, junit, markdown, html, hgrm, hgrm-last or hlog; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<String>,
    /// Folder to write plots to, as png or svg, one file per plot
    #[arg(long, value_name = "FORMAT=FOLDER")]
    pub(crate) plots: Vec<String>,
    /// Show more detail
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_help = exit::LOAD_HELP)]
pub(crate) struct Report {
    /// Record of the load run (JSON)
    pub(crate) record: PathBuf,
    #[command(flatten)]
    pub(crate) reporting: LoadReportOptions,
}

#[derive(Debug, Args)]
#[command(after_help = exit::COMPARE_HELP)]
pub(crate) struct Compare {
    /// Two runs of check: JSON reports, journals or names; or records of load runs before the change (JSON), five to ten runs of one profile
    #[arg(required = true, value_name = "BEFORE")]
    pub(crate) before: Vec<PathBuf>,
    /// Records of the runs after the change, ideally run in alternation with the others; the last BEFORE if absent
    #[arg(last = true, value_name = "AFTER")]
    pub(crate) after: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) minimum: MinimumChange,
    /// Report to write: text, json, markdown or html; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH", help_heading = "Results")]
    pub(crate) report: Vec<String>,
    /// Folder to write latency spectra of both sides to, as png or svg
    #[arg(long, value_name = "FORMAT=FOLDER", help_heading = "Results")]
    pub(crate) plots: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = exit::CALIBRATE_HELP)]
pub(crate) struct Calibrate {
    /// Records of runs of one target and profile (JSON), ten to twenty
    #[arg(required = true, value_name = "RECORD")]
    pub(crate) records: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) minimum: MinimumChange,
    /// Report to write: text, json, markdown or html; `-` as path prints it
    #[arg(long, value_name = "FORMAT=PATH", help_heading = "Results")]
    pub(crate) report: Vec<String>,
}

/// The smallest changes that matter.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Detection")]
pub(crate) struct MinimumChange {
    /// Smallest change of a latency that matters, in percent
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = share)]
    minimum: f64,
    /// Smallest change of the share of lost deliveries that matters, in percentage points
    #[arg(long, value_name = "POINTS", default_value = "0.01", value_parser = share)]
    minimum_loss: f64,
}

impl From<MinimumChange> for Minimum {
    fn from(change: MinimumChange) -> Self {
        Self { latency_percent: change.minimum, loss_points: change.minimum_loss }
    }
}
