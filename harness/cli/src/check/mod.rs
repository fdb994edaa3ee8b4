//! Carrying out a check: from the target and the accounts to a history.

mod cast;
mod progress;
mod target;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use hearback_contract::{DOCUMENT_VERSION, RequirementId};
use hearback_drive::{Driver, Limits};
use hearback_history::{Event, EventKind, History, Journal, Recorder, RunEnd, RunStart, Sink};
use hearback_scenarios::{Interpreter, Scenario, ScriptEnd, embedded, suite};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::arguments::Check;
use crate::exit::Failure;
use progress::Progress;
use target::TargetUnderTest;

/// A check that is about to be carried out.
pub(crate) struct Run {
    name: String,
    seed: u64,
    selected: Vec<RequirementId>,
    journal: PathBuf,
}

impl Run {
    /// Gives the run its name and seed.
    pub(crate) fn new(options: &Check, selected: Vec<RequirementId>) -> Result<Self, Failure> {
        let random = uuid::Uuid::new_v4().as_u64_pair().0;
        let name = format!("{:06x}", random >> 40);
        let journal = options
            .journal
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("hearback-runs/{name}.jsonl")));
        // Seeds are typed by people: short is enough.
        let seed = options.seed.unwrap_or(random & 0xffff_ffff);
        Ok(Self { name, seed, selected, journal })
    }

    /// The scenarios that speak to a selected requirement.
    fn scenarios(&self) -> Vec<Scenario> {
        embedded()
            .into_iter()
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

/// Carries the check out and gives its history; the journal is written meanwhile.
///
/// A target that cannot be tested at all is an error. One that fails later is part of the history.
pub(crate) async fn history(run: Run, options: &Check) -> Result<History, Failure> {
    let target = TargetUnderTest::prepare(options).await?;
    let journal = Arc::new(Mutex::new(Journal::create(&run.journal)?));
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(journal.clone()), Box::new(events.clone())];
    let recorder = Arc::new(Recorder::new(sinks));
    recorder.record(EventKind::RunStarted(start(&run, options, &target)));

    let scenarios = run.scenarios();
    let progress = Progress::new(scenarios.len(), options.quiet);
    progress.say(&format!(
        "checking {} with {} accounts, {} scenarios; the journal is {}",
        target.description(),
        target.accounts().len(),
        scenarios.len(),
        run.journal.display()
    ));
    let end = perform(&run, options, &target, &recorder, scenarios, &progress).await;
    let record_end = |end| {
        recorder.record(EventKind::RunEnded(end));
    };
    match end {
        Ok(end) => record_end(end),
        Err(failure) => {
            record_end(RunEnd::Aborted { reason: recorder.redacted(&format!("{failure:?}")) });
            progress.finish();
            return Err(failure);
        }
    }
    progress.finish();
    target.stop().await;
    if let Some(error) = journal.lock().error() {
        eprintln!("warning: the journal {} is not complete: {error}", run.journal.display());
    }
    let events = std::mem::take(&mut *events.lock());
    Ok(History::from_events(events))
}

fn start(run: &Run, options: &Check, target: &TargetUnderTest) -> RunStart {
    RunStart {
        run: run.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        document: DOCUMENT_VERSION.to_owned(),
        target: target.target().rest().to_string(),
        socket: target.target().socket().to_string(),
        seed: run.seed,
        started_at: jiff::Timestamp::now().to_string(),
        patience_ms: u64::try_from(options.patience.as_millis()).unwrap_or(u64::MAX),
        selection: run.selected.clone(),
    }
}

async fn perform(
    run: &Run,
    options: &Check,
    target: &TargetUnderTest,
    recorder: &Arc<Recorder>,
    scenarios: Vec<Scenario>,
    progress: &Progress,
) -> Result<RunEnd, Failure> {
    let driver = Driver::new(
        target.target().clone(),
        recorder.clone(),
        Limits::with_patience(options.patience),
        target.jwt_secret(),
    )
    .map_err(|error| Failure::unfinished(error.into()))?;
    let cast = cast::assemble(&driver, target).await?;
    let first = cast.actors[0].clone();
    let (interrupt, interrupted) = watch::channel(false);
    let stopper = tokio::spawn(stop_on_ctrl_c(interrupt));
    let interpreter = Interpreter::new(
        recorder.clone(),
        cast,
        run.name.clone(),
        options.patience,
        interrupted.clone(),
    );
    let mut stopped = 0;
    let concurrency = usize::from(options.concurrency);
    suite::perform(Arc::new(interpreter), scenarios, concurrency, |scenario, end| {
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
