//! A run from open sockets to the record.

mod options;
mod progress;
mod run_record;
mod sampled_rooms;
mod settling;
pub(crate) mod validity;
mod watcher;

use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Actor, CreatedRoom};
use hearback_history::{Nanoseconds, Recorder, RunEnd};
use hearback_stats::record::SloResult;
use hearback_stats::{LoadRecord, RoomLedger};

pub use self::options::{Common, LoadError, Options, StartSignal, enough_descriptors};
pub use self::progress::Progress;
pub use self::sampled_rooms::SampledRooms;
use self::watcher::Watcher;
use crate::clock::Clock;
use crate::plan::Plan;
use crate::profile::Profile;
use crate::schedule::{Pacer, Phase, Shape, Timetable};
use crate::shared_rooms::Start;
use crate::swarm::{Room, Swarm, load, spawn_members};

/// Time between the last connection attempt and the first message.
const SETTLING_TIME: Nanoseconds = Nanoseconds::from_millis(200);
/// Maximum time in which members end.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// Maximum time in which members of an interrupted run end.
const INTERRUPTED_STOP_TIMEOUT: Duration = Duration::from_secs(3);
/// Minimum share of open sockets. With fewer, the run would not be the one that was requested.
const MIN_OPEN: f64 = 0.9;
/// Maximum drain of an interrupted run.
const INTERRUPTED_DRAIN: Duration = Duration::from_secs(2);

/// A run whose accounts are logged in and whose rooms are created.
pub struct PreparedRun {
    /// The schedule and its service levels.
    pub profile: Profile,
    /// Rooms and members.
    pub plan: Plan,
    /// An actor for each account of the plan, logged in, whose user id is known.
    pub actors: Vec<Actor>,
    /// The created rooms, in the order of the plan.
    pub rooms: Vec<CreatedRoom>,
    /// Records the traffic of sampled rooms.
    pub recorder: Arc<Recorder>,
    /// Limit of open descriptors.
    pub descriptors: u64,
    /// Other parameters.
    pub options: Options,
}

/// A finished run.
pub struct Finished {
    /// The record, whose service levels are evaluated.
    pub record: LoadRecord,
    /// Metrics of goose, or the reason why there are none.
    pub goose: Result<goose::metrics::GooseMetrics, String>,
}

/// The end of the schedule.
struct Sent {
    end: RunEnd,
    /// The service level that ended it.
    missed: Option<SloResult>,
    /// The end of the measured phases.
    measured_until: Nanoseconds,
}

impl PreparedRun {
    /// Runs the schedule once. The rooms remain, so that it can run again.
    ///
    /// # Errors
    /// If the system provides no timer. Failures of the target are part of the record instead.
    pub async fn run(&self) -> Result<Finished, LoadError> {
        let profile = &self.profile;
        let clock = Clock::start();
        let (rooms, actors) = (self.swarm_rooms(profile), self.actors.clone());
        let tag = self.options.common.as_ref().map_or_else(|| fastrand::u32(..), |it| it.tag);
        let swarm = Arc::new(Swarm::new(clock, self.plan.clone(), rooms, actors, profile, tag));
        let host = self.options.target.rest().to_string();
        let report = self.options.goose_report.clone();
        let goose = tokio::spawn({
            let swarm = Arc::clone(&swarm);
            async move { spawn_members(swarm, &host, report.as_deref()).await }
        });
        let mut watcher = Watcher::new(&swarm, &self.options);
        let mut end = self.connect(&swarm, &mut watcher, || goose.is_finished()).await;
        let mut begin = clock.now() + SETTLING_TIME;
        let mut clock_error = None;
        if end == RunEnd::Completed
            && let Some(common) = &self.options.common
        {
            match self.wait_for_start(common, &swarm, &mut watcher).await {
                Ok(start) => (begin, clock_error) = (swarm.clock.at(start.at), start.error),
                Err(early) => (end, begin) = (early, clock.now()),
            }
        }
        let (mut missed, mut measured_until) = (None, begin);
        if end == RunEnd::Completed {
            let sent = self.send(profile, &swarm, &mut watcher, begin).await?;
            (end, missed, measured_until) = (sent.end, sent.missed, sent.measured_until);
        }
        watcher.finish(&swarm);
        let finished = clock.now();
        if let Some(common) = &self.options.common {
            end = self.settle_shared_rooms(&common.exchange, &swarm, clock_error, end).await;
        }
        let mut record = self.record(profile, &swarm, &end, begin, (measured_until, finished));
        watcher.complete(&mut record);
        record.aborted_by = missed;
        validity::judge(&mut record, profile.lag_bound);
        swarm.stop();
        let timeout = match end {
            RunEnd::Interrupted => INTERRUPTED_STOP_TIMEOUT,
            _ => STOP_TIMEOUT,
        };
        let goose = match tokio::time::timeout(timeout, goose).await {
            Ok(Ok(Ok(metrics))) => Ok(metrics),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("goose's users did not end in time".to_owned()),
        };
        record.requests = swarm.requests.records();
        record.evaluate(&profile.slos);
        Ok(Finished { record, goose })
    }

