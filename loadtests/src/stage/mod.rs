//! A run from the first log-in to the record.

mod prepare;
mod progress;
mod record;
mod watch;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearback_client::Actor;
use hearback_history::{EventKind, Recorder, RunEnd};
use hearback_stats::record::End;
use hearback_stats::{LoadRecord, Nanoseconds, RoomLedger};
use tokio::sync::watch as signal;

pub use self::prepare::{LoadError, Options, enough_descriptors, prepare};
pub use self::progress::Progress;
use crate::clock::Clock;
use crate::plan::Plan;
use crate::profile::Profile;
use crate::rooms::{self, Made};
use crate::schedule::{Pacer, Phase, Shape, Timetable};
use crate::swarm::{Actors, Room, Swarm, of, release};

/// From the last opening to the first message.
const CALM: Nanoseconds = 200_000_000;
/// How long members may take to end.
const ENDING: Duration = Duration::from_secs(20);
/// With fewer sockets than this share of all, nothing is sent: it would be another run than was asked for.
const ENOUGH: f64 = 0.9;

/// A run that is prepared: everybody is let in, and the rooms are made.
pub struct Stage {
    profile: Profile,
    options: Options,
    plan: Plan,
    actors: Vec<Actor>,
    made: Vec<Made>,
    recorder: Arc<Recorder>,
    descriptors: u64,
}

/// A run that is over.
pub struct Finished {
    /// What came of it; its service levels are evaluated.
    pub record: LoadRecord,
    /// What goose says of it, or why it does not.
    pub goose: Result<goose::metrics::GooseMetrics, String>,
}

/// Comes back when somebody wants to stop.
async fn stopped(mut interrupted: signal::Receiver<bool>) {
    if interrupted.wait_for(|interrupted| *interrupted).await.is_err() {
        // Nobody can want to any more.
        std::future::pending::<()>().await;
    }
}

impl Stage {
    /// Carries the schedule out once. The rooms stay, so that it can be done again.
    ///
    /// # Errors
    /// Only if the system gives no timer; a target that fails is part of the record.
    pub async fn run(&self) -> Result<Finished, LoadError> {
        self.run_as(&self.profile).await
    }

