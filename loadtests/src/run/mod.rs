//! A run from open sockets to the record.

mod options;
mod progress;
mod run_record;
mod sampled_rooms;
mod watcher;

use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Actor, CreatedRoom};
use hearback_history::{Nanoseconds, Recorder, RunEnd};
use hearback_stats::{LoadRecord, RoomLedger};

pub use self::options::{LoadError, Options, enough_descriptors};
pub use self::progress::Progress;
pub use self::sampled_rooms::SampledRooms;
use self::watcher::Watcher;
use crate::clock::Clock;
use crate::plan::Plan;
use crate::profile::Profile;
use crate::schedule::{Pacer, Phase, Shape, Timetable};
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

impl PreparedRun {
    /// Runs the schedule once. The rooms remain, so that it can run again.
    ///
    /// # Errors
    /// If the system provides no timer. Failures of the target are part of the record instead.
    pub async fn run(&self) -> Result<Finished, LoadError> {
        let profile = &self.profile;
        let clock = Clock::start();
        let (rooms, actors) = (self.swarm_rooms(profile), self.actors.clone());
        let swarm = Arc::new(Swarm::new(clock, self.plan.clone(), rooms, actors, profile));
        let host = self.options.target.rest().to_string();
        let report = self.options.goose_report.clone();
        let goose = tokio::spawn({
            let swarm = Arc::clone(&swarm);
            async move { spawn_members(swarm, &host, report.as_deref()).await }
        });
        let mut watcher = Watcher::new(&swarm, &self.options);
        let mut end = self.connect(&swarm, &mut watcher, || goose.is_finished()).await;
        let begin = clock.now() + SETTLING_TIME;
        let mut measured_until = begin;
        if end == RunEnd::Completed {
            (end, measured_until) = self.send(profile, &swarm, &mut watcher, begin).await?;
        }
        watcher.finish(&swarm);
        let finished = clock.now();
        let mut record = self.record(profile, &swarm, &end, begin, (measured_until, finished));
        watcher.complete(&mut record, profile.lag_bound);
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
        let rooms = self.plan.rooms.iter().zip(&self.rooms).zip(0..);
        rooms
            .map(|((planned, created), number)| {
                let ledger =
                    RoomLedger::new(number, planned.members.len(), profile.late_after.into());
                let recorder = planned.sampled.then(|| Arc::clone(&self.recorder));
                let (id, scenario) = (created.id.clone(), created.scenario.clone());
                Room::new(id, scenario, planned.class, ledger, recorder)
            })
            .collect()
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

    /// Hands out the complete schedule and waits for the last deliveries. Returns the end of the run, and the end of the
    /// measured phases.
    async fn send(
        &self,
        profile: &Profile,
        swarm: &Arc<Swarm>,
        watcher: &mut Watcher,
        begin: Nanoseconds,
    ) -> Result<(RunEnd, Nanoseconds), LoadError> {
        let clock = swarm.clock;
        swarm.measure_from(begin + profile.warm_up.into());
        let first = profile.phases.first().map_or(0.0, Phase::first).max(0.1);
        let mut phases =
            vec![Phase { shape: Shape::Constant { rate: first }, length: profile.warm_up }];
        phases.extend(&profile.phases);
        phases.retain(|phase| !phase.length.is_zero());
        let mut turns = swarm.plan.turns(self.options.seed);
        let members = Arc::clone(swarm);
        let pacer = Pacer::start(clock, begin, Timetable::new(&phases), move |slot| {
            if let Some(member) = turns.next() {
                members.assign(member, slot);
            }
        })?;
        watcher.begin(begin, profile.length());
        let mut end = RunEnd::Completed;
        let scheduled: Duration = phases.iter().map(|phase| phase.length).sum();
        let until = begin + scheduled.into();
        while !pacer.is_finished() || clock.now() < until {
            end = watcher.wait(swarm, &self.options.cancellation, until).await;
            if end != RunEnd::Completed {
                pacer.stop();
                break;
            }
        }
        let measured_until = clock.now().min(until);
        let drain = match end {
            RunEnd::Completed => profile.drain,
            RunEnd::Interrupted => profile.drain.min(INTERRUPTED_DRAIN),
            RunEnd::Aborted { .. } => Duration::ZERO,
        };
        swarm.drain();
        watcher.drain(swarm, drain).await;
        if drain < profile.drain {
            swarm.excuse_slow_readers();
        }
        Ok((end, measured_until))
    }
}
