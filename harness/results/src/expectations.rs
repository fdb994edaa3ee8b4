//! Expectations of scenarios that belong to no requirement.

use hearback_history::{ExpectationResult, History};
use serde::{Deserialize, Serialize};

/// The expectations that scenarios state for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectations {
    /// Number of expectations that hold.
    pub held: u64,
    /// Those that do not hold, which fail the run.
    pub failed: Vec<FailedExpectation>,
}

/// An expectation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedExpectation {
    /// Name of the scenario.
    pub scenario: String,
    /// Number of the step in its file.
    pub step: String,
    /// File and line of the step.
    pub location: String,
    /// The value checked: actor, operation or event, and the path of a member.
    pub subject: String,
    /// The expected value, in words.
    pub expected: String,
    /// The value found; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

impl Expectations {
    pub(crate) fn of(history: &History) -> Self {
        let mut expectations = Self::default();
        let all = history.expectations.iter().map(|expectation| &expectation.result);
        // The others are observations of their requirement.
        for result in all.filter(|result| result.requirement.is_none()) {
            match result.holds {
                true => expectations.held += 1,
                false => expectations.failed.push(result.into()),
            }
        }
        expectations
    }

    /// Returns whether no expectation was checked.
    pub fn is_empty(&self) -> bool {
        self.held == 0 && self.failed.is_empty()
    }

    pub(crate) fn merge(&mut self, part: Self) {
        self.held += part.held;
        self.failed.extend(part.failed);
    }
}

impl From<&ExpectationResult> for FailedExpectation {
    fn from(result: &ExpectationResult) -> Self {
        Self {
            scenario: result.scenario.to_string(),
            step: result.step.clone(),
            location: result.location.clone(),
            subject: result.subject.clone(),
            expected: result.expected.clone(),
            actual: result.actual.clone(),
        }
    }
}
