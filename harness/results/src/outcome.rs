//! The outcome of a run, and the number of requirements in each state.

use hearback_checker::State;
use hearback_contract::Level;
use serde::{Deserialize, Serialize};

use crate::gate::FlakyFindings;
use crate::requirement::RequirementResult;

/// The outcome of a run; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No requirement at or above the level of the gate is broken, except waived ones and those of the baseline.
    Holds,
    /// Such a requirement is broken, whether or not the run finished, an expectation of a scenario failed, a waiver
    /// is outdated, or there were too many gateway errors.
    Broken,
    /// Nothing is broken, but a selected *must* was not tested although the user did not choose so, the target stopped a
    /// scenario, or nothing was tested.
    Incomplete,
    /// The run did not finish, and nothing that fails it is broken.
    Unfinished,
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
    /// Broken requirements that are known from the baseline.
    #[serde(default)]
    pub known: u64,
    /// Broken requirements whose findings are all flaky, which the gate accepts.
    #[serde(default)]
    pub flaky: u64,
    /// Broken requirements that are neither waived, nor known, nor accepted as flaky, by level.
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

impl Counts {
    pub(crate) fn of<'r>(
        requirements: impl Iterator<Item = &'r RequirementResult>,
        flaky: FlakyFindings,
    ) -> Self {
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
                State::Broken if requirement.known => {
                    counts.broken += 1;
                    counts.known += 1;
                }
                State::Broken if flaky == FlakyFindings::Warn && requirement.is_flaky() => {
                    counts.broken += 1;
                    counts.flaky += 1;
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
}
