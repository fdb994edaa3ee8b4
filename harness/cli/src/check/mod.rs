//! Carrying out a run: from the target and the accounts to a history.

mod actors;
mod progress;
mod reproducing;
mod session;
mod target;

use std::path::PathBuf;
use std::time::Duration;

use hearback_checker::check_history;
use hearback_contract::RequirementId;
use hearback_generate::{Depth, sequence};
use hearback_history::{History, Sink};
use hearback_scenarios::{Action, Scenario, embedded};

use crate::arguments;
use crate::exit::Failure;

pub(crate) use progress::Progress;
pub(crate) use reproducing::Limits as ReproductionLimits;
pub(crate) use session::Session;
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
    /// Longest wait for an event.
    pub(crate) timeout: Duration,
    /// Longest wait for a response; no shorter.
    pub(crate) response_timeout: Duration,
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
            timeout: options.timeout,
            response_timeout: options.timeout,
            concurrency: usize::from(options.concurrency),
            journal: Some(journal),
        }
    }

    /// Where the files of the run are written, beside its journal and named like it.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        self.journal.as_ref().map(|journal| journal.with_extension(""))
    }

    /// The scenarios that speak to a selected requirement: the embedded ones, and those that are generated.
    pub(crate) fn scenarios(&self, depth: Depth) -> Vec<Scenario> {
        embedded()
            .into_iter()
            .chain(hearback_generate::scenarios(self.seed, depth))
            .chain(sequence::scenarios(self.seed, depth.sequences()))
            .filter(|scenario| scenario.requirements.iter().any(|id| self.selected.contains(id)))
            .collect()
    }
}

/// Carries scenarios out and gives the history; the journal and `sinks` get it meanwhile.
///
/// A target that cannot be tested at all is an error. One that fails later is part of the history.
pub(crate) async fn history(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    progress: &Progress,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<History, Failure> {
    let needs_sockets = needs_sockets(&scenarios);
    let mut session = Session::open(run, target, needs_sockets, progress, sinks).await?;
    session.perform(scenarios, progress).await;
    session.close(progress).await
}

/// The same; what generated scenarios show is then brought about again, with as little as possible.
pub(crate) async fn history_with_reproductions(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    progress: &Progress,
) -> Result<History, Failure> {
    let needs_sockets = needs_sockets(&scenarios);
    let mut session = Session::open(run, target, needs_sockets, progress, Vec::new()).await?;
    session.perform(scenarios.clone(), progress).await;
    if !session.is_over() {
        let verdicts = check_history(&session.history(), |id| run.selected.contains(&id));
        session.reproduce(&scenarios, &verdicts, ReproductionLimits::CHECK, progress).await;
    }
    session.close(progress).await
}

/// Whether one of them opens a socket: a target whose sockets are broken can still be checked for the rest.
pub(crate) fn needs_sockets(scenarios: &[Scenario]) -> bool {
    scenarios.iter().any(|scenario| {
        let mut steps = scenario.all_steps().into_iter();
        steps.any(|step| matches!(step.action, Action::Connect { .. }))
    })
}
