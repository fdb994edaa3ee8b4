//! One part of a run, from the assignment to the record.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Client;
use futures_util::FutureExt as _;
use hearback_history::{Nanoseconds, RunEnd};
use hearback_loadtests::shared_rooms::{Exchange, Start};
use hearback_loadtests::{Common, Progress, StartSignal, machine};
use hearback_runner::load::{self, LoadRun, Options, RunPart};
use hearback_runner::run::Identity;
use hearback_runner::{Context, Event, Observer};
use hearback_stats::LoadRecord;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::clock;
use super::options::WorkerOptions;
use super::orders::Orders;
use super::stored_values::StoredValues;
use crate::assignment::Assignment;
use crate::error::WorkersError;
use crate::message::{Claim, Preparation, Report};
use crate::nats::{Channel, Outbox};

/// Time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Minimum time between two steps of the preparation that are reported.
const STEP: Duration = Duration::from_millis(500);

/// Performs a part, and reports to the coordinator.
///
/// # Errors
/// If NATS does not pass on what the coordinator has to know. The record is kept in the folder nevertheless.
pub(super) async fn perform(
    client: &Client,
    claim: Claim,
    options: &WorkerOptions,
    context: &Context,
) -> Result<(), WorkersError> {
    let channel = Channel::new(client.clone(), &claim.run);
    let subject = channel.reports_of(claim.worker);
    let outbox = Outbox::start(channel.clone(), subject, format!("worker-{}", claim.worker));
    let report = outbox.appender();
    let heartbeat = tokio::spawn({
        let (report, interrupted) = (report.clone(), context.cancellation.clone());
        async move {
            while tokio::time::timeout(HEARTBEAT, interrupted.cancelled()).await.is_err() {
                report(Report::Heartbeat);
            }
            report(Report::Interrupted);
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                report(Report::Heartbeat);
            }
        }
    });
    let result = try_perform(&channel, &claim, options, context, report.clone()).await;
    heartbeat.abort();
    report(match result {
        Ok(()) => Report::Finished,
        Err(reason) => Report::Failed { reason },
    });
    outbox.finish().await
}

/// Performs a part, and stores its record; otherwise the reason why there is none.
async fn try_perform(
    channel: &Channel,
    claim: &Claim,
    options: &WorkerOptions,
    context: &Context,
    report: impl Fn(Report) + Clone + Send + Sync + 'static,
) -> Result<(), String> {
    let worker = claim.worker;
    let assignment: Assignment =
        channel.get(&format!("assignment-{worker}")).await.map_err(|it| it.to_string())?;
    let clock = clock::report_time(channel, worker).await.map_err(|error| error.to_string())?;
    let cancellation = context.cancellation.child_token();
    let orders = Orders::follow(channel, worker, cancellation.clone());
    let run_context = Context {
        cancellation,
        observer: observer(context.observer.clone(), report.clone()),
        redaction: context.redaction.clone(),
    };
    let file = options.folder.join(format!(
        "load-{}-worker-{}",
        assignment.run,
        assignment.part.worker + 1
    ));
    let values = Arc::new(StoredValues::new(channel.clone()));
    let exchange = Exchange { worker, values };
    let record =
        run(&assignment, &options.interface, &file, &orders, exchange, run_context, report).await;
    clock.abort();
    let mut record = record?;
    if let Some(reason) = orders.stopped() {
        record.end = RunEnd::Aborted { reason };
        // Whoever merges the files later has to know it, too.
        let path = file.with_extension("json");
        load::save(&path, &record, &context.redaction).map_err(|error| error.to_string())?;
    }
    let name = format!("record-{worker}");
    channel.put(&name, &record).await.map_err(|error| error.to_string())
}

async fn run(
    assignment: &Assignment,
    interface: &[IpAddr],
    file: &Path,
    orders: &Orders,
    exchange: Exchange,
    context: Context,
    report: impl Fn(Report) + Clone + Send + Sync + 'static,
) -> Result<LoadRecord, String> {
    machine::raise_descriptors();
    let load = Options {
        identity: Identity { name: assignment.run.clone(), seed: assignment.seed },
        timeout: assignment.timeout,
        interim: assignment.interim,
        part: Some(RunPart {
            part: assignment.part,
            accounts: assignment.all_accounts,
            common: Common {
                tag: assignment.tag,
                start: start_signal(orders.start(), context.clone(), report),
                exchange,
            },
        }),
        goose_report: None,
        record: Some(file.with_extension("json")),
        journal: Some(file.with_extension("jsonl")),
    };
    let target = assignment.target(interface).map_err(|error| error.to_string())?;
    let run = LoadRun::new(load, target, context).map_err(|error| error.to_string())?;
    // The coordinator decides about service levels.
    let mut profile = assignment.profile.clone();
    profile.aborts.clear();
    run.once(profile).await.map_err(|error| match orders.stopped() {
        Some(reason) => reason,
        None => error.to_string(),
    })
}

/// Reports that the worker is ready, and waits for the order to start.
fn start_signal(
    start: watch::Receiver<Option<Start>>,
    context: Context,
    report: impl Fn(Report) + Clone + Send + Sync + 'static,
) -> StartSignal {
    Arc::new(move || {
        report(Report::Ready);
        let (mut start, context, report) = (start.clone(), context.clone(), report.clone());
        async move {
            let ordered = start.wait_for(Option::is_some).await.map(|start| *start);
            let Ok(Some(start)) = ordered else { return Err("no start was ordered".to_owned()) };
            let now = machine::monotonic();
            let ahead = Duration::from(start.at.saturating_sub(now));
            context.emit(Event::StartOrdered { at: Timestamp::now() + ahead });
            let by = now.saturating_sub(start.at);
            if by > Nanoseconds::ZERO {
                report(Report::Late { by });
            }
            Ok(start)
        }
        .boxed()
    })
}

/// An observer that also reports to the coordinator.
fn observer(
    observer: Observer,
    report: impl Fn(Report) + Clone + Send + Sync + 'static,
) -> Observer {
    let last_step = Mutex::new(None::<Instant>);
    Observer::new(move |event| {
        let step = |step: Preparation| {
            let mut last = last_step.lock();
            let is_due = last.is_none_or(|last| last.elapsed() >= STEP);
            is_due.then(|| {
                *last = Some(Instant::now());
                Report::Preparing(step)
            })
        };
        let reported = match event {
            Event::LoggingIn { done, .. } => step(Preparation::LoggingIn { done: *done }),
            Event::CreatingRooms { done, .. } => step(Preparation::CreatingRooms { done: *done }),
            Event::Load(Progress::Connecting { open, failed, .. }) => {
                step(Preparation::Connecting { open: *open as usize, failed: *failed as usize })
            }
            Event::Load(Progress::Running { second, length_s }) => {
                Some(Report::Second { second: second.clone(), length_s: *length_s })
            }
            Event::Load(Progress::SoFar(record)) => Some(Report::SoFar(record.clone())),
            Event::RoomLeftBehind(room) => Some(Report::LeftBehind(room.clone())),
            _ => None,
        };
        reported.into_iter().for_each(&report);
        observer.observe(event);
    })
}
