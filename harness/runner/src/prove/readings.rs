//! The tolerance matrix: under any reading, a correct server breaks no requirement.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearback_checker::{Reason, State};
use hearback_contract::{Level, ReadingId, RequirementId, UnknownId, ambiguity};
use hearback_generate::sequence;
use hearback_history::{ExpectationResult, History};
use hearback_mutants::readings::switches;
use hearback_mutants::{ReadingSet, Switches};

use super::rows::Rows;
use super::{Options, jobs, journals};
use crate::check::check_all;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Observer;
use crate::run::Run;
use crate::target::TargetUnderTest;

/// Result for some readings.
#[derive(Clone, Debug)]
pub struct ReadingRow {
    /// The readings; none for the documented server.
    pub readings: ReadingSet,
    /// Binding requirements that were reported as broken.
    pub broken: Vec<RequirementId>,
    /// Requirements that hold on the documented server and were not decided, with the reason.
    pub opened: Vec<(RequirementId, String)>,
    /// Expectations of scenarios that did not hold.
    pub failed: Vec<String>,
    /// Readings that were observed although the server takes another.
    pub mistaken: Vec<ReadingId>,
    /// Readings of the set that were not observed, although they can be.
    pub unobserved: Vec<ReadingId>,
    /// Duration of the run.
    pub duration: Duration,
}

impl ReadingRow {
    /// Returns whether nothing was blamed, everything was decided that the reading permits, and no other reading was
    /// observed. A reading that no scenario shows is not an error.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
            && self.opened.is_empty()
            && self.failed.is_empty()
            && self.mistaken.is_empty()
    }
}

/// Readings that no scenario shows: a binary frame that is an event would count as unexpected for other servers.
const UNOBSERVABLE: [ReadingId; 2] = [ReadingId::BinaryFramesError, ReadingId::BinaryFramesJson];

/// One run: what it blamed, and what it decided.
struct Outcome {
    broken: Vec<RequirementId>,
    held: Vec<RequirementId>,
    open: Vec<(RequirementId, String)>,
    failed: Vec<String>,
    observed: Vec<ReadingId>,
    duration: Duration,
}

/// Each reading alone whose id begins with one of the prefixes, sampled if asked for.
///
/// # Errors
/// If no reading begins with any of the prefixes.
pub fn reading_sets(
    prefixes: &[String],
    sample: Option<usize>,
    seed: u64,
) -> Result<Vec<ReadingSet>, UnknownId> {
    let is_chosen = |id: &str| prefixes.iter().any(|prefix| id.starts_with(prefix.as_str()));
    let mut chosen: Vec<_> = switches()
        .filter(|switch| prefixes.is_empty() || is_chosen(switch.id.as_str()))
        .map(|switch| ReadingSet::from(switch.id))
        .collect();
    if let (true, Some(prefix)) = (chosen.is_empty(), prefixes.first()) {
        let ids = switches().map(|switch| switch.id.as_str());
        return Err(UnknownId::new("reading", prefix, ids));
    }
    if let Some(count) = sample {
        fastrand::Rng::with_seed(seed).shuffle(&mut chosen);
        chosen.truncate(count);
    }
    Ok(chosen)
}

/// Random combinations: a random reading of every ambiguity.
pub fn reading_combinations(count: usize, seed: u64) -> Vec<ReadingSet> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut combination = || {
        let answers = ambiguity::all().iter().filter_map(|row| random.choice(row.readings));
        let others = answers.filter(|reading| !reading.is_reference).map(|reading| reading.id);
        // There is one answer per question, so none contradicts another.
        ReadingSet::new(others).unwrap_or_default()
    };
    (0..count).map(|_| combination()).collect()
}

/// Checks the documented server, and then the server with each set of readings, `options.jobs` at the same time.
///
/// # Errors
/// If a server cannot be started or tested, or the run is cancelled before the documented server is tested.
pub async fn prove_readings(
    options: &Options,
    sets: Vec<ReadingSet>,
    context: &Context,
) -> Result<Rows<ReadingRow>, RunError> {
    let documented = outcome(options, ReadingSet::default(), None, context).await?;
    let held: Arc<[RequirementId]> = documented.held.as_slice().into();
    let rows = jobs::in_order(options.jobs, sets, context, ToString::to_string, |readings| {
        let (options, context, held) = (options.clone(), context.clone(), held.clone());
        Box::pin(async move {
            let journal = options.journals.file(&readings.to_string());
            let outcome = outcome(&options, readings.clone(), journal.clone(), &context).await?;
            let row = outcome.row(readings, &held);
            if row.holds() {
                journals::remove(journal.as_deref());
            }
            Ok(row)
        })
    });
    let mut rows = rows.await?;
    // Nothing is held against the documented server that it leaves undecided.
    rows.finished.insert(0, documented.row(ReadingSet::default(), &[]));
    Ok(rows)
}

