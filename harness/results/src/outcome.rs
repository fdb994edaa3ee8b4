//! The outcome of a run, and the number of requirements in each state.

use hearback_checker::State;
use hearback_contract::Level;
use hearback_history::RunEnd;
use serde::{Deserialize, Serialize};

use crate::requirement::RequirementResult;
use crate::waiver::WaiverResult;

/// The outcome of a run; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No requirement at or above the level of the gate is broken, except waived ones.
    Holds,
    /// Such a requirement is broken, whether or not the run finished, a waiver is outdated, or there were too
    /// many gateway errors.
    Broken,
    /// No requirement is held or broken.
    NotExercised,
    /// The run did not finish, and no requirement that fails it is broken.
    Incomplete,
}

/// Number of requirements by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Requirements that are held.
    pub held: u64,
    /// Requirements that are broken, of any level.
    pub broken: u64,
    /// Requirements that were not exercised.
    pub not_exercised: u64,
    /// Requirements that are undecided.
    pub undecided: u64,
    /// Broken requirements that are waived.
    pub waived: u64,
    /// Broken requirements that are not waived, by level.
    pub broken_by_level: LevelCounts,
}

/// Number of requirements by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCounts {
    /// Stated or shown by the specification.
    pub must: u64,
    /// Inferred from the specification.
    pub should: u64,
    /// Reported only.
    pub note: u64,
}

impl Outcome {
    pub(crate) fn of(
        counts: Counts,
        waivers: &[WaiverResult],
        fail_on: Level,
        exceeds_gateway_errors: bool,
        end: Option<&RunEnd>,
    ) -> Self {
        let is_outdated = waivers.iter().any(|waiver| waiver.state.fails());
        if counts.broken_by_level.at_or_above(fail_on) > 0 || is_outdated || exceeds_gateway_errors
        {
            Self::Broken
        } else if end != Some(&RunEnd::Completed) {
            Self::Incomplete
        } else if counts.held + counts.broken == 0 {
            Self::NotExercised
        } else {
            Self::Holds
        }
    }
}

impl Counts {
    pub(crate) fn of<'r>(requirements: impl Iterator<Item = &'r RequirementResult>) -> Self {
        let mut counts = Self::default();
        for requirement in requirements {
            match requirement.state {
                State::Held => counts.held += 1,
                State::NotExercised => counts.not_exercised += 1,
                State::Undecided => counts.undecided += 1,
                State::Broken if requirement.waived => {
                    counts.broken += 1;
                    counts.waived += 1;
                }
                State::Broken => {
                    counts.broken += 1;
                    *counts.broken_by_level.of_mut(requirement.level) += 1;
                }
            }
        }
        counts
    }
}

impl LevelCounts {
    /// Number of requirements of one level.
    pub fn of(&self, level: Level) -> u64 {
        match level {
            Level::Must => self.must,
            Level::Should => self.should,
            Level::Note => self.note,
        }
    }

    /// The levels with their numbers, in descending order.
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

#[cfg(test)]
mod tests {
    use hearback_checker::Verdict;
    use hearback_history::History;

    use super::*;
    use crate::fixtures;
    use crate::results::Results;

    fn results(end: Option<RunEnd>, fail_on: Level, verdicts: &[Verdict]) -> Results {
        let history = History { end, ..History::default() };
        Results::new(&history, &verdicts.iter().cloned().collect(), fail_on)
    }

    #[test]
    fn level_end_and_coverage_decide_the_exit_status() {
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
            // A broken requirement outweighs an incomplete run: the evidence remains valid.
            (
                Some(RunEnd::Aborted { reason: "gone".into() }),
                Level::Must,
                &[held.clone(), broken],
                1,
            ),
        ];
        for (end, fail_on, verdicts, exit_code) in cases {
            let results = results(end.clone(), *fail_on, verdicts);
            assert_eq!(results.exit_status().code(), *exit_code, "{end:?} {fail_on} {verdicts:?}");
        }
    }
}
