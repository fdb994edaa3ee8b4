//! The findings to repeat, and the scenarios that show them.

use std::collections::HashMap;

use hearback_checker::{Finding, State, Verdict, Verdicts};
use hearback_contract::{Level, Operation, RequirementId};
use hearback_history::{Repetitions, ScenarioName, Unrepeated};
use hearback_scenarios::{Action, Scenario};

/// A finding to repeat.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) requirement: RequirementId,
    pub(super) variant: String,
    /// The scenario of its first observation.
    scenario: ScenarioName,
}

/// A scenario to repeat, with the positions of the findings that it shows.
#[derive(Debug)]
pub(super) struct Repeated<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) subjects: Vec<usize>,
}

impl Subject {
    /// The findings that fail runs, and that are not conclusive by themselves.
    pub(super) fn all(verdicts: &Verdicts) -> Vec<Self> {
        let is_repeated = |requirement: RequirementId| {
            let row = requirement.requirement();
            row.level > Level::Note && row.conclusive.is_none()
        };
        let broken =
            verdicts.in_state(State::Broken).filter(|verdict| is_repeated(verdict.requirement));
        let subjects = broken.flat_map(|verdict| {
            verdict.findings.iter().map(|finding| Self {
                requirement: verdict.requirement,
                variant: finding.variant.clone(),
                scenario: finding.scenario.clone(),
            })
        });
        subjects.collect()
    }

    /// Returns whether a repetition shows the finding again; `None` if it says nothing about the requirement. A variant
    /// that the scenario did not show at first takes the place of this one.
    pub(super) fn is_shown_again(&self, first: &Verdicts, again: &Verdicts) -> Option<bool> {
        let verdict = self.verdict(again)?;
        let known = self.verdict(first).map_or(&[][..], |verdict| &verdict.findings);
        let is_other = |it: &Finding| {
            it.variant != self.variant && known.iter().any(|other| other.variant == it.variant)
        };
        match verdict.state {
            State::Broken => Some(verdict.findings.iter().any(|it| !is_other(it))),
            State::Held => Some(false),
            State::NotExercised | State::Undecided => None,
        }
    }

    /// The record of repetitions, or of the reason why there are none.
    pub(super) fn record(
        &self,
        scenario: Option<&ScenarioName>,
        (reproduced, repetitions): (u32, u32),
        obstacle: Option<Unrepeated>,
    ) -> Repetitions {
        Repetitions {
            requirement: self.requirement,
            variant: self.variant.clone(),
            scenario: scenario.unwrap_or(&self.scenario).clone(),
            reproduced,
            repetitions,
            obstacle,
        }
    }

    /// The reason why the finding cannot be repeated; `None` if one of the scenarios that show it can.
    pub(super) fn obstacle(
        &self,
        scenarios: &[Scenario],
        shown: &HashMap<ScenarioName, Verdicts>,
    ) -> Option<Unrepeated> {
        let mut showing = scenarios.iter().filter(|it| self.is_shown_in(it, shown)).peekable();
        if showing.peek().is_some() {
            return showing.all(logs_in).then_some(Unrepeated::Login);
        }
        let is_known = scenarios.iter().any(|scenario| scenario.name == self.scenario);
        Some(if is_known { Unrepeated::SeveralScenarios } else { Unrepeated::NoScenario })
    }

    /// Returns whether a scenario shows it by itself; the first one may do so in another variant.
    fn is_shown_in(&self, scenario: &Scenario, shown: &HashMap<ScenarioName, Verdicts>) -> bool {
        let verdict = shown.get(&scenario.name).and_then(|verdicts| self.verdict(verdicts));
        verdict.filter(|verdict| verdict.state == State::Broken).is_some_and(|verdict| {
            scenario.name == self.scenario
                || verdict.findings.iter().any(|finding| finding.variant == self.variant)
        })
    }

    fn verdict<'v>(&self, verdicts: &'v Verdicts) -> Option<&'v Verdict> {
        verdicts.verdicts.iter().find(|verdict| verdict.requirement == self.requirement)
    }
}

/// The scenarios that may show a finding by themselves: those of the first observations, and those that are written to
/// exercise the requirement. Deep runs have too many others to check each of them.
pub(super) fn candidates(subjects: &[Subject], scenarios: &[Scenario]) -> Vec<ScenarioName> {
    let is_candidate = |scenario: &&Scenario| {
        subjects.iter().any(|subject| {
            let covers =
                !scenario.is_random() && scenario.requirements.contains(&subject.requirement);
            covers || scenario.name == subject.scenario
        })
    };
    scenarios.iter().filter(is_candidate).map(|scenario| scenario.name.clone()).collect()
}

