//! `load`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::target::TargetOptions;
use super::telling::Telling;
use super::value::{factor, goose_report, seconds};
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::LOAD_HELP)]
pub(crate) struct Load {
    /// The name of a shipped profile (see `hearback list profiles`), or a file (TOML)
    #[arg(long, value_name = "NAME|FILE", default_value = "smoke")]
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) whom: TargetOptions,
    /// Yes, this host may be put under load: needed for every target that is not this machine
    #[arg(long, value_name = "HOST", requires = "target")]
    pub(crate) yes_load: Option<String>,
    /// Multiply every duration of the schedule
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) duration_scale: f64,
    /// Multiply every rate
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) rate_scale: f64,
    /// Search for the highest rate, or the most members, that meet the service levels; each trial is the whole
    /// schedule
    #[arg(long, value_name = "OF", num_args = 0..=1, default_missing_value = "rate")]
    pub(crate) find_capacity: Option<CapacityOf>,
    /// How often the search confirms each end of what it is sure of
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) confirmations: u8,
    /// Say what would be done, and what it needs; nothing is sent
    #[arg(long, conflicts_with = "find_capacity")]
    pub(crate) dry_run: bool,
    /// Longest wait for a response, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Seed of everything random; printed with every run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Where the record of the run is kept (JSON); hearback-runs/load-RUN.json if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) telling: Telling,
    /// Serve the figures of the running test for Prometheus, at http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where goose writes its own report; the extension says which: .html, .md or .json. The graphs of its page
    /// need the network: their scenario is loaded from a CDN
    #[arg(long, value_name = "FILE", value_parser = goose_report)]
    pub(crate) goose_report: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What a search for the capacity varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CapacityOf {
    /// Messages a second at the schedule's peak
    Rate,
    /// Members of all rooms
    Members,
}
