//! Options of every command that tests a target.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hearback_contract::{ReadingId, RequirementId};
use hearback_mutants::WeatherSet;
use hearback_runner::{Concurrency, RemoteTarget, Run, TargetSpec, run, runs};

use super::connection::ConnectionOptions;
use super::limits::LimitOptions;
use super::value::seconds;
use crate::config_file::{self, source};

/// The target: a remote one with its accounts, or the embedded server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct TargetOptions {
    /// Base URL of the target with its path, for example https://host/api [default: the embedded reference server]
    #[arg(long, value_name = "URL", requires = "accounts")]
    pub(crate) target: Option<String>,
    /// Base URL of the sockets, for example wss://host/ws, or their whole URL with the placeholder {room}, for example wss://host/rt?room={room} [default: derived from --target]
    #[arg(long, value_name = "URL", requires = "target")]
    pub(crate) socket_url: Option<String>,
    /// Accounts file (TOML) with user names, and passwords or tokens
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) accounts: Option<PathBuf>,
    /// Environment variable with the HS256 key of the target; signs expired tokens, and under load the tokens of all accounts but one
    #[arg(long, value_name = "VARIABLE", requires = "target")]
    pub(crate) jwt_secret_env: Option<String>,
    /// Fault of the embedded server to switch on, see `hearback list faults`; `@once` or `@every-second` after a fault of responses makes it intermittent
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub(crate) fault: Vec<String>,
    /// Weather of the embedded server, for example latency=200ms,refresh-rotation; see `hearback list weather`
    #[arg(long, value_name = "KIND[=VALUE],…", conflicts_with = "target")]
    pub(crate) weather: Option<WeatherSet>,
    /// Reading of an ambiguity that the embedded server takes, for example delete-status=204; see `hearback list ambiguities`
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub(crate) reading: Vec<ReadingId>,
    #[command(flatten)]
    pub(crate) connection: ConnectionOptions,
    /// File to cache tokens in between runs, so that accounts need not log in; must be accessible to its owner only
    #[arg(long, value_name = "FILE", requires = "target", help_heading = "Target")]
    token_cache: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitOptions,
}

/// Execution of a run of scenarios.
#[derive(Debug, Args)]
#[command(next_help_heading = "Execution")]
pub(crate) struct ExecutionOptions {
    /// Number of scenarios that run at the same time [default: 8 to 192, depending on round trips and waits]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: Option<u16>,
    /// Timeout for one response or event, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Time from a write from which on searches and other reads must show it, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    pub(crate) max_lag: Duration,
    /// Maximum number of logins per minute [default: inferred from refused logins]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) logins_per_minute: Option<u32>,
    /// Seed of everything random [default: random]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// File to write the journal of all events to [default: hearback-runs/RUN.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Suppress progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) runs: RunsOptions,
}

/// The folder of runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runs")]
pub(crate) struct RunsOptions {
    /// Number of runs to keep in hearback-runs; older ones are removed after a run
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
}

impl RunsOptions {
    /// Removes the oldest runs, but not the current one, if there is one.
    pub(crate) fn prune<'r>(&self, current: impl Into<Option<&'r str>>) {
        runs::prune(usize::from(self.keep), current.into());
    }
}

impl TargetOptions {
    /// The remote target, if one is named. Its options require each other.
    pub(crate) fn remote(&self) -> Option<RemoteTarget> {
        Some(RemoteTarget {
            url: self.target.clone()?,
            socket_url: self.socket_url.clone(),
            accounts: source(self.accounts.as_ref()?),
            jwt_secret_env: self.jwt_secret_env.clone(),
            connection: Box::new(self.connection.settings()),
            failed_logins: self.limits.failed_logins(),
            throttles: config_file::file().map(Box::new),
            token_cache: self.token_cache.clone(),
        })
    }

    /// The target that the options specify.
    pub(crate) fn spec(&self) -> TargetSpec {
        match self.remote() {
            Some(remote) => TargetSpec::Remote(remote),
            None => TargetSpec::Embedded {
                faults: self.fault.clone(),
                weather: self.weather.clone().unwrap_or_default(),
                readings: self.reading.clone(),
            },
        }
    }
}

impl ExecutionOptions {
    /// A run with these options, and a new name.
    pub(crate) fn run(&self, selected: Vec<RequirementId>) -> Run {
        let identity = run::Identity::new(self.seed);
        let journal = self.journal.clone().unwrap_or_else(|| run::default_journal(&identity.name));
        Run {
            identity,
            selected,
            timeout: self.timeout,
            response_timeout: self.timeout,
            longest_lag: self.max_lag,
            concurrency: self
                .concurrency
                .map_or(Concurrency::Measured, |count| Concurrency::Fixed(count.into())),
            max_duration: None,
            logins_per_minute: self.logins_per_minute,
            depth: None,
            journal: Some(journal),
            shard: None,
            failure_limit: None,
        }
    }
}
