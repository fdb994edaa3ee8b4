//! `load`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use hearback_config::variable::ProcessEnvironment;
use hearback_loadtests::Profile;
use hearback_loadtests::profile::{Members, Overrides, Rate, Stage, Texts};
use hearback_reports::load::live;
use hearback_runner::capacity::Quantity;
use hearback_runner::load::{
    DashboardOptions, MetricsOptions, Options, OtlpEndpoint, Search, Specification,
};
use hearback_runner::run;
use hearback_runner::{RunError, TargetSpec};
use hearback_workers::{Deployment, Platform, Pool};

use secrecy::SecretString;

use super::nats::NatsSecurityOptions;
use super::records::LoadReportOptions;
use super::target::{RunsOptions, TargetOptions};
use super::value::{duration, factor, goose_report, seconds};
use crate::exit;
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = exit::LOAD_HELP)]
pub(crate) struct Load {
    #[command(flatten)]
    target: TargetOptions,
    /// Host that may be load-tested; required for each remote host of requests and sockets
    #[arg(long, value_name = "HOST", requires = "target", help_heading = "Target")]
    allow_load: Vec<String>,
    #[command(flatten)]
    pub(crate) schedule: ScheduleOptions,
    #[command(flatten)]
    pool: WorkersOptions,
    #[command(flatten)]
    capacity: CapacityOptions,
    #[command(flatten)]
    pub(crate) execution: LoadExecutionOptions,
    /// File to save the record of the run to (JSON) [default: hearback-runs/load-RUN.json]
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reporting: LoadReportOptions,
    /// Address to serve live metrics for Prometheus on (path /metrics)
    #[arg(long, value_name = "ADDRESS", help_heading = "Results")]
    metrics_listen: Option<SocketAddr>,
    /// URL of a receiver to send live metrics to by the OpenTelemetry protocol (OTLP over HTTP), for example
    /// http://localhost:4318
    #[arg(long, value_name = "URL", help_heading = "Results", hide_env_values = true)]
    otlp: Option<SecretString>,
    /// Address to serve a live page about the run on, for example 127.0.0.1:5665
    #[arg(long, value_name = "ADDRESS", help_heading = "Results")]
    dashboard: Option<SocketAddr>,
    /// File that receives the measurements of each second as a line of JSON; `-`: standard output, instead of the report
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub(crate) stream: Option<PathBuf>,
    /// File to write goose's own report to (.html, .md or .json); its HTML graphs load a script from a CDN
    #[arg(long, value_name = "FILE", value_parser = goose_report, help_heading = "Results")]
    goose_report: Option<PathBuf>,
}

impl Load {
    /// Number of workers that perform the run, if several do.
    pub(crate) fn workers(&self) -> Option<usize> {
        self.pool.workers.map(usize::from)
    }

    /// The workers that perform the run, if several do.
    pub(crate) fn pool(&self) -> Result<Option<Pool>, Failure> {
        let Some(workers) = self.workers() else { return Ok(None) };
        let nats = self.pool.nats.as_ref().map(|url| self.pool.security.of(url)).transpose()?;
        Ok(Some(Pool { workers, nats }))
    }

    /// The manifests to print, if they are asked for: the platform, and what they describe.
    pub(crate) fn deployment(
        &self,
        load: &Specification,
        descriptors: u64,
    ) -> Result<Option<(Platform, Deployment)>, Failure> {
        let (Some(emit), TargetSpec::Remote(remote)) = (self.pool.emit, &load.target) else {
            return Ok(None);
        };
        if matches!(load.profile.texts, Texts::Lines(_)) {
            return Err(Failure::usage(anyhow!(
                "manifests cannot contain the file that `texts` of the profile names yet"
            )));
        }
        let accounts = std::fs::read_to_string(remote.accounts.path())
            .with_context(|| format!("cannot read {}", remote.accounts.path().display()))
            .map_err(Failure::usage)?;
        let mut arguments = vec!["--target".to_owned(), remote.url.clone()];
        let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
        remote.socket_url.iter().for_each(|url| add("--socket-url", url.clone()));
        load.allowed_hosts.iter().for_each(|host| add("--allow-load", host.clone()));
        add("--seed", load.options.identity.seed.to_string());
        add("--duration-scale", self.schedule.duration_scale.to_string());
        add("--rate-scale", self.schedule.rate_scale.to_string());
        let plan = load.plan(descriptors, self.workers())?;
        let platform = match emit {
            Emit::Kubernetes => Platform::Kubernetes,
            Emit::Compose => Platform::Compose,
        };
        let deployment = Deployment {
            run: load.options.identity.name.clone(),
            image: self.pool.image.clone(),
            workers: plan.parts.len(),
            mebibytes: plan.mebibytes,
            profile: load.profile.text.clone(),
            accounts,
            arguments,
            token: uuid::Uuid::new_v4().simple().to_string(),
        };
        Ok(Some((platform, deployment)))
    }