    /// Carries another profile out in the same rooms, which must be those of its own.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_as(&self, profile: &Profile) -> Result<Finished, LoadError> {
        let clock = Clock::start();
        let mark = fastrand::u32(..);
        let cast = Actors {
            plan: self.plan.clone(),
            rooms: self.rooms(profile),
            actors: self.actors.clone(),
        };
        let swarm = Swarm::new(clock, mark, cast, profile.connect_rate, profile.message_bytes);
        let swarm = Arc::new(swarm);
        let host = self.options.target.rest().to_string();
        let report = self.options.goose_report.clone();
        let goose = tokio::spawn({
            let swarm = Arc::clone(&swarm);
            async move { release(swarm, &host, report.as_deref()).await }
        });
        let mut watcher = watch::Watcher::new(&swarm, &self.options);
        let mut end = self.connect(&swarm, &mut watcher, || goose.is_finished()).await;
        let begin = clock.now() + CALM;
        let mut measured_until = begin;
        if end == End::Completed {
            (end, measured_until) = self.perform(profile, &swarm, &mut watcher, begin).await?;
        }
        watcher.finish(&swarm);
        let finished = clock.now();
        let mut record = self.record(profile, &swarm, &end, begin, (measured_until, finished));
        watcher.complete(&mut record, profile.lag_bound);
        swarm.stop();
        let goose = match tokio::time::timeout(ENDING, goose).await {
            Ok(Ok(Ok(metrics))) => Ok(metrics),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("its users did not end in time".to_owned()),
        };
        record.requests = swarm.requests.records();
        record.evaluate(&profile.slos);
        Ok(Finished { record, goose })
    }

    /// Puts the rooms away, and ends the record of the sampled ones.
    pub async fn clear(self, end: RunEnd) {
        rooms::archive(&self.made).await;
        self.recorder.record(EventKind::RunEnded(end));
    }

    /// What the run is about.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it was asked to do.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    fn rooms(&self, profile: &Profile) -> Vec<Room> {
        let bound = u64::try_from(profile.late_after.as_nanos()).unwrap_or(u64::MAX);
        let rooms = self.plan.rooms.iter().zip(&self.made).zip(0..);
        rooms
            .map(|((planned, made), number)| {
                let ledger = RoomLedger::new(number, planned.members.len(), bound);
                let tap = planned.sampled.then(|| Arc::clone(&self.recorder));
                Room::new(made.id.clone(), made.scenario.clone(), planned.class, ledger, tap)
            })
            .collect()
    }

    /// ThrottleNotifications until every member has tried to connect once.
    async fn connect(
        &self,
        swarm: &Arc<Swarm>,
        watcher: &mut watch::Watcher,
        is_over: impl Fn() -> bool,
    ) -> End {
        let all = swarm.plan.members.len() as u64;
        loop {
            let tick = Duration::from_millis(100);
            tokio::select! {
                () = tokio::time::sleep(tick) => {}
                () = stopped(self.options.interrupted.clone()) => return End::Interrupted,
            }
            watcher.look(swarm);
            let (arrived, open) = (of(&swarm.counts.arrived), of(&swarm.counts.connected));
            let failed = arrived.saturating_sub(of(&swarm.counts.opened));
            (self.options.progress)(&Progress::Connecting { open, failed, all });
            if arrived < all {
                if is_over() {
                    return End::Aborted { reason: "goose ended before its users did".to_owned() };
                }
                continue;
            }
            // Those who were refused at first may have come in meanwhile.
            if (open as f64) < ENOUGH * all as f64 {
                let example = swarm.examples().first().map(|example| example.text.clone());
                let why = example.map_or_else(String::new, |text| format!(": {text}"));
                return End::Aborted {
                    reason: format!("only {open} of {all} sockets could be opened{why}"),
                };
            }
            return End::Completed;
        }
    }

    /// Hands out the whole schedule and waits for the last deliveries; gives the end and how long messages
    /// were due.
    async fn perform(
        &self,
        profile: &Profile,
        swarm: &Arc<Swarm>,
        watcher: &mut watch::Watcher,
        begin: Nanoseconds,
    ) -> Result<(End, Nanoseconds), LoadError> {
        let clock = swarm.clock;
        let warm_up = u64::try_from(profile.warm_up.as_nanos()).unwrap_or(u64::MAX);
        swarm.measured_from.store(begin + warm_up, Ordering::Relaxed);
        let first = profile.phases.first().map_or(0.0, Phase::first).max(0.1);
        let mut phases =
            vec![Phase { shape: Shape::Constant { rate: first }, length: profile.warm_up }];
        phases.extend(&profile.phases);
        phases.retain(|phase| !phase.length.is_zero());
        let mut turns = swarm.plan.turns(self.options.seed);
        let offered = Arc::clone(swarm);
        let pacer = Pacer::start(clock, begin, Timetable::new(&phases), move |slot| {
            if let Some(member) = turns.next() {
                offered.offer(member, slot);
            }
        })?;
        watcher.begin(begin, profile.length());
        let mut end = End::Completed;
        let scheduled: Duration = phases.iter().map(|phase| phase.length).sum();
        let until = begin + u64::try_from(scheduled.as_nanos()).unwrap_or(u64::MAX);
        while !pacer.is_finished() || clock.now() < until {
            end = watcher.wait(swarm, self.options.interrupted.clone(), until).await;
            if end != End::Completed {
                pacer.stop();
                break;
            }
        }
        let measured_until = clock.now().min(until);
        let drain = match end {
            End::Completed => profile.drain,
            End::Interrupted => profile.drain.min(Duration::from_secs(2)),
            End::Aborted { .. } => Duration::ZERO,
        };
        swarm.drain();
        watcher.drain(swarm, drain).await;
        if drain < profile.drain {
            swarm.excuse_slow_readers();
        }
        Ok((end, measured_until))
    }
}