    fn swarm_rooms(&self, profile: &Profile) -> Vec<Room> {
        let rooms = self.plan.rooms.iter().zip(&self.rooms);
        rooms
            .map(|(planned, created)| {
                // Tags have 32 bits for rooms, which is more than there can be.
                let number = planned.number as u32;
                let members = planned.members.len();
                let ledger =
                    RoomLedger::new(number, planned.share, members, profile.late_after.into());
                let recorder = planned.sampled.then(|| Arc::clone(&self.recorder));
                let (id, scenario) = (created.id.clone(), created.scenario.clone());
                Room::new(id, scenario, planned.class, ledger, recorder)
            })
            .collect()
    }

    /// Waits for the common start of all workers, or returns how the run ends instead.
    async fn wait_for_start(
        &self,
        common: &Common,
        swarm: &Swarm,
        watcher: &mut Watcher,
    ) -> Result<Start, RunEnd> {
        let ordered = (common.start)();
        let start = async {
            let start = ordered.await?;
            // What happens until then is not part of the schedule.
            let ready = swarm.clock.at(start.at).saturating_sub(SETTLING_TIME);
            tokio::time::sleep(swarm.clock.until(ready)).await;
            Ok(start)
        };
        let mut start = std::pin::pin!(start);
        loop {
            tokio::select! {
                start = &mut start => return start.map_err(|reason| RunEnd::Aborted { reason }),
                () = tokio::time::sleep(Duration::from_millis(100)) => watcher.poll(swarm),
                () = self.options.cancellation.cancelled() => return Err(RunEnd::Interrupted),
            }
        }
    }

    /// Waits until every member has attempted to connect once.
    async fn connect(
        &self,
        swarm: &Arc<Swarm>,
        watcher: &mut Watcher,
        goose_has_ended: impl Fn() -> bool,
    ) -> RunEnd {
        let all = swarm.plan.members.len() as u64;
        loop {
            let tick = Duration::from_millis(100);
            tokio::select! {
                () = tokio::time::sleep(tick) => {}
                () = self.options.cancellation.cancelled() => return RunEnd::Interrupted,
            }
            watcher.poll(swarm);
            let (arrived, open) = (load(&swarm.counts.arrived), load(&swarm.counts.connected));
            let failed = arrived.saturating_sub(load(&swarm.counts.opened));
            (self.options.progress)(&Progress::Connecting { open, failed, all });
            if arrived < all {
                if goose_has_ended() {
                    return RunEnd::Aborted {
                        reason: "goose ended before its users did".to_owned(),
                    };
                }
                continue;
            }
            // Members whose first attempt failed may have connected meanwhile, so that `open` is current.
            if (open as f64) < MIN_OPEN * all as f64 {
                let example = swarm.examples().first().map(|example| format!(": {}", example.text));
                let example = example.unwrap_or_default();
                return RunEnd::Aborted {
                    reason: format!("only {open} of {all} sockets could be opened{example}"),
                };
            }
            return RunEnd::Completed;
        }
    }