impl Outcome {
    /// The row of some readings; `held` holds on the documented server.
    fn row(self, readings: ReadingSet, held: &[RequirementId]) -> ReadingRow {
        let permitted = readings.leaves_open();
        let is_opened =
            |(id, _): &(RequirementId, String)| held.contains(id) && !permitted.contains(id);
        let is_taken = |id: &ReadingId| readings.answer(id.reading().ambiguity) == *id;
        let (seen, mistaken): (Vec<_>, Vec<_>) = self.observed.iter().partition(|id| is_taken(id));
        let is_unseen = |id: &ReadingId| !seen.contains(id) && !UNOBSERVABLE.contains(id);
        ReadingRow {
            unobserved: readings.iter().filter(is_unseen).collect(),
            mistaken,
            readings,
            broken: self.broken,
            opened: self.open.into_iter().filter(is_opened).collect(),
            failed: self.failed,
            duration: self.duration,
        }
    }
}

/// Checks a correct server that takes some readings.
async fn outcome(
    options: &Options,
    readings: ReadingSet,
    journal: Option<PathBuf>,
    context: &Context,
) -> Result<Outcome, RunError> {
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let run = Run { journal, ..options.patient_run("readings") };
    let target = TargetUnderTest::embedded(Switches::from(readings)).await?;
    let mut scenarios = run.scenarios();
    scenarios.retain(|scenario| options.all_scenarios || !sequence::is_sequence(scenario));
    let quiet = Context { observer: Observer::default(), ..context.clone() };
    let started = Instant::now();
    let (history, verdicts) = check_all(&run, target, scenarios, &quiet, Vec::new()).await?;
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let ids = |state| verdicts.in_state(state).map(|verdict| verdict.requirement);
    let open = verdicts.in_state(State::Undecided).chain(verdicts.in_state(State::NotExercised));
    // Random sequences may show what the depth leaves out.
    let open = open.filter(|it| it.reason != Some(Reason::WaitBudget));
    let reason = |reason: Option<&_>| reason.map_or_else(String::new, ToString::to_string);
    Ok(Outcome {
        broken: ids(State::Broken).filter(|id| id.requirement().level > Level::Note).collect(),
        held: ids(State::Held).collect(),
        open: open.map(|it| (it.requirement, reason(it.reason.as_ref()))).collect(),
        failed: failed(&history),
        observed: verdicts.readings.iter().map(|observed| observed.reading).collect(),
        duration: started.elapsed(),
    })
}

/// The expectations that did not hold, in words.
fn failed(history: &History) -> Vec<String> {
    let results = history.expectations.iter().map(|recorded| &recorded.result);
    let words = |result: &ExpectationResult| {
        let ExpectationResult { scenario, subject, expected, actual, .. } = result;
        let actual = actual.as_deref().unwrap_or("nothing");
        format!("{scenario}: {subject} is {actual} instead of {expected}")
    };
    results.filter(|result| !result.holds).map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_chosen_by_prefix_and_sampled_by_seed() {
        let ids = |prefixes: &[&str], sample, seed| -> Vec<_> {
            let prefixes: Vec<_> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
            let sets = reading_sets(&prefixes, sample, seed).unwrap();
            sets.iter().map(ToString::to_string).collect()
        };
        assert_eq!(ids(&["delete-twice"], None, 1), ["delete-twice=404", "delete-twice=400"]);
        assert_eq!(ids(&[], Some(5), 1).len(), 5);
        assert_eq!(ids(&[], Some(5), 1), ids(&[], Some(5), 1));
        assert_ne!(ids(&[], Some(5), 1), ids(&[], Some(5), 2));
        assert!(reading_sets(&["delete-thrice".to_owned()], None, 1).is_err());
    }

    #[test]
    fn combinations_depend_on_the_seed_and_answer_many_questions() {
        let combinations = reading_combinations(3, 1);
        assert_eq!(combinations, reading_combinations(3, 1));
        assert_ne!(combinations, reading_combinations(3, 2));
        assert!(combinations.iter().all(|set| set.iter().count() > 10), "{combinations:?}");
    }
}
