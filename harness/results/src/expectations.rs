//! Expectations of scenarios that belong to no requirement.

use hearback_history::{ExpectationResult, History, Nanoseconds};
use serde::{Deserialize, Serialize};

/// The expectations that scenarios state for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectations {
    /// Number of expectations that hold.
    pub held: u64,
    /// Those that do not hold, which fail the run.
    pub failed: Vec<FailedExpectation>,
    /// Those that hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<PassedExpectation>,
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
    /// Time since the expectation before it, or since the scenario began, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
}

/// An expectation that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedExpectation {
    /// Name of the scenario.
    pub scenario: String,
    /// File and line of the step.
    pub location: String,
    /// The value checked: actor, operation or event, and the path of a member.
    pub subject: String,
    /// Time since the expectation before it, or since the scenario began, in milliseconds.
    pub duration_ms: u64,
}

impl Expectations {
    pub(crate) fn of(history: &History) -> Self {
        let mut expectations = Self::default();
        for (position, recorded) in history.expectations.iter().enumerate() {
            let result = &recorded.result;
            // The others are observations of their requirement, or say nothing about the target.
            let is_stalled = !result.holds && history.is_stalled(&result.scenario);
            if result.requirement.is_some() || is_stalled {
                continue;
            }
            let earlier = history.expectations[..position].iter().rev();
            let before = earlier.map(|it| (&it.result.scenario, it.at));
            let began = history.scenario_times.iter().map(|it| (&it.scenario, it.began));
            let since = before.chain(began).find(|(scenario, _)| **scenario == result.scenario);
            let since = since.map_or(recorded.at, |(_, at)| at);
            expectations.add(result, recorded.at - since);
        }
        expectations
    }

    fn add(&mut self, result: &ExpectationResult, duration: Nanoseconds) {
        let duration_ms = duration.as_millis();
        let scenario = result.scenario.to_string();
        let (location, subject) = (result.location.clone(), result.subject.clone());
        if result.holds {
            self.held += 1;
            self.passed.push(PassedExpectation { scenario, location, subject, duration_ms });
        } else {
            self.failed.push(FailedExpectation {
                scenario,
                step: result.step.clone(),
                location,
                subject,
                expected: result.expected.clone(),
                actual: result.actual.clone(),
                duration_ms,
            });
        }
    }

    /// Returns whether no expectation was checked.
    pub fn is_empty(&self) -> bool {
        self.held == 0 && self.failed.is_empty()
    }

    pub(crate) fn merge(&mut self, part: Self) {
        self.held += part.held;
        self.failed.extend(part.failed);
        self.passed.extend(part.passed);
    }
}
