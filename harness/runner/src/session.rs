//! A session: one target under test, from the first event of a run to the last.

use std::sync::Arc;
use std::time::Duration;

use hearback_checker::Verdicts;
use hearback_client::{
    Actor, Circuit, Client, FailureKind, Limits, Request, ThrottleNotifications,
};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{
    ActorName, Event, EventKind, History, Journal, Obstacle, OrphanedRoom, Recorder, RunEnd,
    RunStart, ScenarioEnd, Sink,
};
use hearback_scenarios::{Actors, Interpreter, Scenario, concurrent};
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::checking::check_events;
use crate::cleanup::clean_up;
use crate::concurrency::{FAR, RoundTrips};
use crate::context::Context;
use crate::error::RunError;
use crate::event::Event as Progress;
use crate::failures::FailureWatch;
use crate::onboarding::{Onboarding, RoomTests, SCENARIO};
use crate::run::{self, Run};
use crate::runs;
use crate::target::TargetUnderTest;
use crate::time_budget::TimeBudget;

/// Time between two checks whether the run exceeds its storage.
const FULL_INTERVAL: Duration = Duration::from_millis(50);

/// Maximum number of frames on one connection; a scenario receives some dozens.
const FRAMES: usize = 20_000;

/// Maximum number of bytes on one connection.
const FRAME_BYTES: usize = 16 << 20;

/// Maximum number of concurrent requests; scenarios send some of theirs at the same time.
const IN_FLIGHT: usize = FAR + FAR / 3;

/// Reason of a run whose target sent more than a run may keep.
const TOO_MUCH: &str = "the target sent more than a run may keep in memory";

/// A run in progress.
pub(crate) struct Session {
    pub(crate) run: Run,
    pub(crate) context: Context,
    target: TargetUnderTest,
    pub(crate) recorder: Arc<Recorder>,
    /// Events since they were last taken.
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    journal: Option<Arc<Mutex<Journal>>>,
    pub(crate) interpreter: Arc<Interpreter>,
    /// Ends the waits of the client when the run is cancelled.
    _cancelling: AbortOnDropHandle<()>,
    /// Every account of the run.
    actors: Vec<Actor>,
    /// Actors whose user ids are unknown, since no account could create a room.
    unidentified: Vec<ActorName>,
    /// Reason why nothing more can be tested, if there is one: the target is gone, or a bound of the run is reached.
    gone: Option<String>,
    pub(crate) round_trips: RoundTrips,
    pub(crate) budget: TimeBudget,
    /// Number of scenarios that did not run, or not to their end, since the time was used up.
    unfinished: usize,
}

impl Session {
    /// Opens the journal and logs in all accounts; from now on the journal and `sinks` receive every event.
    ///
    /// # Errors
    /// If the journal cannot be written, or the target or its accounts cannot be used. The server that was
    /// started for the target is stopped.
    pub(crate) async fn open(
        run: &Run,
        target: TargetUnderTest,
        needs_sockets: bool,
        context: &Context,
        mut sinks: Vec<Box<dyn Sink>>,
    ) -> Result<Self, RunError> {
        run.journal.as_deref().into_iter().for_each(runs::ignore);
        let journal = run.journal.as_deref().map(Journal::create).transpose();
        let journal = journal.map_err(RunError::JournalUnwritable)?;
        let journal = journal.map(|journal| Arc::new(Mutex::new(journal)));
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        sinks.push(Box::new(events.clone()));
        if let Some(journal) = &journal {
            sinks.push(Box::new(journal.clone()));
        }
        let round_trips = RoundTrips::new(run.concurrency);
        sinks.push(Box::new(round_trips.clone()));
        let throttled = context.clone();
        sinks.push(Box::new(ThrottleNotifications::new(move |wait_s| {
            throttled.emit(Progress::Throttled { wait_s });
        })));
        let recorder = Arc::new(Recorder::new(sinks));
        context.redaction.add(&recorder);
        tracing::info!(run = run.identity.name, target = %target.target().rest(), "run started");
        recorder.record(EventKind::RunStarted(Box::new(RunStart {
            selection: run.selected.clone(),
            shard: run.shard,
            depth: run.depth.map(run::recorded),
            ..run::start(&run.identity, target.target(), target.kind().clone(), run.timeout)
        })));
        context.emit(Progress::Started {
            run: run.identity.name.clone(),
            seed: run.identity.seed,
            target: target.description(),
            accounts: target.accounts().len(),
            journal: run.journal.clone(),
        });
        match assemble(run, &target, &recorder, needs_sockets, context).await {
            Ok(Assembled { interpreter, actors, unidentified, cancelling }) => Ok(Self {
                run: run.clone(),
                context: context.clone(),
                target,
                recorder,
                events,
                journal,
                budget: TimeBudget::begin(run.max_duration, interpreter.cancellation()),
                interpreter: Arc::new(interpreter),
                _cancelling: cancelling,
                actors,
                unidentified,
                gone: None,
                round_trips,
                unfinished: 0,
            }),
            Err(error) => {
                context.emit(Progress::Finished);
                let reason = recorder.redacted(&error.to_string());
                recorder.record(EventKind::RunEnded(match context.is_cancelled() {
                    true => RunEnd::Interrupted,
                    false => RunEnd::Aborted { reason },
                }));
                let events = std::mem::take(&mut *events.lock());
                report_orphans(context, History::from_events(events).orphaned_rooms());
                target.stop().await;
                Err(error)
            }
        }
    }

