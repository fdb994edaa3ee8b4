//! The outcome of each scenario.

use hearback_checker::{State, Verdicts};
use hearback_history::History;
use hearback_results::ScenarioOutcome;
use hearback_scenarios::Scenario;

use crate::shown::shown;
use crate::style::Style;

/// A line for each scenario, its failed expectations, and the number of requirements that held.
pub fn render(
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
        let outcome = ScenarioOutcome::of(&scenario.name, history);
        let word = format!("{:8}", outcome.as_str());
        let word = match (&outcome, style.color) {
            (_, false) => word,
            (ScenarioOutcome::Passed, true) => format!("\x1b[32m{word}\x1b[0m"),
            (ScenarioOutcome::Failed, true) => format!("\x1b[31m{word}\x1b[0m"),
            (_, true) => format!("\x1b[33m{word}\x1b[0m"),
        };
        let detail = match outcome {
            ScenarioOutcome::Stopped(reason) | ScenarioOutcome::Skipped(reason) => {
                format!(": {}", shown(reason))
            }
            ScenarioOutcome::Passed if expected().next().is_none() => String::new(),
            ScenarioOutcome::Passed | ScenarioOutcome::Failed => {
                let holding = expected().filter(|expected| expected.holds).count();
                format!(" ({holding} of {} expectations hold)", expected().count())
            }
            ScenarioOutcome::NotReached => String::new(),
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
