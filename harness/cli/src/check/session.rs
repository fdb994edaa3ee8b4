//! A target being driven, from the first event of a run to the last.

use std::sync::Arc;

use anyhow::Context as _;
use hearback_client::{Actor, Client, Limits, ThrottleNotifications};
use hearback_contract::SPECIFICATION_VERSION;
use hearback_history::{
    Event, EventKind, History, Journal, OrphanedRoom, Recorder, RunEnd, RunStart, ScenarioEnd, Sink,
};
use hearback_reports::escape::{LONGEST_TEXT, shown};
use hearback_reports::orphaned_room;
use hearback_scenarios::{Interpreter, Scenario, suite};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Progress, Run, TargetUnderTest, actors};
use crate::exit::Failure;
use crate::target::throttled;

/// A run that is under way.
pub(crate) struct Session<'r> {
    pub(super) run: &'r Run,
    target: TargetUnderTest,
    pub(super) recorder: Arc<Recorder>,
    /// What happened, since the last time that it was taken.
    pub(super) events: Arc<Mutex<Vec<Event>>>,
    journal: Option<Arc<Mutex<Journal>>>,
    pub(super) interpreter: Arc<Interpreter>,
    first: Actor,
    /// Rooms of what was taken that are still at the target.
    orphaned_rooms: Vec<OrphanedRoom>,
    interrupted: watch::Receiver<bool>,
    stopper: JoinHandle<()>,
    /// Why the target is no longer there, once it is not.
    gone: Option<String>,
}

impl<'r> Session<'r> {
    /// Logs everybody in; the journal and `sinks` get everything from now on.
    ///
    /// A target that cannot be tested at all is an error.
    pub(crate) async fn open(
        run: &'r Run,
        target: TargetUnderTest,
        needs_sockets: bool,
        progress: &Progress,
        mut sinks: Vec<Box<dyn Sink>>,
    ) -> Result<Self, Failure> {
        let journal = run.journal.as_deref().map(Journal::create).transpose();
        let journal = journal
            .context("the journal cannot be written; --journal FILE says where else it may stand")
            .map_err(Failure::usage)?;
        let journal = journal.map(|journal| Arc::new(Mutex::new(journal)));
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        sinks.push(Box::new(events.clone()));
        if let Some(journal) = &journal {
            sinks.push(Box::new(journal.clone()));
        }
        let teller = progress.clone();
        sinks.push(Box::new(ThrottleNotifications::new(move |wait| teller.say(&throttled(wait)))));
        let recorder = Arc::new(Recorder::new(sinks));
        recorder.record(EventKind::RunStarted(start(run, &target)));
        progress.begin(&target, run);
        let (interrupt, interrupted) = watch::channel(false);
        let stopper = tokio::spawn(stop_on_ctrl_c(interrupt));
        let assembled = assemble(run, &target, &recorder, needs_sockets, &interrupted).await;
        let (interpreter, first) = match assembled {
            Ok(assembled) => assembled,
            Err(failure) => {
                stopper.abort();
                progress.finish();
                let reason = recorder.redacted(&format!("{failure:?}"));
                recorder.record(EventKind::RunEnded(match *interrupted.borrow() {
                    true => RunEnd::Interrupted,
                    false => RunEnd::Aborted { reason },
                }));
                let events = std::mem::take(&mut *events.lock());
                tell_what_is_left(&History::from_events(events).orphaned_rooms());
                return Err(failure);
            }
        };
        Ok(Self {
            run,
            target,
            recorder,
            events,
            journal,
            interpreter: Arc::new(interpreter),
            first,
            orphaned_rooms: Vec::new(),
            interrupted,
            stopper,
            gone: None,
        })
    }

    /// Carries scenarios out, side by side.
    pub(crate) async fn perform(&mut self, scenarios: Vec<Scenario>, progress: &Progress) {
        let mut stopped = 0;
        let finished = |scenario: &Scenario, end: &ScenarioEnd| {
            stopped += usize::from(matches!(end, ScenarioEnd::Aborted { .. }));
            progress.advance(scenario, end);
        };
        let concurrency = self.run.concurrency;
        suite::perform(self.interpreter.clone(), scenarios, concurrency, finished).await;
        // Scripts stop for many reasons; a target that is gone is one that the reader must know of.
        if stopped > 0 && !*self.interrupted.borrow() {
            self.gone = actors::is_gone(&self.first).await;
        }
    }