/// The scenarios to repeat: as few as show every finding, and of these the shortest.
pub(super) fn plan<'s>(
    subjects: &[Subject],
    scenarios: &'s [Scenario],
    shown: &HashMap<ScenarioName, Verdicts>,
) -> Vec<Repeated<'s>> {
    let mut candidates: Vec<Repeated<'_>> = scenarios
        .iter()
        .filter(|scenario| shown.contains_key(&scenario.name) && !logs_in(scenario))
        .map(|scenario| Repeated {
            scenario,
            subjects: (0..subjects.len())
                .filter(|index| subjects[*index].is_shown_in(scenario, shown))
                .collect(),
        })
        .collect();
    let mut chosen = Vec::new();
    loop {
        candidates.retain(|candidate| !candidate.subjects.is_empty());
        let rank = |candidate: &Repeated<'_>| {
            let steps = candidate.scenario.all_steps().len();
            (candidate.subjects.len(), std::cmp::Reverse(steps))
        };
        let best = (0..candidates.len()).rev().max_by_key(|index| rank(&candidates[*index]));
        let Some(best) = best else { return chosen };
        let best = candidates.swap_remove(best);
        for candidate in &mut candidates {
            candidate.subjects.retain(|index| !best.subjects.contains(index));
        }
        chosen.push(best);
    }
}

/// Returns whether a scenario calls `token.obtain`: failed logins are budgeted, and not repeated.
fn logs_in(scenario: &Scenario) -> bool {
    let mut steps = scenario.all_steps().into_iter();
    steps.any(|step| {
        matches!(&step.action, Action::Call(call) if call.operation == Operation::TokenObtain)
    })
}

#[cfg(test)]
mod tests {
    use hearback_scenarios::parse;

    use super::*;

    const LISTED: RequirementId = RequirementId::UnreadList;

    fn scenario(name: &str, steps: &str) -> Scenario {
        let text =
            format!("title: t\nrequirements: [unread/list]\nactors: [alice]\nsteps:\n{steps}");
        let parsed = parse(name, "a.yaml", &text).into_scenarios().expect("a valid scenario");
        parsed.into_iter().next().expect("one scenario")
    }

    /// Verdicts in which `LISTED` has findings of these variants; it holds if there are none.
    fn verdicts(variants: &[&str]) -> Verdicts {
        let finding = |variant: &&str| Finding {
            variant: (*variant).to_owned(),
            scenario: "first".into(),
            count: 1,
            ..Finding::default()
        };
        let findings: Vec<_> = variants.iter().map(finding).collect();
        let state = if findings.is_empty() { State::Held } else { State::Broken };
        let verdict =
            Verdict { requirement: LISTED, state, observations: 1, findings, reason: None };
        [verdict].into_iter().collect()
    }

    #[test]
    fn a_finding_is_shown_again_by_its_variant_or_a_new_one() {
        let first = verdicts(&["list", "detail"]);
        let subjects = Subject::all(&first);
        let again = |variants: &[&str]| {
            subjects[0].is_shown_again(&first, &verdicts(variants)).expect("it is exercised")
        };
        assert!(again(&["list"]) && again(&["list", "detail"]) && again(&["stats"]));
        assert!(!again(&["detail"]), "another finding, which shows by itself");
        assert!(!again(&[]));
        assert_eq!(subjects[0].is_shown_again(&first, &Verdicts::from_iter([])), None);
    }

    #[test]
    fn the_shortest_scenario_that_shows_all_findings_is_repeated() {
        const LIST: &str = "  - { alice: rooms.list }\n";
        let scenarios = [
            scenario("first", LIST),
            scenario("long", &LIST.repeat(3)),
            scenario("short", &LIST.repeat(2)),
            scenario("other", LIST),
        ];
        let subjects = Subject::all(&verdicts(&["list", "detail"]));
        let shown = |shown: &[(&str, &[&str])]| -> HashMap<ScenarioName, Verdicts> {
            shown.iter().map(|(name, variants)| ((*name).into(), verdicts(variants))).collect()
        };
        let both = ["list", "detail"];
        let all = shown(&[("long", &both), ("short", &both), ("other", &["list"])]);
        let planned = plan(&subjects, &scenarios, &all);
        assert_eq!(planned.len(), 1);
        assert_eq!(planned[0].scenario.name.as_str(), "short");

        let none = shown(&[("other", &["stats"])]);
        assert!(plan(&subjects, &scenarios, &none).is_empty());
        let obstacle = |scenarios: &[Scenario]| subjects[0].obstacle(scenarios, &none);
        assert_eq!(obstacle(&scenarios), Some(Unrepeated::SeveralScenarios));
        assert_eq!(obstacle(&scenarios[1..]), Some(Unrepeated::NoScenario));
    }

    #[test]
    fn a_scenario_that_logs_in_is_not_repeated() {
        let login = "  - { alice: token.obtain, body: { username: a, password: b } }\n";
        let scenarios = [scenario("first", login)];
        let first = verdicts(&["list"]);
        let subjects = Subject::all(&first);
        let shown = HashMap::from([(ScenarioName::from("first"), first)]);
        assert!(plan(&subjects, &scenarios, &shown).is_empty());
        assert_eq!(subjects[0].obstacle(&scenarios, &shown), Some(Unrepeated::Login));
    }
}
