//! Searching for what a target holds: one run after the other.

use hearback_loadtests::capacity::{Search, Verdict};
use hearback_loadtests::{LoadError, LoadRecord, Profile, machine};
use hearback_stats::Outcome;
use hearback_stats::record::{CapacityRecord, End, Trial};

use super::{Run, end_of};
use crate::arguments::CapacityOf;
use crate::exit::Failure;

/// The ends of the interval differ by this share at most.
const PRECISION: f64 = 0.1;
/// How far from the profile's own value the search goes, as a factor.
const RANGE: f64 = 64.0;

impl Run<'_> {
    /// Searches, and gives the record of the last trial that met the service levels, or of the first one; it
    /// holds all trials.
    pub(crate) async fn capacity(
        &self,
        profile: Profile,
        of: CapacityOf,
    ) -> Result<LoadRecord, Failure> {
        let own = match of {
            CapacityOf::Rate => profile.peak_rate(),
            CapacityOf::Members => profile.members(),
        };
        let most = self.most(&profile, of, own);
        let confirmations = usize::from(self.options.confirmations);
        let bounds = ((own / RANGE).min(own), most.max(own / RANGE));
        let mut search = Search::new(own.min(most), bounds, PRECISION, confirmations);
        let mut trials = Vec::new();
        let mut best: Option<LoadRecord> = None;
        // How the whole search ends; a trial may end early in a search that does not.
        let mut end = End::Completed;
        while let Some(value) = search.next_value() {
            let record = match self.attempt(&profile, of, value / own).await {
                Ok(record) => record,
                // Without a trial there is nothing to tell.
                Err(error) if trials.is_empty() => return Err(self.failure(error)),
                Err(LoadError::Interrupted) => {
                    end = End::Interrupted;
                    break;
                }
                Err(error) => {
                    end = End::Aborted { reason: error.to_string() };
                    break;
                }
            };
            let outcome = record.outcome();
            let aborted = match &record.end {
                End::Aborted { reason } => Some(reason.clone()),
                End::Completed | End::Interrupted => None,
            };
            let (slos, void) = (record.slos.clone(), record.void.clone());
            let trial = Trial { value, outcome, slos, void, aborted };
            if !self.options.quiet {
                eprintln!("trial {}: {}", trials.len() + 1, told(of, &trial));
            }
            trials.push(trial);
            let verdict = match outcome {
                Outcome::Met => Verdict::Holds,
                Outcome::NotMet => Verdict::Breaks,
                Outcome::Void => Verdict::Void,
                Outcome::Incomplete if *self.interrupted.borrow() => {
                    end = End::Interrupted;
                    best = Some(best.unwrap_or(record));
                    break;
                }
                // A target that goes away under load does not hold it.
                Outcome::Incomplete | Outcome::NothingMeasured => Verdict::Breaks,
            };
            search.note(value, verdict);
            if best.is_none() || verdict == Verdict::Holds {
                best = Some(record);
            }
        }
        let capacity = search.capacity();
        let mut record = best.unwrap_or_default();
        let stopped = (end != End::Completed).then(|| "the search was stopped".to_owned());
        if stopped.is_some() {
            record.end = end;
        }
        record.capacity = Some(CapacityRecord {
            of: match of {
                CapacityOf::Rate => "rate".to_owned(),
                CapacityOf::Members => "members".to_owned(),
            },
            holds: capacity.holds,
            breaks: capacity.breaks,
            void: capacity.void,
            confirmations: confirmations as u64,
            limit: stopped.or(capacity.limit),
            trials,
        });
        self.keep(&record)?;
        Ok(record)
    }

    /// One trial, with rooms of its own: what an earlier one left behind must not weigh on it.
    async fn attempt(
        &self,
        profile: &Profile,
        of: CapacityOf,
        factor: f64,
    ) -> Result<LoadRecord, LoadError> {
        let mut profile = match of {
            CapacityOf::Rate => profile.clone().at_rate(factor),
            CapacityOf::Members => profile.clone().with_members(factor),
        };
        // The search asks how much, not whether it is right.
        profile.sample_rooms = 0;
        profile.slos.retain(|slo| slo.metric.id() != "sample.broken");
        let stage = self.prepare(profile, None).await?;
        let finished = stage.run().await;
        stage.clear(end_of(&finished)).await;
        Ok(finished?.record)
    }

    /// Most that can be tried: as far as accounts and descriptors go.
    fn most(&self, profile: &Profile, of: CapacityOf, own: f64) -> f64 {
        if of == CapacityOf::Rate {
            return own * RANGE;
        }
        let sockets = machine::raise_descriptors().saturating_sub(machine::SPARE_DESCRIPTORS);
        let largest = profile.rooms.iter().map(|group| group.members.largest()).max();
        let growth = match profile.sharing {
            true => RANGE,
            false => self.target.accounts().len() as f64 / largest.unwrap_or(1) as f64,
        };
        (own * growth.min(RANGE)).min(sockets as f64)
    }
}

/// What came of a trial, on one line.
fn told(of: CapacityOf, trial: &Trial) -> String {
    let of = match of {
        CapacityOf::Rate => "messages a second",
        CapacityOf::Members => "members",
    };
    let because = match trial.reasons().as_slice() {
        [] => String::new(),
        reasons => format!(" ({})", reasons.join("; ")),
    };
    format!("{:.1} {of}: {}{because}", trial.value, trial.outcome)
}
