//! Searches the capacity of a target: one load run after the other.

mod quantity;
mod range;
pub mod search;

use hearback_history::RunEnd;
use hearback_loadtests::LoadRecord;
use hearback_stats::LoadOutcome;
use hearback_stats::record::{CapacityRecord, Trial};

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
pub use quantity::Quantity;
pub use range::Range;
use search::{Search, TrialOutcome};

/// Maximum relative difference between the ends of the resulting interval.
const PRECISION: f64 = 0.1;

/// Searches, with `attempt` running one trial at a value. Gives the record of the last trial that met the service
/// levels, or of the first one; it contains all trials.
///
/// # Errors
/// If the first attempt fails. A later failure ends the search.
pub async fn find(
    of: Quantity,
    range: Range,
    confirmations: usize,
    context: &Context,
    mut attempt: impl AsyncFnMut(f64) -> Result<LoadRecord, RunError>,
) -> Result<LoadRecord, RunError> {
    let start = range.start.min(range.highest);
    let mut search = Search::new(start, (range.lowest, range.highest), PRECISION, confirmations);
    let mut trials = Vec::new();
    let mut best: Option<LoadRecord> = None;
    // The end of the whole search; a trial may end early in a search that does not.
    let mut end = RunEnd::Completed;
    while let Some(value) = search.next_value() {
        let record = match attempt(value).await {
            Ok(record) => record,
            Err(error) if trials.is_empty() => return Err(error),
            Err(RunError::Interrupted) => {
                end = RunEnd::Interrupted;
                break;
            }
            Err(error) => {
                end = RunEnd::Aborted { reason: error.to_string() };
                break;
            }
        };
        let trial = trial(value, &record);
        let number = trials.len() + 1;
        context.emit(Event::TrialEnded { number, of, trial: trial.clone() });
        let outcome = match trial.outcome {
            LoadOutcome::Met => TrialOutcome::Holds,
            LoadOutcome::NotMet => TrialOutcome::Breaks,
            LoadOutcome::Invalid => TrialOutcome::Invalid,
            LoadOutcome::Incomplete if context.is_cancelled() => {
                trials.push(trial);
                end = RunEnd::Interrupted;
                best = Some(best.unwrap_or(record));
                break;
            }
            // A target that disappears under load does not sustain it.
            LoadOutcome::Incomplete | LoadOutcome::NothingMeasured => TrialOutcome::Breaks,
        };
        trials.push(trial);
        search.add(value, outcome);
        if best.is_none() || outcome == TrialOutcome::Holds {
            best = Some(record);
        }
    }
    let capacity = search.capacity();
    let mut record = best.unwrap_or_default();
    let stopped = (end != RunEnd::Completed).then(|| "the search was stopped".to_owned());
    if stopped.is_some() {
        record.end = end;
    }
    record.capacity = Some(CapacityRecord {
        variable: of.as_str().to_owned(),
        holds: capacity.holds,
        breaks: capacity.breaks,
        generator_limit: capacity.generator_limit,
        confirmations: confirmations as u64,
        note: stopped.or(capacity.note),
        trials,
    });
    Ok(record)
}

fn trial(value: f64, record: &LoadRecord) -> Trial {
    let aborted = match &record.end {
        RunEnd::Aborted { reason } => Some(reason.clone()),
        RunEnd::Completed | RunEnd::Interrupted => None,
    };
    let (slos, invalid_reasons) = (record.slos.clone(), record.invalid_reasons.clone());
    Trial { value, outcome: record.outcome(), slos, invalid_reasons, aborted }
}