    /// Runs scenarios, as many at the same time as the run allows, until its time is used up.
    ///
    /// # Errors
    /// If no scenario ran to its end: the reason why one did not.
    pub(crate) async fn perform(&mut self, scenarios: Vec<Scenario>) -> Result<(), String> {
        tracing::info!(count = scenarios.len(), "running scenarios");
        self.recorder.storage().limit_for(scenarios.len());
        let (mut completed, mut stopped, mut aborted) = (0_usize, None, false);
        let mut interrupted = Vec::new();
        let context = self.context.clone();
        let observe = |scenario: &Scenario, end: Option<&ScenarioEnd>| {
            let Some(end) = end else {
                let scenario = scenario.name.clone();
                return context.emit(Progress::ScenarioStarted { scenario });
            };
            tracing::debug!(scenario = %scenario.name, ?end, "scenario ended");
            match end {
                ScenarioEnd::Completed => completed += 1,
                ScenarioEnd::Interrupted => interrupted.push(scenario.requirements.clone()),
                ScenarioEnd::Aborted { reason } | ScenarioEnd::Skipped { reason } => {
                    stopped.get_or_insert_with(|| reason.clone());
                    aborted |= matches!(end, ScenarioEnd::Aborted { .. });
                }
            }
            let (scenario, end) = (scenario.name.clone(), end.clone());
            context.emit(Progress::ScenarioEnded { scenario, end });
        };
        let interpreter = self.interpreter.with_cancellation(self.budget.stop().clone());
        let selected = self.run.selection();
        let watch =
            FailureWatch::begin(self.run.failure_limit.clone(), self.events.clone(), selected);
        let concurrency = || match watch.is_reached() {
            true => 0,
            false => self.round_trips.concurrency(),
        };
        let unstarted =
            concurrent::run_all(Arc::new(interpreter), scenarios, concurrency, observe).await;
        if self.recorder.storage().is_full() {
            self.gone = Some(TOO_MUCH.to_owned());
        } else if self.budget.is_used_up() && !self.context.is_cancelled() {
            let unstarted = unstarted.into_iter().map(|scenario| scenario.requirements);
            for requirements in interrupted.into_iter().chain(unstarted) {
                self.unfinished += 1;
                self.interpreter.record_not_exercised(&requirements, &Obstacle::TimeBudget);
            }
        } else if watch.is_reached() {
            for scenario in unstarted {
                let obstacle = &Obstacle::FailureLimit;
                self.interpreter.record_not_exercised(&scenario.requirements, obstacle);
            }
        } else if (aborted || self.was_unanswered()) && !self.context.is_cancelled() {
            // Scenarios stop for many reasons, and need not stop when calls fail; a target that is gone must be
            // reported as such.
            self.gone = why_gone(&self.actors[0]).await;
        }
        match stopped.filter(|_| completed == 0) {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }

    /// Returns whether the target kept failing to answer a call or a handshake of some scenario.
    fn was_unanswered(&self) -> bool {
        let events = self.events.lock();
        events.iter().any(|event| match &event.kind {
            EventKind::ScenarioImpeded { obstacle, .. } => matches!(
                obstacle,
                Obstacle::Unanswered(_)
                    | Obstacle::HandshakeUnanswered
                    | Obstacle::Throttled
                    | Obstacle::Unavailable
            ),
            _ => false,
        })
    }

    /// Ends the run, since it cannot go on.
    pub(crate) fn give_up(&mut self, reason: String) {
        self.gone = Some(reason);
    }

    /// Ends the run if its journal cannot be written, since nothing that follows could be reproduced.
    pub(crate) fn require_journal(&mut self) {
        let Some(journal) = &self.journal else { return };
        let journal = journal.lock();
        if let Some(error) = journal.error() {
            self.gone = Some(format!("the journal cannot be written: {error}"));
        }
    }

    /// The client of every actor.
    pub(crate) fn client(&self) -> &Client {
        self.actors[0].client()
    }

    /// Returns whether to run nothing more: the run was cancelled, or the target is gone.
    pub(crate) fn is_over(&self) -> bool {
        self.context.is_cancelled() || self.gone.is_some()
    }

    /// Verdicts on everything since events were last taken.
    pub(crate) async fn check(&self) -> (History, Verdicts) {
        let events = self.events.lock().clone();
        check_events(events, self.run.selection()).await
    }

    /// Takes the events so far and checks them; events about the run and its actors stay for what follows.
    pub(crate) async fn take_and_check(
        &mut self,
        selected: impl Fn(RequirementId) -> bool + Send + 'static,
    ) -> (History, Verdicts) {
        let taken = {
            let mut events = self.events.lock();
            let known = events.iter().filter(|event| is_about_the_run(event)).cloned().collect();
            std::mem::replace(&mut *events, known)
        };
        self.recorder.storage().release();
        check_events(taken, selected).await
    }

    /// Ends the run and checks the events since they were last taken.
    pub(crate) async fn close(
        self,
        selected: impl Fn(RequirementId) -> bool + Send + 'static,
    ) -> (History, Verdicts) {
        self.context.emit(Progress::Finished);
        // The embedded server ends with the run; its rooms were archived as far as its faults allow.
        if !self.target.is_embedded() || self.context.is_cancelled() {
            if self.gone.is_some() {
                // A whole cleanup of a target that does not answer would only take time.
                self.budget.stop().cancel();
            }
            if self.budget.is_used_up() {
                self.actors[0].client().cancel_waits();
            }
            clean_up(&self.actors, self.budget.stop()).await;
        }
        tracing::info!(gone = self.gone, cancelled = self.context.is_cancelled(), "run ended");
        self.recorder.record(EventKind::RunEnded(match self.gone {
            _ if self.context.is_cancelled() => RunEnd::Interrupted,
            Some(reason) => RunEnd::Aborted { reason },
            None if self.unfinished > 0 && self.run.max_duration.is_some() => {
                RunEnd::Aborted { reason: used_up(self.budget.total(), self.unfinished) }
            }
            // Requirements that need the ids were not exercised: the run is not complete.
            None if !self.unidentified.is_empty() => {
                RunEnd::Aborted { reason: unidentified(&self.unidentified) }
            }
            None => RunEnd::Completed,
        }));
        self.target.stop().await;
        if let Some(journal) = self.journal {
            let journal = journal.lock();
            if let Some(error) = journal.error() {
                let (path, reason) = (journal.path().to_owned(), error.to_string());
                self.context.emit(Progress::JournalIncomplete { path, reason });
            }
        }
        let events = std::mem::take(&mut *self.events.lock());
        let (history, verdicts) = check_events(events, selected).await;
        report_orphans(&self.context, history.orphaned_rooms());
        (history, verdicts)
    }
}

/// Returns whether an event describes the run or an actor, as opposed to what happened.
pub(crate) fn is_about_the_run(event: &Event) -> bool {
    matches!(event.kind, EventKind::RunStarted(_) | EventKind::ActorKnown { .. })
}

/// Parts of a session besides its target and its journal.
struct Assembled {
    interpreter: Interpreter,
    actors: Vec<Actor>,
    unidentified: Vec<ActorName>,
    cancelling: AbortOnDropHandle<()>,
}

async fn assemble(
    run: &Run,
    target: &TargetUnderTest,
    recorder: &Arc<Recorder>,
    needs_sockets: bool,
    context: &Context,
) -> Result<Assembled, RunError> {
    let client = Client::new(
        target.target().clone(),
        recorder.clone(),
        Limits {
            circuit_breaker: true,
            logins_per_minute: run.logins_per_minute,
            frames: FRAMES,
            frame_bytes: FRAME_BYTES,
            in_flight: IN_FLIGHT,
            longest_lag: run.longest_lag,
            ..target.limits(run.response_timeout)
        },
        target.jwt_secret(),
    )?;
    let (cancellation, waiting) = (context.cancellation.clone(), client.clone());
    let stop = cancellation.child_token();
    let stopping = stop.clone();
    let cancelling = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut checks = tokio::time::interval(FULL_INTERVAL);
        loop {
            tokio::select! {
                () = cancellation.cancelled() => return waiting.cancel_waits(),
                _ = checks.tick() => {}
            }
            if waiting.recorder().storage().is_full() {
                stopping.cancel();
            }
        }
    }));
    let onboarding = Onboarding {
        client: &client,
        target,
        accounts: target.accounts(),
        run: &run.identity.name,
        signing_key: None,
        known_ids: if target.is_embedded() { usize::MAX } else { 0 },
        requires_ids: false,
        tests: RoomTests { socket: needs_sockets, lag: true },
        context,
    };
    let actors = onboarding.complete().await?;
    let unidentified = actors.iter().filter(|actor| actor.user_id().is_none());
    let unidentified = unidentified.map(|actor| actor.name().clone()).collect();
    let fixtures = target.fixtures();
    let assigned =
        Actors { actors: actors.clone(), task: fixtures.task, property: fixtures.property };
    let interpreter = Interpreter::new(
        recorder.clone(),
        assigned,
        run.identity.name.clone(),
        run.identity.seed,
        run.timeout,
        stop,
    )
    .with_longest_wait(run.depth.map(|depth| depth.wait));
    Ok(Assembled { interpreter, actors, unidentified, cancelling })
}

