//! A run from the first log-in to the record.

mod record;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearback_contract::DOCUMENT_VERSION;
use hearback_drive::{Account, Actor, Driver, DriverError, Limits, Target, Waits};
use hearback_history::{EventKind, Recorder, RunEnd, RunStart, ScriptName, Sink};
use hearback_measure::record::End;
use hearback_measure::{LoadRecord, Nanoseconds, RoomLedger, Second};
use secrecy::SecretString;
use tokio::sync::watch as signal;

use crate::accounts::{self, AccountsUnusable};
use crate::clock::Clock;
use crate::plan::{Plan, PlanError};
use crate::profile::Profile;
use crate::rooms::{self, Made, NotMade};
use crate::schedule::{Pacer, Phase, Shape, Timetable};
use crate::swarm::{Cast, Room, Swarm, of, release};

/// From the last opening to the first message.
const CALM: Nanoseconds = 200_000_000;
/// How long members may take to end.
const ENDING: Duration = Duration::from_secs(20);
/// With fewer sockets than this share of all, nothing is sent: it would be another run than was asked for.
const ENOUGH: f64 = 0.9;

/// A run that is asked for, beside its profile.
pub struct Options {
    /// Where it is.
    pub target: Target,
    /// Who can be acted as.
    pub accounts: Vec<Account>,
    /// The ids of so many of them, from the first on, are known to be right; who may make rooms states the others'.
    pub ids_known: usize,
    /// The key that the target's tokens are signed with, to sign all but the first here.
    pub jwt_secret: Option<SecretString>,
    /// Name of the run; its rooms carry it.
    pub run: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Whether the target is the embedded server.
    pub embedded: bool,
    /// The server's process, where this run started it.
    pub server: Option<u32>,
    /// How long an answer may take.
    pub patience: Duration,
    /// Where the traffic of sampled rooms goes.
    pub sample: Option<Box<dyn Sink>>,
    /// Turns true when somebody wants to stop.
    pub interrupted: signal::Receiver<bool>,
    /// Hears how far the run is, between deliveries: it must not wait.
    pub progress: Arc<dyn Fn(&Progress) + Send + Sync>,
    /// Where goose writes its own report; the extension says which sort.
    pub goose_report: Option<PathBuf>,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Accounts are let in.
    LoggingIn {
        /// So many.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// The target throttles, and has everybody wait.
    Throttled {
        /// So long, in seconds.
        wait_s: f64,
    },
    /// Rooms are made.
    MakingRooms {
        /// So many.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// Sockets are opened.
    Connecting {
        /// So many are open.
        open: u64,
        /// So many failed at first.
        failed: u64,
        /// Of so many.
        all: u64,
    },
    /// A second of the schedule is over.
    Running {
        /// What happened in it.
        second: Box<Second>,
        /// Length of the whole schedule with its drain, in seconds.
        length_s: f64,
    },
    /// The last deliveries are waited for.
    Draining {
        /// Deliveries that are missing.
        missing: u64,
    },
}

/// Why no run came about. Nothing was sent to a room.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The accounts do not suffice for the profile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// There are too few descriptors for the sockets.
    #[error("{sockets} sockets need {needed} descriptors, and this process may have {allowed}")]
    #[diagnostic(help("raise the hard limit (`ulimit -Hn`), or take a smaller profile"))]
    Descriptors {
        /// Sockets of the profile.
        sockets: u64,
        /// Descriptors needed.
        needed: u64,
        /// Descriptors allowed.
        allowed: u64,
    },
    /// The client cannot be built.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The accounts cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Accounts(#[from] AccountsUnusable),
    /// The rooms cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rooms(#[from] NotMade),
    /// Somebody stopped the run before it began.
    #[error("stopped before anything was sent")]
    Interrupted,
    /// The system gives no timer.
    #[error("no timer for the pacer")]
    Timer(#[from] std::io::Error),
}

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

/// Checks what can be checked without the target, lets everybody in, finds out who they are, and makes the rooms.
///
/// # Errors
/// [`LoadError`]; rooms made by then are archived again.
pub async fn prepare(profile: Profile, mut options: Options) -> Result<Stage, LoadError> {
    let plan = Plan::new(&profile, options.accounts.len(), options.seed)?;
    let descriptors = enough_descriptors(&plan)?;
    let sampled = |number| ScriptName::from(format!("load-{number}"));
    let sink = options.sample.take().map(|sink| {
        let scripts = (0..plan.rooms.len()).filter(|number| plan.rooms[*number].sampled);
        Box::new(record::Sampled::new(scripts.map(sampled).collect(), sink)) as Box<dyn Sink>
    });
    let is_sampled = sink.is_some();
    // Who hears it is kept by the run alone, and not by what may outlive it.
    let progress = Arc::downgrade(&options.progress);
    let waits = Waits::new(move |wait_s| {
        if let Some(progress) = progress.upgrade() {
            progress(&Progress::Throttled { wait_s });
        }
    });
    let sinks = sink.into_iter().chain([Box::new(waits) as Box<dyn Sink>]);
    let recorder = Arc::new(Recorder::new(sinks.collect()));
    recorder.record(EventKind::RunStarted(start(&options)));
    let limits = Limits { in_flight: 512, ..Limits::with_patience(options.patience) };
    let driver =
        Driver::new(options.target.clone(), recorder.clone(), limits, options.jwt_secret.clone())?;
    let used = &options.accounts[..plan.accounts];
    let progress = Arc::clone(&options.progress);
    let told = |done| progress(&Progress::LoggingIn { done, all: used.len() });
    let secret = options.jwt_secret.as_ref();
    let actors = tokio::select! {
        actors = accounts::let_in(&driver, used, secret, &told) => actors?,
        () = stopped(options.interrupted.clone()) => return Err(LoadError::Interrupted),
    };
    // Not dropped half way: a room that was asked for may have been made.
    accounts::identify(
        &actors,
        options.ids_known,
        secret.is_some(),
        &options.run,
        &options.interrupted,
    )
    .await?;
    if *options.interrupted.borrow() {
        return Err(LoadError::Interrupted);
    }
    let told = |done| progress(&Progress::MakingRooms { done, all: plan.rooms.len() });
    let made = match rooms::make(&plan, &actors, &options.run, &told).await {
        Ok(made) => made,
        Err((made, error)) => {
            rooms::archive(&made).await;
            return Err(error.into());
        }
    };
    if *options.interrupted.borrow() {
        rooms::archive(&made).await;
        return Err(LoadError::Interrupted);
    }
    // Without a sink nothing is tapped.
    let mut plan = plan;
    plan.rooms.iter_mut().for_each(|room| room.sampled &= is_sampled);
    Ok(Stage { profile, options, plan, actors, made, recorder, descriptors })
}

/// Raises the limit of descriptors, and checks it against the sockets of a plan.
///
/// # Errors
/// [`LoadError::Descriptors`].
pub fn enough_descriptors(plan: &Plan) -> Result<u64, LoadError> {
    let allowed = crate::machine::raise_descriptors();
    let sockets = plan.members.len() as u64;
    let needed = sockets + crate::machine::SPARE_DESCRIPTORS;
    match needed > allowed {
        true => Err(LoadError::Descriptors { sockets, needed, allowed }),
        false => Ok(allowed),
    }
}

fn start(options: &Options) -> RunStart {
    RunStart {
        run: options.run.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        document: DOCUMENT_VERSION.to_owned(),
        target: options.target.rest().to_string(),
        socket: options.target.socket().to_string(),
        whom: None,
        seed: options.seed,
        started_at: format!("{:.3}", jiff::Timestamp::now()),
        patience_ms: u64::try_from(options.patience.as_millis()).unwrap_or(u64::MAX),
        selection: Vec::new(),
    }
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
        let cast = Cast {
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
                Room::new(made.id.clone(), made.script.clone(), planned.class, ledger, tap)
            })
            .collect()
    }

    /// Waits until every member has tried to connect once.
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
