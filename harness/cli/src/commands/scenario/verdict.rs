//! The outcome of each scenario.

use hearback_checker::{State, Verdicts};
use hearback_history::{History, RunEnd, ScenarioName};
use hearback_reports::Style;
use hearback_reports::shown;
use hearback_results::ExitStatus;
use hearback_scenarios::Scenario;

/// The outcome of one scenario.
enum Outcome<'h> {
    /// Every expectation held.
    Passed,
    /// An expectation did not hold.
    Failed,
    /// A step could not be run.
    Stopped(&'h str),
    /// The target or the accounts do not provide what the scenario needs.
    LeftOut(&'h str),
    /// The run ended before the scenario started.
    NotReached,
}

impl Outcome<'_> {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Stopped(_) => "stopped",
            Self::LeftOut(_) => "left out",
            Self::NotReached => "not run",
        }
    }
}

fn outcome<'h>(name: &ScenarioName, history: &'h History) -> Outcome<'h> {
    let reason = |list: &'h [(ScenarioName, String)]| {
        list.iter().find(|(scenario, _)| scenario == name).map(|(_, reason)| reason.as_str())
    };
    let mut expected = history.expectations.iter().map(|expectation| &expectation.result);
    if expected.any(|expected| expected.scenario == *name && !expected.holds) {
        Outcome::Failed
    } else if let Some(reason) = reason(&history.aborted_scenarios) {
        Outcome::Stopped(reason)
    } else if let Some(reason) = reason(&history.skipped_scenarios) {
        Outcome::LeftOut(reason)
    } else if history.scenarios.contains(name) {
        Outcome::Passed
    } else {
        Outcome::NotReached
    }
}

/// A line for each scenario, its failed expectations, and the number of requirements that held.
pub(super) fn render(
    scenarios: &[Scenario],
    history: &History,
    verdicts: &Verdicts,
    style: Style,
) -> String {
    let mut text = String::new();
    for scenario in scenarios {
        let expected = || {
            let all = history.expectations.iter().map(|expectation| &expectation.result);
            all.filter(|expected| expected.scenario == scenario.name)
        };
        let outcome = outcome(&scenario.name, history);
        let word = format!("{:8}", outcome.word());
        let word = match (&outcome, style.color) {
            (_, false) => word,
            (Outcome::Passed, true) => format!("\x1b[32m{word}\x1b[0m"),
            (Outcome::Failed, true) => format!("\x1b[31m{word}\x1b[0m"),
            (_, true) => format!("\x1b[33m{word}\x1b[0m"),
        };
        let detail = match outcome {
            Outcome::Stopped(reason) | Outcome::LeftOut(reason) => {
                format!(": {}", shown(reason))
            }
            Outcome::Passed if expected().next().is_none() => String::new(),
            Outcome::Passed | Outcome::Failed => {
                let holding = expected().filter(|expected| expected.holds).count();
                format!(" ({holding} of {} expectations hold)", expected().count())
            }
            Outcome::NotReached => String::new(),
        };
        text.push_str(&format!("{word}  {}{detail}\n", shown(scenario.name.as_str())));
        for expected in expected().filter(|expected| !expected.holds) {
            let actual = expected.actual.as_deref().unwrap_or("nothing");
            text.push_str(&format!(
                "          {}, step {}: {}\n            expected  {}\n            actual    {}\n",
                shown(&expected.location),
                expected.step,
                shown(&expected.subject),
                shown(&expected.expected),
                shown(actual),
            ));
        }
    }
    let held = verdicts.in_state(State::Held).count();
    let broken = verdicts.in_state(State::Broken).count();
    text.push_str(&format!("Requirements: {held} held, {broken} broken\n"));
    text
}

/// The exit status, from the requirements and from expectations that belong to no requirement.
pub(super) fn exit_status(
    scenarios: &[Scenario],
    history: &History,
    requirements: ExitStatus,
) -> ExitStatus {
    let mut outcomes = scenarios.iter().map(|scenario| outcome(&scenario.name, history));
    // Expectations of a requirement count there, by the requirement's level.
    let own = history
        .expectations
        .iter()
        .map(|expectation| &expectation.result)
        .filter(|expected| expected.requirement.is_none());
    if requirements == ExitStatus::Failed || own.clone().any(|expected| !expected.holds) {
        ExitStatus::Failed
    } else if history.end != Some(RunEnd::Completed)
        || outcomes.any(|outcome| matches!(outcome, Outcome::Stopped(_) | Outcome::NotReached))
    {
        ExitStatus::Incomplete
    } else if own.count() > 0 {
        ExitStatus::Passed
    } else {
        requirements
    }
}
