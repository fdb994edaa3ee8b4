//! Runs generated scenarios, batch after batch, until a requirement is broken.

use std::time::{Duration, Instant};

use hearback_contract::RequirementId;
use hearback_generate::{Depth, sequence};
use hearback_history::ScenarioName;
use hearback_results::{Gate, Results};
use hearback_scenarios::Scenario;

use crate::confirm::longest;
use crate::context::Context;
use crate::error::RunError;
use crate::minimize::Limits;
use crate::run::Run;
use crate::session::Session;
use crate::target::TargetUnderTest;
use crate::time_budget::TimeBudget;

/// Duration if neither a duration nor a number of cases is given.
const DURATION: Duration = Duration::from_secs(60);

/// Sequences, and scenarios of single requests, per batch. A batch runs before it is checked.
const BATCH: (usize, usize) = (16, 24);

/// Time for which a batch may still run when the duration is over.
const GRACE: Duration = Duration::from_secs(15);

/// Consecutive batches of which no scenario ran to its end, after which the run ends.
const FRUITLESS: u32 = 3;

/// Time to repeat, and to minimize, a defect that is found when the time is nearly used up.
const MINIMIZATION: Duration = Duration::from_secs(5);

/// Bounds of a fuzzing run.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Maximum duration.
    pub duration: Option<Duration>,
    /// Maximum number of cases.
    pub cases: Option<u64>,
    /// The only case to run, by its name.
    pub case: Option<ScenarioName>,
}

/// The cases of a run, in order.
pub struct Cases(Source);

enum Source {
    One(Option<Box<Scenario>>),
    Many {
        rng: fastrand::Rng,
        /// Scenarios of single requests that have not run yet.
        requests: Vec<Scenario>,
        selected: Vec<RequirementId>,
    },
}

impl Bounds {
    /// Number of cases if it is limited.
    pub fn total(&self) -> Option<u64> {
        if self.case.is_some() { Some(1) } else { self.cases }
    }

    fn duration(&self) -> Option<Duration> {
        self.duration.or(self.total().is_none().then_some(DURATION))
    }
}

/// Runs generated scenarios until a requirement that the gate fails on is broken, or a bound is reached.
/// Defects are reproduced and minimized.
///
/// # Errors
/// If the target cannot be tested.
pub async fn fuzz(
    run: &Run,
    target: TargetUnderTest,
    bounds: &Bounds,
    mut cases: Cases,
    gate: Gate,
    context: &Context,
) -> Result<Results, RunError> {
    let mut session = Session::open(run, target, true, context, Vec::new()).await?;
    let duration = bounds.duration();
    let with_grace = duration.map(|duration| duration.saturating_add(GRACE));
    session.budget = TimeBudget::begin(with_grace, session.interpreter.cancellation());
    let began = Instant::now();
    let mut fruitless = 0;
    let total = bounds.total().map_or(usize::MAX, |cases| cases.try_into().unwrap_or(usize::MAX));
    let mut left = total;
    let mut earlier = None;
    while left > 0 && duration.is_none_or(|duration| began.elapsed() < duration) {
        let batch = cases.next(left);
        if batch.is_empty() {
            break;
        }
        left -= batch.len();
        fruitless = match session.perform(batch.clone()).await {
            Ok(()) => 0,
            Err(reason) if fruitless + 1 == FRUITLESS && !session.is_over() => {
                session.give_up(format!("no generated scenario can run: {reason}"));
                break;
            }
            Err(_) => fruitless + 1,
        };
        let (history, verdicts) = session.check().await;
        let is_broken = fails(&Results::new(&history, &verdicts, gate.clone()));
        if is_broken && !session.is_over() {
            let longest = longest(duration);
            let time = session.budget.left(longest).max(longest.min(MINIMIZATION));
            let repetitions = session.confirm(&batch, &verdicts, time).await;
            let time = session.budget.left(Limits::FUZZ.time).max(MINIMIZATION);
            let limits = Limits { time, ..Limits::FUZZ };
            session.minimize(&batch, &verdicts, &repetitions, limits).await;
        }
        session.require_journal();
        if is_broken || session.is_over() {
            break;
        }
        let (history, verdicts) = session.take_and_check(run.selection()).await;
        earlier = Some(merged(earlier, Results::new(&history, &verdicts, gate.clone())));
    }
    let (history, verdicts) = session.close(run.selection()).await;
    Ok(merged(earlier, Results::new(&history, &verdicts, gate)))
}

/// The generated scenario with a name.
pub(crate) fn generated(name: &ScenarioName, seed: u64) -> Option<Scenario> {
    if let Some(case) = name.as_str().strip_prefix(sequence::FAMILY) {
        return u32::from_str_radix(case.trim_start_matches('/'), 16).ok().map(sequence::scenario);
    }
    let all = hearback_generate::scenarios(seed, Depth::DEEP);
    all.into_iter().find(|scenario| scenario.name == *name)
}

/// The results so far, and those of the next part of the run.
fn merged(earlier: Option<Results>, part: Results) -> Results {
    match earlier {
        Some(mut whole) => {
            whole.merge(part);
            whole
        }
        None => part,
    }
}

/// Returns whether a requirement that is not waived is broken, at a level that fails the run.
fn fails(results: &Results) -> bool {
    results.requirements().any(|requirement| results.is_failure(requirement))
}

impl Cases {
    /// Cases for the selected requirements of a run, or the one with the given name.
    ///
    /// # Errors
    /// If no case has that name.
    pub fn new(run: &Run, only: Option<&ScenarioName>) -> Result<Self, RunError> {
        let seed = run.identity.seed;
        let Some(name) = only else {
            return Ok(Self(Source::Many {
                rng: fastrand::Rng::with_seed(seed),
                requests: Vec::new(),
                selected: run.selected.clone(),
            }));
        };
        let scenario =
            generated(name, seed).ok_or_else(|| RunError::Case { name: name.clone(), seed })?;
        Ok(Self(Source::One(Some(Box::new(scenario)))))
    }

    /// The next batch, of at most `limit` cases; empty if there are no more.
    fn next(&mut self, limit: usize) -> Vec<Scenario> {
        let (rng, requests, selected) = match &mut self.0 {
            Source::One(scenario) => return scenario.take().map(|it| *it).into_iter().collect(),
            Source::Many { rng, requests, selected } => (rng, requests, selected),
        };
        let covers = |it: &Scenario| it.requirements.iter().any(|id| selected.contains(id));
        let mut batch = sequence::scenarios(rng.u64(..), BATCH.0);
        batch.retain(covers);
        for _ in 0..BATCH.1 {
            if requests.is_empty() {
                *requests = hearback_generate::scenarios(rng.u64(..), Depth::STANDARD);
                requests.retain(covers);
                rng.shuffle(requests);
            }
            let Some(request) = requests.pop() else { break };
            batch.push(request);
        }
        rng.shuffle(&mut batch);
        batch.truncate(limit);
        batch
    }
}