    /// Hands out the complete schedule and waits for the last deliveries.
    async fn send(
        &self,
        profile: &Profile,
        swarm: &Arc<Swarm>,
        watcher: &mut Watcher,
        begin: Nanoseconds,
    ) -> Result<Sent, LoadError> {
        let clock = swarm.clock;
        swarm.measure_from(begin + profile.warm_up.into());
        let first = profile.phases.first().map_or(0.0, Phase::first).max(0.1);
        let mut phases =
            vec![Phase { shape: Shape::Constant { rate: first }, length: profile.warm_up }];
        phases.extend(&profile.phases);
        phases.retain(|phase| !phase.length.is_zero());
        let (turns, members) = (swarm.plan.turns.clone(), Arc::clone(swarm));
        let timetable = Timetable::new(&phases);
        swarm.start_ledgers(begin, timetable.messages());
        let pacer = Pacer::start(clock, begin, timetable, turns, move |member, slot| {
            members.assign(member, slot);
        })?;
        watcher.begin(begin, profile.length());
        let (mut end, mut missed) = (RunEnd::Completed, None);
        let scheduled: Duration = phases.iter().map(|phase| phase.length).sum();
        let until = begin + scheduled.into();
        let mut seconds = watcher.seconds();
        while !pacer.is_finished() || clock.now() < until {
            end = watcher.wait(swarm, &self.options.cancellation, until).await;
            if end == RunEnd::Completed && watcher.seconds() > seconds {
                seconds = watcher.seconds();
                (end, missed) = self.evaluate_so_far(swarm, watcher, begin);
            }
            if end != RunEnd::Completed {
                pacer.stop();
                break;
            }
        }
        let measured_until = clock.now().min(until);
        let drain = match end {
            RunEnd::Completed => profile.drain,
            RunEnd::Interrupted => profile.drain.min(INTERRUPTED_DRAIN),
            // The target still answers.
            RunEnd::Aborted { .. } if missed.is_some() => profile.drain.min(INTERRUPTED_DRAIN),
            RunEnd::Aborted { .. } => Duration::ZERO,
        };
        swarm.drain();
        let mut is_cut = drain < profile.drain;
        tokio::select! {
            () = watcher.drain(swarm, drain) => {}
            () = self.options.cancellation.cancelled(), if end == RunEnd::Completed => {
                (end, is_cut) = (RunEnd::Interrupted, true);
            }
        }
        if end == RunEnd::Interrupted && drain > INTERRUPTED_DRAIN {
            watcher.drain(swarm, INTERRUPTED_DRAIN).await;
        }
        if is_cut {
            swarm.excuse_slow_readers();
        }
        Ok(Sent { end, missed, measured_until })
    }

    /// Reports the record so far if that is wanted, and ends the run if it misses a service level that ends it.
    fn evaluate_so_far(
        &self,
        swarm: &Swarm,
        watcher: &Watcher,
        begin: Nanoseconds,
    ) -> (RunEnd, Option<SloResult>) {
        let profile = &self.profile;
        if !self.options.interim && profile.aborts.is_empty() {
            return (RunEnd::Completed, None);
        }
        let now = swarm.clock.now();
        let mut record = self.record_so_far(profile, swarm, begin, now);
        let missed = profile.abort(&record);
        if self.options.interim {
            watcher.add_resources(&mut record);
            record.evaluate(&profile.slos);
            record.generator.lag_bound_ms = profile.lag_bound.as_secs_f64() * 1000.0;
            (self.options.progress)(&Progress::SoFar(Box::new(record)));
        }
        let end = missed
            .as_ref()
            .map_or(RunEnd::Completed, |missed| RunEnd::Aborted { reason: missed.miss() });
        (end, missed)
    }
}
