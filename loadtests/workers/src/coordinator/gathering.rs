//! The reports of the workers, from their preparation to their records.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use hearback_history::{Nanoseconds, RunEnd};
use hearback_loadtests::{Plan, Progress, machine};
use hearback_runner::load::Specification;
use hearback_runner::{Context, Event};
use hearback_stats::LoadRecord;
use hearback_stats::record::SloResult;
use tokio::time::Instant;

use super::clocks::{Drift, WorkerClock};
use super::merging;
use super::seconds::Seconds;
use super::state::{Prepared, Stage, Worker};
use crate::message::{Order, Preparation, Report};
use crate::nats::Channel;
use crate::worker::{OUTAGE, SILENCE};

/// Time between two looks at silent workers.
const TICK: Duration = Duration::from_millis(500);
/// Time between two reports of the states of all workers.
const STATUS: Duration = Duration::from_secs(1);
/// Time in which stopped workers archive their rooms and report their records.
const STOP_TIMEOUT: Duration = Duration::from_secs(90);

type Reports = Pin<Box<dyn Stream<Item = (String, Report)> + Send>>;

/// The workers of a run, and what they reported.
pub(super) struct Gathering<'r> {
    channel: &'r Channel,
    reports: Reports,
    specification: &'r Specification,
    context: &'r Context,
    workers: Vec<Worker>,
    clocks: Vec<WorkerClock>,
    /// Their drift, once a run with shared rooms started.
    drift: Option<Drift>,
    /// The start on the monotonic clock, once it is ordered.
    start: Nanoseconds,
    seconds: Seconds,
    /// True if several workers share a room.
    shares_rooms: bool,
    /// When and why the run was ended early.
    stopped: Option<(Instant, RunEnd)>,
    /// The service level that ended the run.
    missed: Option<SloResult>,
    /// The time at which the connection was open last.
    connected: Instant,
    /// The time at which the states of the workers were emitted last.
    emitted: Option<Instant>,
}

impl<'r> Gathering<'r> {
    pub(super) fn new(
        channel: &'r Channel,
        reports: Reports,
        parts: &[Plan],
        hosts: Vec<String>,
        specification: &'r Specification,
        context: &'r Context,
    ) -> Self {
        let workers = parts.iter().zip(hosts).zip(1..);
        Self {
            channel,
            reports,
            specification,
            context,
            workers: workers
                .map(|((plan, host), number)| Worker::new(number, host, plan))
                .collect(),
            clocks: Vec::new(),
            drift: None,
            start: Nanoseconds::MAX,
            seconds: Seconds::default(),
            shares_rooms: parts.iter().any(|plan| plan.shared_rooms() > 0),
            stopped: None,
            missed: None,
            connected: Instant::now(),
            emitted: None,
        }
    }

    /// Waits until every worker is ready; `false` if the run has to end instead.
    pub(super) async fn until_ready(&mut self, order: &impl Fn(Order)) -> bool {
        while self.stopped.is_none() {
            if self.workers.iter().all(|worker| worker.stage == Stage::Ready) {
                return true;
            }
            self.advance(order).await;
        }
        false
    }

    /// Records the clocks by which the workers start, and the time of the start on the monotonic clock of this machine.
    pub(super) fn started(&mut self, clocks: Vec<WorkerClock>, start: Nanoseconds) {
        self.drift = self.shares_rooms.then(|| Drift::observe(self.channel, &clocks));
        self.clocks = clocks;
        self.start = start;
    }

    /// Waits until every worker has ended, and merges their records.
    pub(super) async fn until_finished(&mut self, order: &impl Fn(Order)) -> LoadRecord {
        while !self.workers.iter().all(Worker::has_ended) {
            self.advance(order).await;
            if self.stopped.as_ref().is_some_and(|(since, _)| since.elapsed() > STOP_TIMEOUT) {
                self.give_up();
            }
        }
        let mut records = Vec::with_capacity(self.workers.len());
        for worker in 0..self.workers.len() {
            let is_finished = self.workers[worker].stage == Stage::Finished;
            let record = match is_finished {
                true => self.channel.get::<LoadRecord>(&format!("record-{worker}")).await,
                false => continue,
            };
            match record {
                Ok(record) => records.push((worker, record)),
                Err(error) => self.workers[worker].stage = Stage::Failed(error.to_string()),
            }
        }
        let end = self.stopped.take().map(|(_, end)| end);
        let mut record =
            merging::merged(self.specification, &self.workers, &self.clocks, records, end);
        record.aborted_by = self.missed.take();
        if let Some(shared) = &mut record.shared_rooms {
            let error = self.drift.as_ref().and_then(Drift::error);
            shared.clock_error_ms = error.map(|error| error.as_secs_f64() * 1000.0);
        }
        record.evaluate(&self.specification.profile.slos);
        record
    }

    /// Waits for the next message or the next tick, and looks at what became of the workers.
    async fn advance(&mut self, order: &impl Fn(Order)) {
        let next = tokio::select! {
            next = tokio::time::timeout(TICK, self.reports.next()) => next,
            () = self.context.cancellation.cancelled(), if self.stopped.is_none() => {
                return self.stop(RunEnd::Interrupted, "the run was interrupted", order);
            }
        };
        match next {
            Ok(Some((worker, report))) => {
                let worker = worker.parse().unwrap_or(usize::MAX);
                if worker < self.workers.len() {
                    self.receive(worker, report, order);
                }
            }
            // The stream of the run is gone.
            Ok(None) => tokio::time::sleep(TICK).await,
            Err(_) => {}
        }
        self.look_for_silent_workers();
        self.emit_workers();
        let rooms = self.all_rooms();
        let failure = self.workers.iter().find_map(|worker| worker.failure(rooms));
        if let Some(reason) = failure.filter(|_| self.stopped.is_none()) {
            let end = RunEnd::Aborted { reason: reason.clone() };
            self.stop(end, &reason, order);
        }
    }

