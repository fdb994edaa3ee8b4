//! Helpers for the tests of rules.

use std::sync::OnceLock;

use hearback_testkit::dsl;

use crate::model::Model;
use crate::rule::RuleInput;
use crate::rules;
use crate::verdict::{State, Verdict};

/// The verdict of one rule on a history in the DSL, without the requirements that it depends on.
pub(crate) fn verdict_of(requirement: &str, text: &str) -> Verdict {
    let history = dsl::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let model = Model::of(&history);
    let rule = rules::all()
        .find(|rule| rule.requirement.as_str() == requirement)
        .unwrap_or_else(|| panic!("no rule for {requirement}"));
    let context =
        rules::run(&rule, RuleInput { history: &history, model: &model }, &OnceLock::new());
    let requirement = requirement.parse().unwrap_or_else(|error| panic!("{error}"));
    context.verdict(requirement, &history, &model)
}

/// Asserts the states of requirements after histories in the DSL.
pub(crate) fn assert_states(cases: &[(&str, State, &str)]) {
    for (requirement, expected, text) in cases {
        let verdict = verdict_of(requirement, text);
        assert_eq!(verdict.state, *expected, "{requirement}: {verdict:#?}\n{text}");
        assert_eq!(
            verdict.state == State::Held,
            verdict.observations > 0 && verdict.findings.is_empty()
        );
    }
}

/// Asserts that the rule of `requirement` reports the `violating` history and not the `conforming`
/// one.
pub(crate) fn assert_detects(requirement: &str, violating: &str, conforming: &str) {
    assert_states(&[
        (requirement, State::Broken, violating),
        (requirement, State::Held, conforming),
    ]);
}
