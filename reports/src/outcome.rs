//! What comes of a run: how it ended, what is broken, and the exit code.

use hearback_checker::{State, Verdict, Verdicts};
use hearback_contract::Level;
use hearback_history::RunEnd;
use serde::{Deserialize, Serialize};

use crate::waiver::WaiverRecord;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// Every scenario was carried out.
    Completed,
    /// Somebody stopped it.
    Interrupted,
    /// It could not go on.
    Aborted {
        /// Why.
        reason: String,
    },
    /// The record breaks off.
    Unknown,
}

/// What comes of a run; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing at or above the level that fails is broken, unless it is waived.
    Holds,
    /// Something is, whether or not the run was finished; or a waiver must be mended.
    Broken,
    /// No requirement could be told to hold or to be broken.
    NotExercised,
    /// The run could not finish; what it got to see is not broken.
    Incomplete,
}

/// Numbers of requirements by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Requirements that held.
    pub held: u64,
    /// Requirements that are broken, of any level.
    pub broken: u64,
    /// Requirements of which nothing was seen.
    pub not_exercised: u64,
    /// Requirements of which it cannot be told.
    pub undecided: u64,
    /// The broken ones that are waived.
    pub waived: u64,
    /// The broken ones that are not waived, by level.
    pub broken_by_level: LevelCounts,
}

/// Numbers of requirements by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCounts {
    /// The document says or shows it.
    pub must: u64,
    /// It follows from the document.
    pub should: u64,
    /// The document is silent.
    pub note: u64,
}

impl Outcome {
    pub(crate) fn of(counts: Counts, waivers: &[WaiverRecord], fail_on: Level, end: &End) -> Self {
        let to_mend = waivers.iter().any(|waiver| waiver.state.fails());
        if counts.broken_by_level.at_or_above(fail_on) > 0 || to_mend {
            Self::Broken
        } else if *end != End::Completed {
            Self::Incomplete
        } else if counts.held + counts.broken == 0 {
            Self::NotExercised
        } else {
            Self::Holds
        }
    }

    /// What the process ends with: 0 holds, 1 broken, 3 incomplete, 4 not exercised. 2 is a usage error.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Broken => 1,
            Self::Incomplete => 3,
            Self::NotExercised => 4,
        }
    }
}

impl Counts {
    pub(crate) fn of(verdicts: &Verdicts, is_waived: impl Fn(&Verdict) -> bool) -> Self {
        let mut counts = Self::default();
        for verdict in &verdicts.verdicts {
            match verdict.state {
                State::Held => counts.held += 1,
                State::NotExercised => counts.not_exercised += 1,
                State::Undecided => counts.undecided += 1,
                State::Broken if is_waived(verdict) => {
                    counts.broken += 1;
                    counts.waived += 1;
                }
                State::Broken => {
                    counts.broken += 1;
                    *counts.broken_by_level.of_mut(verdict.requirement.requirement().level) += 1;
                }
            }
        }
        counts
    }
}

impl LevelCounts {
    /// The number of one level.
    pub fn of(&self, level: Level) -> u64 {
        match level {
            Level::Must => self.must,
            Level::Should => self.should,
            Level::Note => self.note,
        }
    }

    /// The levels with their numbers, the most binding first.
    pub fn descending(&self) -> [(Level, u64); 3] {
        [Level::Must, Level::Should, Level::Note].map(|level| (level, self.of(level)))
    }

    fn of_mut(&mut self, level: Level) -> &mut u64 {
        match level {
            Level::Must => &mut self.must,
            Level::Should => &mut self.should,
            Level::Note => &mut self.note,
        }
    }

    fn at_or_above(&self, fail_on: Level) -> u64 {
        self.descending()
            .iter()
            .filter(|(level, _)| *level >= fail_on)
            .map(|(_, count)| count)
            .sum()
    }
}

impl From<Option<&RunEnd>> for End {
    fn from(end: Option<&RunEnd>) -> Self {
        match end {
            Some(RunEnd::Completed) => Self::Completed,
            Some(RunEnd::Interrupted) => Self::Interrupted,
            Some(RunEnd::Aborted { reason }) => Self::Aborted { reason: reason.clone() },
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::Verdict;
    use hearback_history::History;

    use super::*;
    use crate::fixtures;
    use crate::record::RunRecord;

    fn record(end: Option<RunEnd>, fail_on: Level, verdicts: &[Verdict]) -> RunRecord {
        let history = History { end, ..History::default() };
        RunRecord::new(&history, &Verdicts { verdicts: verdicts.to_vec() }, fail_on)
    }

    #[test]
    fn the_exit_code_follows_from_level_end_and_what_was_exercised() {
        let done = || Some(RunEnd::Completed);
        let held = fixtures::verdict("message/send", State::Held);
        let broken = fixtures::verdict("message/unique-id", State::Broken);
        let below = fixtures::verdict("page/walk-while-writing", State::Broken);
        let unknown = fixtures::verdict("room/archive", State::Undecided);
        let cases: &[(Option<RunEnd>, Level, &[Verdict], u8)] = &[
            (done(), Level::Must, std::slice::from_ref(&held), 0),
            (done(), Level::Must, &[held.clone(), below.clone()], 0),
            (done(), Level::Should, &[held.clone(), below.clone()], 1),
            (done(), Level::Must, &[held.clone(), broken.clone()], 1),
            (done(), Level::Must, &[unknown], 4),
            (done(), Level::Must, &[], 4),
            (None, Level::Must, std::slice::from_ref(&held), 3),
            (Some(RunEnd::Interrupted), Level::Must, &[], 3),
            (Some(RunEnd::Interrupted), Level::Must, &[below], 3),
            // Broken wins over incomplete: what was seen was seen.
            (
                Some(RunEnd::Aborted { reason: "gone".into() }),
                Level::Must,
                &[held.clone(), broken],
                1,
            ),
        ];
        for (end, fail_on, verdicts, exit_code) in cases {
            let record = record(end.clone(), *fail_on, verdicts);
            assert_eq!(record.exit_code(), *exit_code, "{end:?} {fail_on} {verdicts:?}");
        }
    }
}