    /// Whether nothing more is to be done: somebody has stopped it, or the target is gone.
    pub(crate) fn is_over(&self) -> bool {
        *self.interrupted.borrow() || self.gone.is_some()
    }

    /// What happened so far, since it was last taken.
    pub(crate) fn history(&self) -> History {
        History::from_events(self.events.lock().iter().cloned())
    }

    /// What happened so far, taken; who takes part stays known to what comes.
    pub(crate) fn take_history(&mut self) -> History {
        let mut events = self.events.lock();
        let known = events.iter().filter(|event| is_about_the_run(event)).cloned().collect();
        let taken = History::from_events(std::mem::replace(&mut *events, known));
        self.orphaned_rooms.extend(taken.orphaned_rooms());
        taken
    }

    /// Ends the run; what happened, since it was last taken.
    pub(crate) async fn close(self, progress: &Progress) -> Result<History, Failure> {
        self.stopper.abort();
        progress.finish();
        self.recorder.record(EventKind::RunEnded(match self.gone {
            _ if *self.interrupted.borrow() => RunEnd::Interrupted,
            Some(reason) => RunEnd::Aborted { reason },
            None => RunEnd::Completed,
        }));
        self.target.stop().await;
        if let Some(journal) = self.journal
            && let Some(error) = journal.lock().error()
        {
            let path = journal.lock().path().display().to_string();
            eprintln!("warning: the journal {path} is not complete: {error}");
        }
        let events = std::mem::take(&mut *self.events.lock());
        let history = History::from_events(events);
        tell_what_is_left(&self.orphaned_rooms);
        tell_what_is_left(&history.orphaned_rooms());
        Ok(history)
    }
}

/// Whether it says what the run is and who takes part.
pub(super) fn is_about_the_run(event: &Event) -> bool {
    matches!(event.kind, EventKind::RunStarted(_) | EventKind::ActorKnown { .. })
}

fn start(run: &Run, target: &TargetUnderTest) -> RunStart {
    RunStart {
        run: run.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        specification: SPECIFICATION_VERSION.to_owned(),
        target: target.target().rest().to_string(),
        socket: target.target().socket().to_string(),
        target_options: Some(target.kind().clone()),
        seed: run.seed,
        started_at: format!("{:.3}", jiff::Timestamp::now()),
        timeout_ms: u64::try_from(run.timeout.as_millis()).unwrap_or(u64::MAX),
        selection: run.selected.clone(),
    }
}

async fn assemble(
    run: &Run,
    target: &TargetUnderTest,
    recorder: &Arc<Recorder>,
    needs_sockets: bool,
    interrupted: &watch::Receiver<bool>,
) -> Result<(Interpreter, Actor), Failure> {
    let client = Client::new(
        target.target().clone(),
        recorder.clone(),
        Limits { spares_silence: true, ..Limits::with_timeout(run.response_timeout) },
        target.jwt_secret(),
    )
    .map_err(|error| Failure::unfinished(error.into()))?;
    let cast =
        actors::assemble(&client, target, &run.name, needs_sockets, interrupted.clone()).await?;
    let first = cast.actors[0].clone();
    let interpreter = Interpreter::new(
        recorder.clone(),
        cast,
        run.name.clone(),
        run.seed,
        run.timeout,
        interrupted.clone(),
    );
    Ok((interpreter, first))
}

/// Names the rooms that could not be put away, however quiet the run is: somebody has to.
fn tell_what_is_left(rooms: &[OrphanedRoom]) {
    for room in rooms {
        eprintln!("left behind: {}", orphaned_room(room, |text| shown(text, LONGEST_TEXT)));
    }
}

/// The first Ctrl-C ends the run in order, the second one at once.
async fn stop_on_ctrl_c(interrupt: watch::Sender<bool>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        eprintln!("stopping: cleaning up what was made; Ctrl-C again to leave it");
        let _nobody_listens = interrupt.send(true);
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    }
}
