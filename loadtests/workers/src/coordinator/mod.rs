//! The coordinator: it plans a run, claims workers, starts them together, observes them, and merges their records.

mod claiming;
mod clocks;
mod gathering;
mod local_workers;
mod merging;
mod seconds;
mod state;

use std::time::Duration;

use hearback_client::ConnectionSettings;
use hearback_history::Nanoseconds;
use hearback_loadtests::{Part, Plan, machine};
use hearback_runner::load::{self, Specification};
use hearback_runner::{Context, Event, TargetSpec, TargetUnderTest, run};
use hearback_stats::LoadRecord;

use crate::assignment::Shared;
use crate::error::WorkersError;
use crate::message::Order;
use crate::nats::{Channel, LocalServer, NatsOptions, Outbox};

use gathering::Gathering;
use local_workers::LocalWorkers;

/// Time from the order to start to the start.
const START_DELAY: Nanoseconds = Nanoseconds::from_millis(2_000);
/// Time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The workers of a run.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Number of workers.
    pub workers: usize,
    /// The connection to NATS; `None` to start a server and the workers on this machine.
    pub nats: Option<NatsOptions>,
}

/// Performs a run with several workers, and saves the merged record.
///
/// # Errors
/// If the rooms or accounts cannot be divided, the target or NATS cannot be used, or too few workers answer. A worker
/// that fails later is part of the record.
pub async fn coordinate(
    specification: &Specification,
    pool: &Pool,
    context: &Context,
) -> Result<LoadRecord, WorkersError> {
    let perform =
        async |target, context| Run { specification, pool, target, context }.perform().await;
    let record = specification.perform_with(context, perform).await?;
    if let Some(path) = specification.options.record.clone() {
        context.emit(match load::save(&path, &record, &context.redaction) {
            Ok(()) => Event::RecordSaved { path },
            Err(error) => Event::RecordUnsaved { reason: error.to_string() },
        });
    }
    Ok(record)
}

/// A run with several workers.
struct Run<'r> {
    specification: &'r Specification,
    pool: &'r Pool,
    target: TargetUnderTest,
    context: Context,
}

impl Run<'_> {
    async fn perform(self) -> Result<LoadRecord, WorkersError> {
        let parts = self.parts()?;
        let run = &self.specification.options.identity.name;
        let mut server = None;
        let nats = match &self.pool.nats {
            Some(nats) => nats.clone(),
            None => {
                let folder = std::path::Path::new(run::RUNS_FOLDER).join(format!("nats-{run}"));
                let started = LocalServer::start(folder, &claiming::random()).await?;
                let options = started.options();
                server = Some(started);
                options
            }
        };
        let client = nats.connect("hearback coordinator").await?;
        let local = match server {
            Some(_) => Some(LocalWorkers::start(&nats, parts.len())?),
            None => None,
        };
        let channel = Channel::new(client, run);
        channel.create().await?;
        let result = self.observe(&channel, &parts).await;
        if let Some(local) = local {
            local.finish().await;
        }
        channel.remove().await;
        drop(server);
        result
    }

    /// The part of every worker.
    fn parts(&self) -> Result<Vec<Plan>, WorkersError> {
        let profile = &self.specification.profile;
        let accounts = self.target.accounts().len();
        let plan = Plan::new(profile, accounts, self.specification.options.identity.seed)?;
        Ok(plan.parts(self.pool.workers, profile.shared_accounts)?)
    }

    /// Hands out the assignments, and observes the workers to the end.
    async fn observe(&self, channel: &Channel, parts: &[Plan]) -> Result<LoadRecord, WorkersError> {
        self.assign(channel, parts.len()).await?;
        let reports = channel.listen(channel.reports());
        let patience = self.pool.nats.as_ref().map_or(Duration::ZERO, |nats| nats.patience);
        let hosts = claiming::claim(channel, parts.len(), patience, &self.context).await?;
        let orders = Outbox::start(channel.clone(), channel.orders(), "coordinator".to_owned());
        let order = orders.appender();
        let heartbeat = tokio::spawn({
            let order = order.clone();
            async move {
                loop {
                    order(Order::Heartbeat);
                    tokio::time::sleep(HEARTBEAT).await;
                }
            }
        });
        let mut gathering =
            Gathering::new(channel, reports, parts, hosts, self.specification, &self.context);
        if gathering.until_ready(&order).await {
            let clocks = clocks::measure(channel, parts.len()).await;
            let start = machine::monotonic() + START_DELAY;
            let error = clocks::error_between(clocks.iter().map(|clock| clock.error));
            let at = clocks.iter().map(|clock| clock.at(start)).collect();
            order(Order::Start { at, error });
            gathering.started(clocks, start);
        }
        let record = gathering.until_finished(&order).await;
        heartbeat.abort();
        // The workers have reported everything.
        let _stored = orders.finish().await.is_ok();
        Ok(record)
    }

    async fn assign(&self, channel: &Channel, workers: usize) -> Result<(), WorkersError> {
        let Specification { profile, options, .. } = self.specification;
        let shared = Shared {
            run: &options.identity.name,
            seed: options.identity.seed,
            tag: claiming::random_number(),
            profile,
            timeout: options.timeout,
            interim: options.interim || !profile.aborts.is_empty(),
            target: &self.target,
            connection: self.connection(),
            are_local: self.pool.nats.is_none(),
        };
        for worker in 0..workers {
            let assignment = shared.assignment(Part { worker, workers })?;
            channel.put(&format!("assignment-{worker}"), &assignment).await?;
        }
        Ok(())
    }

    fn connection(&self) -> Option<&ConnectionSettings> {
        match &self.specification.target {
            TargetSpec::Remote(remote) => Some(&remote.connection),
            TargetSpec::Embedded { .. } => None,
        }
    }
}