/// Returns the reason why the target no longer responds; `None` if it does.
async fn why_gone(actor: &Actor) -> Option<String> {
    // A target that no longer answers some operations is not gone.
    actor.client().allow_probe(Circuit::Operation(Operation::RoomsList));
    let response = actor.call(&SCENARIO.into(), Request::new(Operation::RoomsList)).await;
    response.failure.map(|failure| match failure.kind {
        FailureKind::Throttled => failure.text,
        _ => format!("the target is gone: {failure}"),
    })
}

/// The reason why a run without time left is incomplete.
fn used_up(total: Option<Duration>, unfinished: usize) -> String {
    let noun = if unfinished == 1 { "scenario" } else { "scenarios" };
    let seconds = total.unwrap_or_default().as_secs();
    format!("{unfinished} {noun} did not finish within {seconds} s (--max-duration)")
}

/// The reason why a run with actors of unknown id is incomplete.
fn unidentified(actors: &[ActorName]) -> String {
    let names: Vec<&str> = actors.iter().map(ActorName::as_str).collect();
    format!("no room could be created, so these accounts have no user id: {}", names.join(", "))
}

fn report_orphans(context: &Context, rooms: Vec<OrphanedRoom>) {
    rooms.into_iter().for_each(|room| context.emit(Progress::RoomLeftBehind(room)));
}
