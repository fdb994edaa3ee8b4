//! What is said of a requirement in the end.

use hearback_contract::RequirementId;
use hearback_history::Reproduction;
use serde::{Deserialize, Serialize};

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything looked at was as it should be, and something was looked at.
    Held,
    /// Something was not; see the findings.
    Broken,
    /// There was nothing to look at.
    NotExercised,
    /// There was something to look at, but it cannot be told.
    Undecided,
}

impl State {
    /// The state in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::NotExercised => "not exercised",
            Self::Undecided => "undecided",
        }
    }
}

/// One variant of a broken requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What tells this variant from others of the same requirement: the operation, the field.
    pub variant: String,
    /// What was expected.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// How often this was seen.
    pub count: u64,
    /// The scenario in which it was seen first.
    pub scenario: String,
    /// Positions in the journal of the events that show it, the first time.
    pub evidence: Vec<u64>,
    /// Lines to paste into a shell that do it again; tokens are variables.
    pub reproduce: Vec<String>,
    /// What came of bringing it about again, where that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
}

/// What is said of one requirement, and on what it rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The requirement.
    pub requirement: RequirementId,
    /// The answer.
    pub state: State,
    /// How many observations were checked; never zero when held.
    pub observations: u64,
    /// Causes, if broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why nothing can be said, if nothing can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Verdict {
    /// Takes in what is said of the same requirement after another part of the run: broken is broken,
    /// and what held once was looked at.
    pub(crate) fn merge(&mut self, part: Self) {
        let rank = |state| match state {
            State::Broken => 3,
            State::Held => 2,
            State::Undecided => 1,
            State::NotExercised => 0,
        };
        if rank(part.state) > rank(self.state) {
            self.state = part.state;
            self.reason = part.reason;
        }
        self.observations += part.observations;
        for finding in part.findings {
            match self.findings.iter_mut().find(|known| known.variant == finding.variant) {
                Some(known) => {
                    known.count += finding.count;
                    known.reproduction = known.reproduction.take().or(finding.reproduction);
                }
                None => self.findings.push(finding),
            }
        }
    }
}
