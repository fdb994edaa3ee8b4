//! The tolerance matrix: with any switch that leaves a server correct, no requirement is reported as broken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearback_checker::State;
use hearback_contract::{Level, RequirementId};
use hearback_scenarios::Scenario;

use super::combination::Combination;
use super::rows::Rows;
use super::{Journals, Options, jobs, journals, peak_memory};
use crate::check::check_all;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Observer;
use crate::run::Run;
use crate::target::TargetUnderTest;

/// Result for one combination.
#[derive(Clone, Debug)]
pub struct ToleranceRow {
    /// The switches.
    pub combination: Combination,
    /// Binding requirements that were reported as broken.
    pub broken: Vec<RequirementId>,
    /// Number of requirements that held.
    pub held: usize,
    /// Number of requirements that were undecided or not exercised.
    pub open: usize,
    /// Duration of the run.
    pub duration: Duration,
    /// The reason why the run could not finish, if it could not.
    pub failure: Option<String>,
    /// Peak memory of the process during the run, in bytes; `None` if other runs shared the process.
    pub memory: Option<u64>,
    /// True if a second run of a blamed combination is blamed as well; `None` if there was none.
    pub is_repeated: Option<bool>,
    /// The part of a repeatedly blamed combination that is still blamed, and has no smaller one that is.
    pub smallest: Option<Combination>,
}

impl ToleranceRow {
    /// Returns whether the run finished, and reported no *must* as broken.
    pub fn holds(&self) -> bool {
        self.failure.is_none() && self.blamed().next().is_none()
    }

    /// Returns whether another row fails as well, or reports one of the same *must* as broken.
    fn is_like(&self, other: &Self) -> bool {
        let is_same = self.failure.is_some() && other.failure.is_some();
        is_same || self.blamed().any(|id| other.broken.contains(&id))
    }

    fn blamed(&self) -> impl Iterator<Item = RequirementId> {
        self.broken.iter().copied().filter(|id| id.requirement().level >= Level::Must)
    }
}

/// Runs scenarios against the correct server with each combination, `options.jobs` at the same time. Runs of blamed
/// combinations are repeated, and the combinations are shrunk.
///
/// # Errors
/// None at present: a run that fails is a row.
pub async fn prove_tolerance(
    options: &Options,
    combinations: Vec<Combination>,
    scenarios: &[Scenario],
    context: &Context,
) -> Result<Rows<ToleranceRow>, RunError> {
    let scenarios: Arc<[Scenario]> = scenarios.into();
    let name = Combination::to_string;
    let rows = jobs::in_order(options.jobs, combinations, context, name, |combination| {
        let (options, context) = (options.clone(), context.clone());
        let scenarios = scenarios.clone();
        Box::pin(async move {
            let mut row = run_once(&options, combination, &scenarios, &context).await?;
            match explain(&mut row, &options, &scenarios, &context).await {
                // The combination is blamed, whether or not it could be repeated and shrunk.
                Err(RunError::Interrupted) => {}
                explained => explained?,
            }
            Ok(row)
        })
    });
    rows.await
}

/// Repeats the run of a blamed combination, and shrinks the combination if it is blamed again.
async fn explain(
    row: &mut ToleranceRow,
    options: &Options,
    scenarios: &[Scenario],
    context: &Context,
) -> Result<(), RunError> {
    if row.holds() {
        return Ok(());
    }
    // The journal of the first run has the same name, and is kept.
    let unrecorded = Options { journals: Journals::default(), ..options.clone() };
    let again = run_once(&unrecorded, row.combination.clone(), scenarios, context).await?;
    let is_repeated = row.is_like(&again);
    row.is_repeated = Some(is_repeated);
    if is_repeated && row.combination.len() > 1 {
        row.smallest = Some(smallest(row, options, scenarios, context).await?);
    }
    Ok(())
}

/// Shrinks a combination of several switches while the same *must* is reported as broken, or the run fails.
async fn smallest(
    blamed: &ToleranceRow,
    options: &Options,
    scenarios: &[Scenario],
    context: &Context,
) -> Result<Combination, RunError> {
    let mut smallest = blamed.combination.clone();
    'smaller: loop {
        for part in smallest.parts() {
            let row = run_once(options, part, scenarios, context).await?;
            if blamed.is_like(&row) {
                smallest = row.combination;
                continue 'smaller;
            }
        }
        return Ok(smallest);
    }
}

async fn run_once(
    options: &Options,
    combination: Combination,
    scenarios: &[Scenario],
    context: &Context,
) -> Result<ToleranceRow, RunError> {
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let own = Options { seed: combination.seed.unwrap_or(options.seed), ..options.clone() };
    let journal = options.journals.file(&combination.to_string());
    let run = Run { journal: journal.clone(), ..own.patient_run("tolerance") };
    let is_alone = options.jobs <= 1;
    if is_alone {
        peak_memory::reset();
    }
    let quiet = Context { observer: Observer::default(), ..context.clone() };
    let started = Instant::now();
    let checked = async {
        let target = TargetUnderTest::embedded(combination.switches()).await?;
        check_all(&run, target, scenarios.to_vec(), &quiet, Vec::new()).await
    };
    let checked = checked.await;
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let mut row = ToleranceRow {
        combination,
        broken: Vec::new(),
        held: 0,
        open: 0,
        duration: started.elapsed(),
        failure: None,
        memory: peak_memory::read().filter(|_| is_alone),
        is_repeated: None,
        smallest: None,
    };
    match checked {
        Ok((_, verdicts)) => {
            let count = |state| verdicts.in_state(state).count();
            let broken = verdicts.in_state(State::Broken).map(|verdict| verdict.requirement);
            row.broken = broken.filter(|id| id.requirement().level > Level::Note).collect();
            row.held = count(State::Held);
            row.open = count(State::Undecided) + count(State::NotExercised);
        }
        Err(error) => row.failure = Some(error.to_string()),
    }
    if row.failure.is_none() && row.broken.is_empty() {
        journals::remove(journal.as_deref());
    }
    Ok(row)
}