    fn receive(&mut self, index: usize, report: Report, order: &impl Fn(Order)) {
        let active = self.workers.iter().filter(|worker| !worker.has_ended()).count();
        let worker = &mut self.workers[index];
        worker.heard = Instant::now();
        match report {
            Report::Heartbeat => {}
            Report::Preparing(step) => {
                worker.prepare(step);
                self.emit_preparation(step);
            }
            Report::Ready => worker.stage = Stage::Ready,
            Report::Late { by } => worker.late = by,
            Report::Second { second, length_s } => {
                for second in self.seconds.add(&second, active) {
                    let second = Box::new(second);
                    self.context.emit(Event::Load(Progress::Running { second, length_s }));
                }
            }
            Report::SoFar(record) => {
                worker.so_far = Some(*record);
                self.evaluate_so_far(order);
            }
            Report::LeftBehind(room) => self.context.emit(Event::RoomLeftBehind(room)),
            Report::Interrupted => {
                let reason = format!("{worker} was interrupted");
                if self.stopped.is_none() {
                    self.stop(RunEnd::Interrupted, &reason, order);
                }
            }
            Report::Finished => worker.stage = Stage::Finished,
            Report::Failed { reason } => worker.stage = Stage::Failed(reason),
        }
    }

    /// Evaluates the service levels on the records so far, once every worker reported one since the last time.
    fn evaluate_so_far(&mut self, order: &impl Fn(Order)) {
        let is_missing = |worker: &Worker| worker.so_far.is_none() && !worker.has_ended();
        if self.workers.iter().any(is_missing) {
            return;
        }
        let so_far = self.workers.iter_mut().filter_map(|worker| worker.so_far.take());
        let Some(mut merged) = LoadRecord::merged(so_far.collect()) else { return };
        let profile = &self.specification.profile;
        let missed = profile.abort(&merged).filter(|_| self.stopped.is_none());
        if let Some(missed) = missed {
            let reason = missed.miss();
            self.missed = Some(missed);
            self.stop(RunEnd::Aborted { reason: reason.clone() }, &reason, order);
        }
        merged.evaluate(&profile.slos);
        self.context.emit(Event::Load(Progress::SoFar(Box::new(merged))));
    }

    /// Emits the states of the workers, once in a while.
    fn emit_workers(&mut self) {
        if self.emitted.is_some_and(|emitted| emitted.elapsed() < STATUS) {
            return;
        }
        self.emitted = Some(Instant::now());
        let is_started = machine::monotonic() >= self.start;
        let workers = self.workers.iter().map(|worker| worker.status(is_started));
        self.context.emit(Event::Workers(workers.collect()));
    }

    /// Emits the step that all workers together have reached.
    fn emit_preparation(&self, step: Preparation) {
        let prepared = |of: fn(&Prepared) -> usize| -> usize {
            self.workers.iter().map(|worker| of(&worker.prepared)).sum()
        };
        let planned = |of: fn(&Worker) -> usize| -> usize { self.workers.iter().map(of).sum() };
        self.context.emit(match step {
            Preparation::LoggingIn { .. } => Event::LoggingIn {
                done: prepared(|it| it.logged_in),
                all: planned(|worker| worker.accounts),
            },
            Preparation::CreatingRooms { .. } => {
                Event::CreatingRooms { done: prepared(|it| it.rooms), all: self.all_rooms() }
            }
            Preparation::Connecting { .. } => Event::Load(Progress::Connecting {
                open: prepared(|it| it.open) as u64,
                failed: prepared(|it| it.failed) as u64,
                all: planned(|worker| worker.members) as u64,
            }),
        });
    }

    /// Gives up workers that have been silent for a while, except during an outage.
    fn look_for_silent_workers(&mut self) {
        if self.channel.is_connected() {
            self.connected = Instant::now();
        } else {
            self.workers.iter_mut().for_each(|worker| worker.heard = Instant::now());
        }
        let is_out = self.connected.elapsed() > OUTAGE;
        for worker in self.workers.iter_mut().filter(|worker| !worker.has_ended()) {
            if worker.heard.elapsed() > SILENCE {
                let reason = format!("it was silent for {} s", SILENCE.as_secs());
                worker.stage = Stage::Failed(reason);
            } else if is_out {
                let reason = format!("NATS was not reachable for {} s", OUTAGE.as_secs());
                worker.stage = Stage::Failed(reason);
            }
        }
    }

    /// Ends the run early.
    fn stop(&mut self, end: RunEnd, reason: &str, order: &impl Fn(Order)) {
        self.stopped = Some((Instant::now(), end));
        // The reason is shown even if the others end at once.
        self.emitted = None;
        self.emit_workers();
        order(Order::Stop { reason: reason.to_owned() });
    }

    /// Gives up workers that do not end.
    fn give_up(&mut self) {
        for worker in self.workers.iter_mut().filter(|worker| !worker.has_ended()) {
            let reason = format!("it did not end within {} s", STOP_TIMEOUT.as_secs());
            worker.stage = Stage::Failed(reason);
        }
    }

    fn all_rooms(&self) -> usize {
        self.workers.iter().map(|worker| worker.own_rooms).sum()
    }
}
