//! Carrying out a run: from the target and the accounts to a history.

mod cast;
mod progress;
mod target;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hearback_contract::{DOCUMENT_VERSION, RequirementId};
use hearback_drive::{Driver, Limits};
use hearback_generate::Depth;
use hearback_history::{Event, EventKind, History, Journal, Recorder, RunEnd, RunStart, Sink};
use hearback_scenarios::{Action, Interpreter, Scenario, ScriptEnd, embedded, suite};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::arguments;
use crate::exit::Failure;

pub(crate) use progress::Progress;
pub(crate) use target::TargetUnderTest;

/// A run that is about to be carried out.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Its name; everything that it makes at the target carries it.
    pub(crate) name: String,
    /// Seed of everything random.
    pub(crate) seed: u64,
    /// The requirements that were asked for.
    pub(crate) selected: Vec<RequirementId>,
    /// Longest wait for a response or an event.
    pub(crate) patience: Duration,
    /// Scenarios carried out at the same time.
    pub(crate) concurrency: usize,
    /// Where the journal is written; nowhere if `None`.
    pub(crate) journal: Option<PathBuf>,
}

impl Run {
    /// Gives the run its name, and its seed if none was asked for.
    pub(crate) fn new(options: &arguments::Target, selected: Vec<RequirementId>) -> Self {
        let random = uuid::Uuid::new_v4().as_u64_pair().0;
        let name = format!("{:06x}", random >> 40);
        let journal = options
            .journal
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("hearback-runs/{name}.jsonl")));
        Self {
            name,
            // Seeds are typed by people: short is enough.
            seed: options.seed.unwrap_or(random & 0xffff_ffff),
            selected,
            patience: options.patience,
            concurrency: usize::from(options.concurrency),
            journal: Some(journal),
        }
    }

    /// The scenarios that speak to a selected requirement: the embedded ones, and those that are generated.
    pub(crate) fn scenarios(&self, depth: Depth) -> Vec<Scenario> {
        embedded()
            .into_iter()
            .chain(hearback_generate::scenarios(self.seed, depth))
            .filter(|scenario| scenario.requirements.iter().any(|id| self.selected.contains(id)))
            .collect()
    }
}

/// The value of an environment variable that was named on the command line.
pub(crate) fn environment(name: &str) -> Result<String, Failure> {
    std::env::var(name)
        .with_context(|| format!("the environment variable {name} is not set"))
        .map_err(Failure::usage)
}

/// Carries scenarios out and gives the history; the journal and `sinks` get it meanwhile.
///
/// A target that cannot be tested at all is an error. One that fails later is part of the history.
pub(crate) async fn history(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    progress: &Progress,
    mut sinks: Vec<Box<dyn Sink>>,
) -> Result<History, Failure> {
    let journal = run.journal.as_deref().map(Journal::create).transpose()?;
    let journal = journal.map(|journal| Arc::new(Mutex::new(journal)));
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    sinks.push(Box::new(events.clone()));
    if let Some(journal) = &journal {
        sinks.push(Box::new(journal.clone()));
    }
    let recorder = Arc::new(Recorder::new(sinks));
    recorder.record(EventKind::RunStarted(start(run, &target)));
    progress.begin(&target, run);
    let end = perform(run, &target, &recorder, scenarios, progress).await;
    progress.finish();
    recorder.record(EventKind::RunEnded(match &end {
        Ok(end) => end.clone(),
        Err(failure) => RunEnd::Aborted { reason: recorder.redacted(&format!("{failure:?}")) },
    }));
    end?;
    target.stop().await;
    if let Some(journal) = journal
        && let Some(error) = journal.lock().error()
    {
        let path = journal.lock().path().display().to_string();
        eprintln!("warning: the journal {path} is not complete: {error}");
    }
    let events = std::mem::take(&mut *events.lock());
    Ok(History::from_events(events))
}

fn start(run: &Run, target: &TargetUnderTest) -> RunStart {
    RunStart {
        run: run.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        document: DOCUMENT_VERSION.to_owned(),
        target: target.target().rest().to_string(),
        socket: target.target().socket().to_string(),
        seed: run.seed,
        started_at: jiff::Timestamp::now().to_string(),
        patience_ms: u64::try_from(run.patience.as_millis()).unwrap_or(u64::MAX),
        selection: run.selected.clone(),
    }
}

async fn perform(
    run: &Run,
    target: &TargetUnderTest,
    recorder: &Arc<Recorder>,
    scenarios: Vec<Scenario>,
    progress: &Progress,
) -> Result<RunEnd, Failure> {
    let driver = Driver::new(
        target.target().clone(),
        recorder.clone(),
        Limits::with_patience(run.patience),
        target.jwt_secret(),
    )
    .map_err(|error| Failure::unfinished(error.into()))?;
    // A target whose sockets are broken can still be checked for the rest.
    let needs_sockets = scenarios.iter().any(|scenario| {
        let mut steps = scenario.all_steps().into_iter();
        steps.any(|step| matches!(step.action, Action::Connect { .. }))
    });
    let cast = cast::assemble(&driver, target, needs_sockets).await?;
    let first = cast.actors[0].clone();
    let (interrupt, interrupted) = watch::channel(false);
    let stopper = tokio::spawn(stop_on_ctrl_c(interrupt));
    let interpreter = Interpreter::new(
        recorder.clone(),
        cast,
        run.name.clone(),
        run.seed,
        run.patience,
        interrupted.clone(),
    );
    let mut stopped = 0;
    suite::perform(Arc::new(interpreter), scenarios, run.concurrency, |scenario, end| {
        stopped += usize::from(matches!(end, ScriptEnd::Stopped(_)));
        progress.advance(scenario, end);
    })
    .await;
    stopper.abort();
    if *interrupted.borrow() {
        return Ok(RunEnd::Interrupted);
    }
    // Scripts stop for many reasons; a target that is gone is one that the reader must know of.
    if stopped > 0
        && let Some(reason) = cast::is_gone(&first).await
    {
        return Ok(RunEnd::Aborted { reason: format!("the target is gone: {reason}") });
    }
    Ok(RunEnd::Completed)
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
