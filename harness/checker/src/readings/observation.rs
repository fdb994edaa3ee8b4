//! Collecting the readings that a target takes.

use hearback_contract::{AmbiguityId, ReadingId};
use hearback_history::Call;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

/// A reading that the target took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedReading {
    /// The reading.
    pub reading: ReadingId,
    /// Number of observations; never zero.
    pub observations: u64,
    /// Position in the journal of the event that shows the first observation.
    pub evidence: u64,
}

/// The answers to one question so far.
#[derive(Debug, Default)]
pub(super) struct ReadingObservations {
    taken: IndexMap<ReadingId, (u64, u64)>,
}

impl ReadingObservations {
    /// Counts an observation of a reading.
    pub(super) fn takes<'h>(&mut self, reading: ReadingId, evidence: impl Into<Evidence<'h>>) {
        let evidence = evidence.into().seq();
        let (observations, _) = self.taken.entry(reading).or_insert((0, evidence));
        *observations += 1;
    }

    /// Counts an observation of the reading that belongs to the status of each call.
    pub(super) fn take_by_status<'h>(
        &mut self,
        calls: impl IntoIterator<Item = &'h Call>,
        readings: &[(u16, ReadingId)],
    ) {
        for call in calls {
            let Some(status) = call.status() else { continue };
            if let Some((_, reading)) = readings.iter().find(|(own, _)| *own == status) {
                self.takes(*reading, call);
            }
        }
    }

    /// The readings of `question` that were observed.
    pub(super) fn into_readings(
        self,
        question: AmbiguityId,
    ) -> impl Iterator<Item = ObservedReading> {
        self.taken.into_iter().map(move |(reading, (observations, evidence))| {
            debug_assert_eq!(reading.reading().ambiguity, question);
            ObservedReading { reading, observations, evidence }
        })
    }
}
