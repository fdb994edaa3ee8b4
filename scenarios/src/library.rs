//! The scenario files embedded in the binary.

use hearback_contract::RequirementId;

use crate::parser;
use crate::scenario::Scenario;
use crate::scenario_id::ScenarioId;
use crate::step::{Action, Step};

/// A commented scenario that shows the parts of the language.
pub const TEMPLATE: &str = include_str!("template.yaml");

/// The embedded files: path (`family/name.yaml`) and content.
pub fn files() -> impl Iterator<Item = (String, &'static str)> {
    ScenarioId::ALL.into_iter().map(|id| (id.file(), id.text()))
}

/// The embedded scenarios, sorted by name.
///
/// # Panics
/// If an embedded file is not a valid scenario; a test parses all of them.
pub fn embedded() -> Vec<Scenario> {
    let mut scenarios: Vec<_> = files()
        .flat_map(|(path, text)| {
            let name = path.trim_end_matches(".yaml");
            let scenarios =
                parser::parse(name, &format!("scenarios/files/{path}"), text).into_scenarios();
            scenarios.unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostics))
        })
        .collect();
    scenarios.sort_by(|left, right| left.name.cmp(&right.name));
    scenarios.iter_mut().for_each(add_custom_requirements);
    scenarios
}

/// Adds the requirements of an overlay to a scenario that calls their operations.
fn add_custom_requirements(scenario: &mut Scenario) {
    for requirement in RequirementId::all() {
        let Some(custom) = requirement.custom() else { continue };
        let calls = |step: &Step| match &step.action {
            Action::Call(call) => call.operation == custom.check.operation(),
            _ => false,
        };
        if scenario.all_steps().into_iter().any(calls) {
            scenario.requirements.push(requirement);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn titles_are_unique_and_no_scenario_is_empty() {
        let mut titles = HashSet::new();
        for scenario in embedded() {
            let variant = scenario.name.as_str().split(':').nth(1).unwrap_or_default().to_owned();
            assert!(titles.insert((scenario.title.clone(), variant)), "{}", scenario.title);
            assert!(!scenario.steps.is_empty(), "{} does nothing", scenario.name);
            assert!(!scenario.requirements.is_empty(), "{} covers nothing", scenario.name);
        }
    }

    #[test]
    fn embedded_files_and_the_template_have_no_diagnostics() {
        let template = ("template.yaml".to_owned(), TEMPLATE);
        let diagnostics: Vec<_> = files()
            .chain([template])
            .flat_map(|(path, text)| {
                let diagnostics =
                    parser::parse("x", &path, text).diagnostics.diagnostics.into_iter();
                diagnostics.map(move |it| format!("{path}:{}: {it}", it.span.line))
            })
            .collect();
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    }

    /// `check` reports requirements: an expectation without one would not appear in any report.
    #[test]
    fn every_embedded_expectation_names_a_requirement() {
        for scenario in embedded() {
            for step in scenario.all_steps() {
                let requirement = step.expectation().map(|expectation| expectation.requirement);
                assert_ne!(requirement, Some(None), "{}, step {}", scenario.name, step.number);
            }
        }
    }
}
