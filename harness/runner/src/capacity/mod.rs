//! Searches the capacity of a target: one load run after the other.

pub mod search;

use hearback_history::RunEnd;
use hearback_loadtests::{LoadRecord, Profile, machine};
use hearback_stats::LoadOutcome;
use hearback_stats::record::{CapacityRecord, Trial};

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
use search::{Search, TrialOutcome};

/// Maximum relative difference between the ends of the resulting interval.
const PRECISION: f64 = 0.1;

/// Maximum distance of the search from the profile's own value, as a factor.
const RANGE: f64 = 64.0;

/// The quantity that a search varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Messages per second at the peak of the schedule.
    Rate,
    /// Members of all rooms.
    Members,
}

impl Quantity {
    /// Its name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Members => "members",
        }
    }

    /// A profile with the quantity multiplied, for one trial.
    ///
    /// The search asks how much the target delivers, not whether it is correct: no rooms are sampled.
    pub(crate) fn scale(self, profile: &Profile, factor: f64) -> Profile {
        let mut profile = match self {
            Self::Rate => profile.clone().at_rate(factor),
            Self::Members => profile.clone().with_members(factor),
        };
        profile.sample_rooms = 0;
        profile.slos.retain(|slo| slo.metric.id() != "sample.broken");
        profile
    }
}

/// Where a search starts, and its bounds.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The profile's own value.
    pub start: f64,
    /// Lowest value to try.
    pub lowest: f64,
    /// Highest value to try.
    pub highest: f64,
}

impl Range {
    /// The range for a profile, as far as accounts and descriptors allow.
    pub fn of(profile: &Profile, of: Quantity, accounts: usize) -> Self {
        let start = match of {
            Quantity::Rate => profile.peak_rate(),
            Quantity::Members => profile.members(),
        };
        let highest = match of {
            Quantity::Rate => start * RANGE,
            Quantity::Members => {
                let sockets =
                    machine::raise_descriptors().saturating_sub(machine::SPARE_DESCRIPTORS);
                let largest = profile.rooms.iter().map(|group| group.members.largest()).max();
                let growth = match profile.shared_accounts {
                    true => RANGE,
                    false => accounts as f64 / largest.unwrap_or(1) as f64,
                };
                (start * growth.min(RANGE)).min(sockets as f64)
            }
        };
        let lowest = start / RANGE;
        Self { start, lowest, highest: highest.max(lowest) }
    }
}

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
