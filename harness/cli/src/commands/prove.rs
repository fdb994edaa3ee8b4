//! `hearback prove`: does every requirement catch the faults that break it, and nothing on a clean server?

mod matrix;

use std::sync::Arc;
use std::time::Duration;

use hearback_checker::{State, check_history};
use hearback_contract::RequirementId;
use hearback_generate::sequence;
use hearback_mutants::{FAULTS, FaultSet, FaultSpec};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::arguments::{self, Prove};
use crate::check::{self, Progress, Run, TargetUnderTest};
use crate::exit::Failure;
use crate::{exit, output, runtime};
use matrix::{Matrix, Row};

/// How often sequences are made anew for a fault that needs a rare one: at standard depth, 288 in all.
const ROUNDS: u64 = 12;

/// The least that is waited for a response: a fault may leave one out.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn run(options: Prove) -> Result<u8, Failure> {
    let faults = chosen(&options)?;
    let matrix = runtime()?.block_on(prove(&options, faults))?;
    output::print(&matrix.render(options.format));
    Ok(if matrix.holds() { exit::HOLDS } else { exit::BROKEN })
}

/// The faults that the options leave, sampled if asked for.
fn chosen(options: &Prove) -> Result<Vec<&'static FaultSpec>, Failure> {
    let mut faults: Vec<_> = FAULTS
        .iter()
        .filter(|fault| {
            options.fault.is_empty()
                || options.fault.iter().any(|prefix| fault.id.as_str().starts_with(prefix.as_str()))
        })
        .collect();
    if faults.is_empty() {
        // The error names what is near.
        FaultSet::named(options.fault.iter().map(String::as_str))?;
    }
    if let Some(count) = options.sample {
        let stride = faults.len().div_ceil(count.max(1)).max(1);
        let offset = usize::try_from(options.seed).unwrap_or(0) % stride;
        faults = faults.into_iter().skip(offset).step_by(stride).collect();
    }
    Ok(faults)
}

async fn prove(options: &Prove, faults: Vec<&'static FaultSpec>) -> Result<Matrix, Failure> {
    let everything: Vec<_> = RequirementId::all().collect();
    let clean = broken(options, FaultSet::default(), everything.clone()).await?;
    let places = Arc::new(Semaphore::new(options.jobs.max(1)));
    let mut runs = JoinSet::new();
    let total = faults.len();
    for (index, fault) in faults.into_iter().enumerate() {
        let places = places.clone();
        let selected = match options.whole {
            true => everything.clone(),
            false => what_could_notice(fault),
        };
        let set = FaultSet::from(fault.id);
        let options = options.clone();
        runs.spawn(async move {
            let _place = places.acquire_owned().await;
            let caught = broken_in_rounds(&options, fault, set, selected).await?;
            Ok::<_, Failure>((index, Row::new(fault, caught)))
        });
    }
    let mut rows = Vec::new();
    while let Some(finished) = runs.join_next().await {
        rows.push(finished.map_err(|error| Failure::unfinished(error.into()))??);
        if !options.quiet && rows.len() % 20 == 0 {
            eprintln!("{} of {total} faults", rows.len());
        }
    }
    rows.sort_by_key(|(index, _)| *index);
    Ok(Matrix { clean, rows: rows.into_iter().map(|(_, row)| row).collect() })
}

/// The requirement that the fault breaks, and those that it waits on: they must be looked at as well.
fn what_could_notice(fault: &FaultSpec) -> Vec<RequirementId> {
    let mut selected = vec![fault.breaks];
    let mut index = 0;
    while let Some(requirement) = selected.get(index) {
        for need in requirement.requirement().needs {
            if !selected.contains(need) {
                selected.push(*need);
            }
        }
        index += 1;
    }
    selected
}

/// What is found broken with a fault; one that only sequences reach is given several rounds of them.
async fn broken_in_rounds(
    options: &Prove,
    fault: &FaultSpec,
    set: FaultSet,
    selected: Vec<RequirementId>,
) -> Result<Vec<RequirementId>, Failure> {
    let rounds = if fault.in_sequences { ROUNDS } else { 1 };
    let mut caught = Vec::new();
    for round in 0..rounds {
        let options = Prove { seed: options.seed.wrapping_add(round), ..options.clone() };
        caught = broken(&options, set.clone(), selected.clone()).await?;
        if caught.contains(&fault.breaks) {
            break;
        }
    }
    Ok(caught)
}

/// Runs the scenarios that speak to `selected` and gives every requirement that they found broken.
async fn broken(
    options: &Prove,
    faults: FaultSet,
    selected: Vec<RequirementId>,
) -> Result<Vec<RequirementId>, Failure> {
    let run = Run {
        name: "prove".to_owned(),
        seed: options.seed,
        selected,
        timeout: options.timeout,
        // Many runs share the machine: a response that is late is not one that never comes.
        response_timeout: options.timeout.max(RESPONSE_TIMEOUT),
        concurrency: usize::from(arguments::CONCURRENCY),
        journal: None,
    };
    // Sequences take long, and only some faults need them; the clean server is to stand them, too.
    let with_sequences = options.whole || faults.iter().all(|fault| fault.in_sequences);
    let target = TargetUnderTest::embedded(faults).await?;
    let mut scenarios = run.scenarios(options.generation.depth());
    scenarios.retain(|scenario| with_sequences || !sequence::is_one(scenario));
    let progress = Progress::new(scenarios.len(), true);
    let history = check::history(&run, target, scenarios, &progress, Vec::new()).await?;
    let verdicts = check_history(&history, |_| true);
    Ok(verdicts.in_state(State::Broken).map(|verdict| verdict.requirement).collect())
}
