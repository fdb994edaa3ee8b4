//! A load run as it was asked for: a schedule, a target, and what is made of the results.

use hearback_contract::ReadingId;
use hearback_history::RunEnd;
use hearback_loadtests::{LoadRecord, Profile};
use hearback_mutants::WeatherSet;
use hearback_stats::record::FORMAT;

use super::dashboard::{Dashboard, DashboardOptions};
use super::load_run::{LoadRun, Options};
use super::metrics::{LiveMetrics, MetricsOptions};
use super::server_process::ServerProcess;
use crate::capacity::Quantity;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
use crate::onboarding::unsigned::Unsigned;
use crate::target::{TargetSpec, TargetUnderTest};

/// Factor by which a search for the highest number of members can exceed the accounts of the profile.
const GROWTH: usize = 16;

/// Maximum number of accounts of the embedded server.
const MAXIMUM_ACCOUNTS: usize = 20_000;

/// A load run; nothing was opened or sent yet.
#[derive(Clone, Debug)]
pub struct Specification {
    /// The target. The embedded server runs in a process of its own.
    pub target: TargetSpec,
    /// Hosts besides this machine that may be put under load.
    pub allowed_hosts: Vec<String>,
    /// The schedule and the service levels.
    pub profile: Profile,
    /// The search for the capacity, if one is asked for.
    pub search: Option<Search>,
    /// Where live metrics go.
    pub metrics: MetricsOptions,
    /// The live page, if one is served.
    pub dashboard: Option<DashboardOptions>,
    /// Name, seed, timeout and files.
    pub options: Options,
}

/// A search for the capacity.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// The quantity that it varies.
    pub of: Quantity,
    /// Number of trials that confirm each end of the interval.
    pub confirmations: usize,
}

impl Specification {
    /// Fails for hosts that are neither this machine nor allowed: a load run can put them out of service.
    ///
    /// # Errors
    /// If there are such hosts, or the target is invalid.
    pub fn ensure_allowed(&self) -> Result<(), RunError> {
        match self.forbidden_hosts()? {
            hosts if hosts.is_empty() => Ok(()),
            hosts => Err(RunError::HostsNotAllowed(hosts)),
        }
    }

    /// Hosts of requests and sockets that are neither this machine nor allowed.
    pub(super) fn forbidden_hosts(&self) -> Result<Vec<String>, RunError> {
        let TargetSpec::Remote(remote) = &self.target else { return Ok(Vec::new()) };
        let target = remote.target()?;
        let allowed = &self.allowed_hosts;
        let is_allowed = |host: &str| allowed.iter().any(|it| it.eq_ignore_ascii_case(host));
        let hosts = target.remote_hosts().into_iter().filter(|host| !is_allowed(host));
        Ok(hosts.map(str::to_owned).collect())
    }

    /// Performs the run or the search, and saves its record.
    ///
    /// # Errors
    /// If a host is not allowed, or the accounts, the machine or the target do not allow the run.
    pub async fn perform(&self, context: &Context) -> Result<LoadRecord, RunError> {
        self.perform_with(context, async |target, context| self.run(target, context).await).await
    }

    /// Opens the target, serves metrics and the live page, and leaves the run itself to `run`.
    ///
    /// # Errors
    /// If a host is not allowed, the target cannot be opened, an address cannot be used, or `run` fails.
    pub async fn perform_with<E: From<RunError> + std::fmt::Display>(
        &self,
        context: &Context,
        run: impl AsyncFnOnce(TargetUnderTest, Context) -> Result<LoadRecord, E>,
    ) -> Result<LoadRecord, E> {
        self.ensure_allowed()?;
        let (target, _server) = match &self.target {
            TargetSpec::Remote(remote) => (remote.open()?, None),
            TargetSpec::Embedded { faults, weather, readings } => {
                let server = self.start_server(faults, weather, readings)?;
                (server.target()?, Some(server))
            }
        };
        if let Some(unsigned) = Unsigned::find(&target, self.profile.accounts) {
            context.emit(Event::AccountsNotSigned(unsigned));
        }
        context.emit(Event::LoadStarted {
            run: self.options.identity.name.clone(),
            target: target.description(),
        });
        let metrics = self.start_metrics(&target, context).await?;
        let mut context = context.clone();
        if let Some(metrics) = &metrics {
            context.observer = metrics.observed_by(context.observer.clone());
        }
        let dashboard = self.serve_dashboard(&context).await?;
        if let Some(dashboard) = &dashboard {
            context.emit(Event::ServingDashboard { url: dashboard.url() });
            context.observer = dashboard.observed_by(context.observer.clone());
        }
        let result = run(target, context).await;
        if let Some(dashboard) = dashboard {
            let record = result
                .as_ref()
                .map_or_else(|error| self.aborted(error.to_string()), LoadRecord::clone);
            dashboard.finish(&record).await;
        }
        if let Some(metrics) = metrics {
            // The record of a search is that of one trial, and the metrics are those of all.
            metrics.finish(result.as_ref().ok().filter(|_| self.search.is_none())).await;
        }
        result
    }

    async fn run(&self, target: TargetUnderTest, context: Context) -> Result<LoadRecord, RunError> {
        let run = LoadRun::new(self.options.clone(), target, context)?;
        match self.search {
            None => run.once(self.profile.clone()).await,
            Some(Search { of, confirmations }) => {
                run.find_capacity(self.profile.clone(), of, confirmations).await
            }
        }
    }

    /// The record of a run that ended before it measured anything, with the reason.
    pub fn aborted(&self, reason: String) -> LoadRecord {
        let mut record = LoadRecord {
            format: FORMAT,
            hearback_version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.options.identity.name.clone(),
            target: self.target.url(),
            seed: self.options.identity.seed,
            started_at: format!("{:.3}", jiff::Timestamp::now()),
            end: RunEnd::Aborted { reason },
            ..LoadRecord::default()
        };
        record.profile.name.clone_from(&self.profile.name);
        record
    }

    /// Starts the embedded server with the accounts of the profile, and more for a search to grow into.
    fn start_server(
        &self,
        faults: &[String],
        weather: &WeatherSet,
        readings: &[ReadingId],
    ) -> Result<ServerProcess, RunError> {
        let accounts = match self.search {
            Some(Search { of: Quantity::Members, .. }) => {
                (self.profile.accounts * GROWTH).min(MAXIMUM_ACCOUNTS)
            }
            _ => self.profile.accounts,
        };
        ServerProcess::start(faults, weather, readings, accounts)
    }

    async fn serve_dashboard(&self, context: &Context) -> Result<Option<Dashboard>, RunError> {
        let Some(options) = self.dashboard else { return Ok(None) };
        let record = LoadRecord { end: RunEnd::Interrupted, ..self.aborted(String::new()) };
        Dashboard::listen(options, record, context.redaction.clone()).await.map(Some)
    }

    async fn start_metrics(
        &self,
        target: &TargetUnderTest,
        context: &Context,
    ) -> Result<Option<LiveMetrics>, RunError> {
        let labels = [
            ("run", self.options.identity.name.clone()),
            ("profile", self.profile.name.clone()),
            ("target", target.target().rest().to_string()),
        ];
        LiveMetrics::start(&self.metrics, labels, context).await
    }
}
