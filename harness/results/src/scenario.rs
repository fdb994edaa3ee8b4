//! The outcome of each scenario, as `scenario run` reports it.

use hearback_checker::{State, Verdicts};
use hearback_contract::RequirementId;
use hearback_history::{History, ScenarioName};

/// The outcome of one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScenarioOutcome<'h> {
    /// Every expectation held.
    Passed,
    /// An expectation did not hold.
    Failed,
    /// A step could not be run, for this reason.
    Stopped(&'h str),
    /// The target or the accounts do not provide what the scenario needs, which is this.
    Skipped(&'h str),
    /// The run ended before the scenario started.
    NotReached,
}

impl<'h> ScenarioOutcome<'h> {
    /// The outcome of a scenario in a history.
    pub fn of(name: &ScenarioName, history: &'h History) -> Self {
        let reason = |list: &'h [(ScenarioName, String)]| {
            list.iter().find(|(scenario, _)| scenario == name).map(|(_, reason)| reason.as_str())
        };
        let mut results = history.expectations.iter().map(|expectation| &expectation.result);
        if results.any(|result| result.scenario == *name && !result.holds) {
            Self::Failed
        } else if let Some(reason) = reason(&history.aborted_scenarios) {
            Self::Stopped(reason)
        } else if let Some(reason) = reason(&history.skipped_scenarios) {
            Self::Skipped(reason)
        } else if history.scenarios.contains(name) {
            Self::Passed
        } else {
            Self::NotReached
        }
    }

    /// The outcome in a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Stopped(_) => "stopped",
            Self::Skipped(_) => "skipped",
            Self::NotReached => "not run",
        }
    }
}

/// The verdicts that a run of scenarios reports: on the requirements that they cover, and on others that were
/// exercised.
pub fn reported(mut verdicts: Verdicts, covered: &[RequirementId]) -> Verdicts {
    verdicts.verdicts.retain(|verdict| {
        covered.contains(&verdict.requirement)
            || matches!(verdict.state, State::Held | State::Broken)
    });
    verdicts
}

#[cfg(test)]
mod tests {
    use hearback_history::RecordedExpectation;

    use super::*;
    use crate::fixtures::{self, expectation};

    fn history(expectations: Vec<RecordedExpectation>) -> History {
        History {
            scenarios: vec!["a".into()],
            aborted_scenarios: vec![("b".into(), "gone".to_owned())],
            skipped_scenarios: vec![("c".into(), "a third account".to_owned())],
            expectations,
            ..fixtures::history_of("")
        }
    }

    #[test]
    fn scenarios_have_the_outcome_of_their_expectations_and_end() {
        let outcome = |name: &str, holds| {
            let history = history(vec![expectation(holds, None)]);
            ScenarioOutcome::of(&name.into(), &history).as_str()
        };
        assert_eq!((outcome("a", true), outcome("a", false)), ("passed", "failed"));
        assert_eq!(outcome("b", true), "stopped");
        assert_eq!(outcome("c", true), "skipped");
        assert_eq!(outcome("d", true), "not run");
    }
}
