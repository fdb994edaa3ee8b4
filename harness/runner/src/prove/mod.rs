//! Proves the requirements: each fault of the embedded server must be caught by the requirement that it
//! breaks, and the server without faults must break none.

mod attribution;
mod combination;
mod jobs;
mod journals;
mod matrix;
mod peak_memory;
mod proven;
mod readings;
mod rows;
mod tolerance;

use std::path::Path;
use std::time::Duration;

use hearback_checker::State;
use hearback_contract::RequirementId;
use hearback_generate::{Depth, sequence};
use hearback_mutants::{FAULTS, FaultSet, FaultSpec};

pub use attribution::{PairRow, prove_pairs};
pub use combination::{Combination, Switch, combinations, correct_servers};
pub use journals::Journals;
pub use matrix::{Fate, Matrix, Row};
pub use proven::{proven_faults, proven_readings, proven_weather};
pub use readings::{ReadingRow, prove_readings, reading_combinations, reading_sets};
pub use rows::Rows;
pub use tolerance::{ToleranceRow, prove_tolerance};

use crate::check::check_all;
use crate::concurrency::Concurrency;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Observer;
use crate::run::{Identity, Run};
use crate::target::TargetUnderTest;

/// Rounds of sequences for a fault that needs a rare one: at standard depth, 288 sequences in all.
const ROUNDS: u64 = 12;

/// Minimum timeout for a response. Many runs share the machine, and a late response is not a missing one.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Time from a write from which on reads must show it.
const LONGEST_LAG: Duration = Duration::from_secs(3);

/// The faults to test, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Prefixes of fault ids; empty for all faults.
    pub faults: Vec<String>,
    /// True if to run every scenario against every fault, not only those that can detect it.
    pub all_scenarios: bool,
    /// Maximum number of faults, sampled evenly; the seed selects them.
    pub sample: Option<usize>,
    /// Amount of generated input.
    pub depth: Depth,
    /// Number of faults tested at the same time.
    pub jobs: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Timeout for one event.
    pub timeout: Duration,
    /// Number of scenarios of one fault that run at the same time.
    pub concurrency: usize,
    /// Where to keep the journals of runs whose result is not as it should be.
    pub journals: Journals,
}

impl Options {
    /// A run of all requirements.
    fn run(&self, name: &str) -> Run {
        Run {
            identity: Identity { name: name.to_owned(), seed: self.seed },
            selected: RequirementId::all().collect(),
            timeout: self.timeout,
            longest_lag: LONGEST_LAG,
            response_timeout: self.timeout.max(RESPONSE_TIMEOUT),
            concurrency: Concurrency::Fixed(self.concurrency),
            max_duration: None,
            logins_per_minute: None,
            depth: Some(self.depth),
            journal: None,
            shard: None,
            failure_limit: None,
        }
    }

    /// A run of all requirements that waits as long for an event as for a response: switches that leave a server
    /// correct may slow it down.
    fn patient_run(&self, name: &str) -> Run {
        Self { timeout: self.timeout.max(RESPONSE_TIMEOUT), ..self.clone() }.run(name)
    }
}

/// Tests the chosen faults, and the server without faults.
///
/// # Errors
/// If a prefix matches no fault, a server cannot be started, or the run is cancelled before a fault is tested.
pub async fn prove(options: &Options, context: &Context) -> Result<Matrix, RunError> {
    let faults = chosen(options)?;
    let everything: Vec<_> = RequirementId::all().collect();
    let clean = broken(options, FaultSet::default(), everything.clone(), None, context).await?;
    let name = |fault: &&FaultSpec| fault.id.to_string();
    let rows = jobs::in_order(options.jobs, faults, context, name, |fault| {
        let selected = match options.all_scenarios {
            true => everything.clone(),
            false => with_needs(fault),
        };
        let (options, context) = (options.clone(), context.clone());
        Box::pin(async move {
            let journal = options.journals.file(fault.id.as_str());
            let broken =
                broken_in_rounds(&options, fault, selected, journal.as_deref(), &context).await?;
            let row = Row { fault, broken };
            if row.fate() == Fate::Killed {
                journals::remove(journal.as_deref());
            }
            Ok(row)
        })
    });
    Ok(Matrix { clean, rows: rows.await? })
}

/// The faults that the options leave, sampled if asked for.
fn chosen(options: &Options) -> Result<Vec<&'static FaultSpec>, RunError> {
    let is_chosen = |fault: &&FaultSpec| {
        options.faults.is_empty()
            || options.faults.iter().any(|prefix| fault.id.as_str().starts_with(prefix.as_str()))
    };
    let mut faults: Vec<_> = FAULTS.iter().filter(is_chosen).collect();
    if faults.is_empty() {
        // Its error suggests the nearest ids.
        FaultSet::named(options.faults.iter().map(String::as_str))?;
    }
    if let Some(count) = options.sample {
        let stride = faults.len().div_ceil(count.max(1)).max(1);
        let offset = usize::try_from(options.seed).unwrap_or(0) % stride;
        faults = faults.into_iter().skip(offset).step_by(stride).collect();
    }
    Ok(faults)
}

/// The requirement that a fault breaks, and those that it depends on: they must be exercised as well.
fn with_needs(fault: &FaultSpec) -> Vec<RequirementId> {
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

/// The requirements that are broken with a fault. A fault that only sequences reach gets several rounds.
async fn broken_in_rounds(
    options: &Options,
    fault: &FaultSpec,
    selected: Vec<RequirementId>,
    journal: Option<&Path>,
    context: &Context,
) -> Result<Vec<RequirementId>, RunError> {
    let rounds = if fault.in_sequences { ROUNDS } else { 1 };
    let mut caught = Vec::new();
    for round in 0..rounds {
        let options = Options { seed: options.seed.wrapping_add(round), ..options.clone() };
        caught = broken(&options, fault.id.into(), selected.clone(), journal, context).await?;
        if caught.contains(&fault.breaks) {
            break;
        }
    }
    Ok(caught)
}

/// Runs the scenarios that cover the selected requirements; gives every requirement that is broken.
async fn broken(
    options: &Options,
    faults: FaultSet,
    selected: Vec<RequirementId>,
    journal: Option<&Path>,
    context: &Context,
) -> Result<Vec<RequirementId>, RunError> {
    // Faults of time show only to scenarios that wait.
    let depth = Some(Depth { wait: Depth::DEEP.wait, ..options.depth });
    let journal = journal.map(Path::to_owned);
    let run = Run { selected, depth, journal, ..options.run("prove") };
    // Sequences take long, and few faults need them; the clean server must withstand them as well.
    let with_sequences = options.all_scenarios || faults.iter().all(|fault| fault.in_sequences);
    let target = TargetUnderTest::embedded(faults).await?;
    let mut scenarios = run.scenarios();
    scenarios.retain(|scenario| with_sequences || !sequence::is_sequence(scenario));
    // The scenarios of many servers at once are not progress that a reader could follow.
    let quiet = Context { observer: Observer::default(), ..context.clone() };
    let (_, verdicts) = check_all(&run, target, scenarios, &quiet, Vec::new()).await?;
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    Ok(verdicts.in_state(State::Broken).map(|verdict| verdict.requirement).collect())
}
