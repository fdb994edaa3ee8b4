//! TargetOptions to talk to, and how.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::seconds;

/// Scenarios carried out at the same time, if nothing else is asked for.
pub(crate) const CONCURRENCY: u16 = 8;

/// TargetOptions to talk to: a target and its accounts, or the embedded server.
#[derive(Debug, Args)]
pub(crate) struct TargetOptions {
    /// Base URL of the target with its path, https://host/api; the embedded server if not given
    #[arg(long, value_name = "URL", requires = "accounts")]
    pub(crate) target: Option<String>,
    /// Base URL of the target's sockets, wss://host/ws; derived from --target if not given
    #[arg(long, value_name = "URL", requires = "target")]
    pub(crate) socket_url: Option<String>,
    /// Accounts at the target (TOML): names with passwords or tokens
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) accounts: Option<PathBuf>,
    /// Environment variable with the target's HS256 key: expired tokens can be made with it,
    /// and for a load the tokens of all accounts but one
    #[arg(long, value_name = "VARIABLE", requires = "target")]
    pub(crate) jwt_secret_env: Option<String>,
    /// Switch on a fault of the embedded server (see `hearback list faults`)
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub(crate) fault: Vec<String>,
}

/// The target, and how hard it is asked.
#[derive(Debug, Args)]
pub(crate) struct Target {
    #[command(flatten)]
    pub(crate) whom: TargetOptions,
    /// Scenarios carried out at the same time
    #[arg(long, default_value_t = CONCURRENCY, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    /// Longest wait for a response or an event, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Seed of everything random; printed with every run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Where everything that happens is written, as it happens; hearback-runs/RUN.jsonl if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