    /// The load run that the options ask for, with a new name.
    ///
    /// # Errors
    /// If the receiver of metrics is invalid.
    pub(crate) fn specification(&self, profile: Profile) -> Result<Specification, Failure> {
        let identity = run::Identity::new(self.execution.seed);
        let record = self.record.clone();
        let profile = profile.scaled(self.schedule.duration_scale);
        let metrics = self.metrics()?;
        Ok(Specification {
            target: self.target.spec(),
            allowed_hosts: self.allow_load.clone(),
            profile: profile.at_rate(self.schedule.rate_scale),
            search: self.capacity.search(),
            dashboard: self.dashboard.map(|address| DashboardOptions {
                address,
                running: live::running,
                finished: live::finished,
            }),
            options: Options {
                timeout: self.execution.timeout,
                interim: self.dashboard.is_some() || metrics.is_wanted(),
                part: None,
                goose_report: self.goose_report.clone(),
                journal: Some(run::default_load_journal(&identity.name)),
                record: Some(record.unwrap_or_else(|| run::default_record(&identity.name))),
                identity,
            },
            metrics,
        })
    }

    /// Where live metrics go.
    fn metrics(&self) -> Result<MetricsOptions, Failure> {
        let receiver = |url| OtlpEndpoint::new(url, &ProcessEnvironment).map_err(RunError::from);
        let otlp = self.otlp.as_ref().map(receiver).transpose()?;
        Ok(MetricsOptions { listen: self.metrics_listen, otlp })
    }
}

/// The schedule of messages.
#[derive(Debug, Args)]
#[command(next_help_heading = "Schedule")]
pub(crate) struct ScheduleOptions {
    /// Name of a shipped profile (see `hearback list profiles`), or a profile file (TOML)
    #[arg(long, value_name = "NAME|FILE", default_value = "smoke")]
    pub(crate) profile: String,
    /// Stages that replace the schedule, as in k6: the rate changes to RATE messages per second within DURATION, from 0 at
    /// first
    #[arg(long, value_name = "DURATION:RATE", value_delimiter = ',', conflicts_with_all = ["rate", "duration"])]
    stage: Vec<Stage>,
    /// Constant rate that replaces the schedule, in messages per second over all rooms
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// Number of members of every room
    #[arg(long, value_name = "COUNT")]
    members: Option<Members>,
    /// Length of the schedule, without warm-up and drain
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    duration: Option<Duration>,
    /// Factor for every duration of the schedule
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) duration_scale: f64,
    /// Factor for every rate of the schedule
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) rate_scale: f64,
}

impl ScheduleOptions {
    /// The changes of the profile.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            stages: self.stage.clone(),
            rate: self.rate,
            members: self.members,
            duration: self.duration,
        }
    }
}

/// The workers of a distributed run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Workers")]
pub(crate) struct WorkersOptions {
    /// Number of workers that perform the run; without --nats, they and a NATS server are started on this machine
    #[arg(
        long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1000),
        conflicts_with_all = ["find_capacity", "goose_report"],
    )]
    workers: Option<u16>,
    /// URL of the NATS server at which workers wait (see `hearback worker`)
    #[arg(long, value_name = "URL", requires = "workers", hide_env_values = true)]
    nats: Option<SecretString>,
    #[command(flatten)]
    security: NatsSecurityOptions,
    /// Print manifests that perform the run on a platform, with the accounts in them; start nothing
    #[arg(
        long, value_name = "PLATFORM", requires = "workers", requires = "target",
        conflicts_with_all = ["stage", "rate", "members", "duration", "nats"],
    )]
    emit: Option<Emit>,
    /// Image of hearback in the manifests
    #[arg(long, value_name = "IMAGE", requires = "emit", default_value = concat!("ghcr.io/aristay/hearback:", env!("CARGO_PKG_VERSION")))]
    image: String,
}

/// A platform for manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// Kubernetes: Jobs, NATS, a Secret and a ConfigMap
    Kubernetes,
    /// Docker Compose on one host
    Compose,
}

/// The search for the capacity.
#[derive(Debug, Args)]
#[command(next_help_heading = "Capacity")]
pub(crate) struct CapacityOptions {
    /// Search for the highest rate, or number of members, that meets the service levels; each trial runs the whole schedule
    #[arg(long, value_name = "QUANTITY", num_args = 0..=1, default_missing_value = "rate")]
    find_capacity: Option<Capacity>,
    /// Number of trials that must confirm each end of the resulting interval
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    confirmations: u8,
}

impl CapacityOptions {
    fn search(&self) -> Option<Search> {
        let of = self.find_capacity?.into();
        Some(Search { of, confirmations: usize::from(self.confirmations) })
    }
}

/// Execution of a load run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Execution")]
pub(crate) struct LoadExecutionOptions {
    /// Print the plan of the run and what it needs; send nothing
    #[arg(long, conflicts_with = "find_capacity")]
    pub(crate) dry_run: bool,
    /// Timeout for one response, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Seed of everything random [default: random]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Suppress progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) runs: RunsOptions,
}

/// The quantity that a search for the capacity varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Capacity {
    /// Messages per second at the peak of the schedule
    Rate,
    /// Members of all rooms
    Members,
}

impl From<Capacity> for Quantity {
    fn from(capacity: Capacity) -> Self {
        match capacity {
            Capacity::Rate => Self::Rate,
            Capacity::Members => Self::Members,
        }
    }
}
