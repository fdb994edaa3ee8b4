//! `hearback fuzz`: generated scenarios, one batch after the other, until something breaks.

use hearback_checker::{Verdicts, check_history};
use hearback_contract::RequirementId;
use hearback_generate::{Depth, sequence};
use hearback_history::History;
use hearback_results::{Gate, Results};
use hearback_scenarios::Scenario;
use tokio::time::Instant;

use super::{gate, report, reports, selected};
use crate::arguments::Fuzz;
use crate::check::{Progress, ReproductionLimits, Run, Session, TargetUnderTest};
use crate::exit::Failure;
use crate::runtime;

/// How long it goes on if nothing else is asked for.
const TIME: std::time::Duration = std::time::Duration::from_secs(60);

/// Sequences, and scenarios of requests, that are carried out between two looks at what they showed.
const BATCH: (usize, usize) = (16, 24);

pub(crate) fn run(options: Fuzz) -> Result<u8, Failure> {
    let selected = selected(&options.selection)?;
    let reports = reports(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let run = Run::new(&options.target, selected);
    let cases = Cases::new(&run, options.case.as_deref())?;
    let results = runtime()?.block_on(fuzz(&options, &run, cases, gate))?;
    report(&results, options.reporting.verbose, &reports, true)?;
    Ok(results.exit_status().code())
}

async fn fuzz(options: &Fuzz, run: &Run, mut cases: Cases, gate: Gate) -> Result<Results, Failure> {
    let total = if options.case.is_some() { Some(1) } else { options.cases };
    let progress = Progress::of_cases(total, options.target.quiet);
    let target = TargetUnderTest::prepare(&options.target).await?;
    let mut session = Session::open(run, target, true, &progress, Vec::new()).await?;
    let time = options.time.or(total.is_none().then_some(TIME));
    let deadline = time.map(|time| Instant::now() + time);
    let mut left = total.map_or(usize::MAX, |cases| usize::try_from(cases).unwrap_or(usize::MAX));
    let mut earlier: Option<Results> = None;
    while left > 0 && deadline.is_none_or(|deadline| Instant::now() < deadline) {
        let batch = cases.next(left);
        if batch.is_empty() {
            break;
        }
        left -= batch.len();
        session.perform(batch.clone(), &progress).await;
        let history = session.history();
        let verdicts = judged(&history, run);
        let is_broken = fails(&Results::new(&history, &verdicts, gate.clone()));
        if is_broken && !session.is_over() {
            session.reproduce(&batch, &verdicts, ReproductionLimits::FUZZ, &progress).await;
        }
        if is_broken || session.is_over() {
            break;
        }
        let part = Results::new(&session.take_history(), &verdicts, gate.clone());
        earlier = Some(merged(earlier, part));
    }
    let history = session.close(&progress).await?;
    Ok(merged(earlier, Results::new(&history, &judged(&history, run), gate)))
}

fn judged(history: &History, run: &Run) -> Verdicts {
    check_history(history, |requirement| run.selected.contains(&requirement))
}

/// The results of the run so far.
fn merged(earlier: Option<Results>, part: Results) -> Results {
    match earlier {
        Some(mut whole) => {
            whole.merge(part);
            whole
        }
        None => part,
    }
}

/// Whether there is reason to stop: something that is not waived.
fn fails(results: &Results) -> bool {
    results.broken().iter().any(|requirement| requirement.level >= results.fail_on)
}

/// The cases of a run, in order.
enum Cases {
    /// One that was asked for by its name.
    One(Option<Scenario>),
    /// As many as there is time for.
    Many {
        rng: fastrand::Rng,
        /// Scenarios of requests that have not had their turn.
        requests: Vec<Scenario>,
        selected: Vec<RequirementId>,
    },
}

impl Cases {
    fn new(run: &Run, only: Option<&str>) -> Result<Self, Failure> {
        let Some(name) = only else {
            return Ok(Self::Many {
                rng: fastrand::Rng::with_seed(run.seed),
                requests: Vec::new(),
                selected: run.selected.clone(),
            });
        };
        let scenario = generated(name, run.seed).ok_or_else(|| {
            Failure::usage(anyhow::anyhow!(
                "no case is called {name} with the seed {}; a sequence is called sequence/1a2b3c4d",
                run.seed
            ))
        })?;
        Ok(Self::One(Some(scenario)))
    }

    /// The next batch, of at most so many; an empty one if there are no more.
    fn next(&mut self, at_most: usize) -> Vec<Scenario> {
        let (rng, requests, selected) = match self {
            Self::One(scenario) => return scenario.take().into_iter().collect(),
            Self::Many { rng, requests, selected } => (rng, requests, selected),
        };
        let speaks = |it: &Scenario| it.requirements.iter().any(|id| selected.contains(id));
        let mut batch = sequence::scenarios(rng.u64(..), BATCH.0);
        batch.retain(speaks);
        for _ in 0..BATCH.1 {
            if requests.is_empty() {
                *requests = hearback_generate::scenarios(rng.u64(..), Depth::STANDARD);
                requests.retain(speaks);
                rng.shuffle(requests);
            }
            let Some(request) = requests.pop() else { break };
            batch.push(request);
        }
        rng.shuffle(&mut batch);
        batch.truncate(at_most);
        batch
    }
}

/// The generated scenario of that name.
pub(super) fn generated(name: &str, seed: u64) -> Option<Scenario> {
    if let Some(case) = name.strip_prefix(sequence::FAMILY) {
        return u32::from_str_radix(case.trim_start_matches('/'), 16).ok().map(sequence::scenario);
    }
    let all = hearback_generate::scenarios(seed, Depth::DEEP);
    all.into_iter().find(|scenario| scenario.name.as_str() == name)
}
