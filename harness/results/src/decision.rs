//! Deciding the outcome of a run from its results.

use std::collections::HashSet;

use hearback_checker::Reason;
use hearback_contract::Level;

use crate::coverage::Coverage;
use crate::gate::FlakyFindings;
use crate::group;
use crate::outcome::{Counts, Outcome};
use crate::readings::Pin;
use crate::results::{Results, StoppedScenario};
use crate::shards::Shards;

impl Results {
    /// Counts the requirements, and decides the outcome. What is broken outweighs what is missing: its evidence
    /// remains valid.
    pub(crate) fn decide(&mut self) {
        self.groups = group::groups(&self.violated());
        self.counts = Counts::of(self.requirements(), self.flaky);
        let is_broken = self.is_broken();
        let requirements: Vec<_> = self.requirements().collect();
        let excused: HashSet<_> =
            requirements.iter().filter(|it| it.is_excused()).map(|it| it.id.as_str()).collect();
        self.coverage = Coverage::of(&requirements, |requirement, reason| {
            let is_accepted = match reason {
                Reason::NotReproduced(_) => {
                    requirement.known
                        || self.flaky == FlakyFindings::Warn
                        || requirement.level < self.fail_on
                }
                // The failures for which the run stopped may have been accepted later.
                Reason::FailureLimit if !is_broken => false,
                // Accepting a deviation accepts what cannot be tested because of it.
                Reason::DependsOn(other) | Reason::Violates(other)
                    if excused.contains(other.as_str()) =>
                {
                    true
                }
                _ => requirement.level < Level::Must || reason.is_chosen(),
            };
            is_accepted
                || self.may_be_untested.contains(&requirement.id)
                || self.accepted_untested.contains(&requirement.id)
        });
        self.outcome = if is_broken {
            Outcome::Broken
        } else if !self.is_complete() {
            Outcome::Unfinished
        } else if self.is_untested() {
            Outcome::Incomplete
        } else {
            Outcome::Holds
        };
    }

    fn is_broken(&self) -> bool {
        self.requirements().any(|requirement| self.is_failure(requirement))
            || !self.expectations.failed.is_empty()
            || self.waivers.iter().any(|waiver| waiver.state.fails())
            || self.pins(Pin::Changed) > 0
            || self.traffic.exceeds(self.max_gateway_errors)
    }

    /// Returns whether the target stopped a scenario other than by a deviation that is waived or known.
    pub fn is_unexcused(&self, stopped: &StoppedScenario) -> bool {
        let excused = self.requirements().filter(|it| it.is_excused());
        let mut excused = excused.flat_map(|it| &it.findings);
        stopped.is_by_target()
            && !self.stopped_before.contains(&stopped.scenario)
            && !excused.any(|finding| finding.scope.scenarios.contains(&stopped.scenario))
    }

    fn is_untested(&self) -> bool {
        self.coverage.is_incomplete()
            || self.needs_pinned && self.pins(Pin::Unobserved) > 0
            || self.stopped_scenarios.iter().any(|stopped| self.is_unexcused(stopped))
            || self.coverage.tested == 0
                && self.expectations.is_empty()
                && !self.shards.as_ref().is_some_and(Shards::is_partial)
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::{Finding, Scope, State, Verdict};
    use hearback_config::{Document, Excerpt};
    use hearback_contract::Level;
    use hearback_history::{History, Obstacle, RunEnd};

    use super::*;
    use crate::fixtures::{self, expectation};
    use crate::gate::Gate;
    use crate::waiver;

    fn results(end: Option<RunEnd>, fail_on: Level, verdicts: &[Verdict]) -> Results {
        let history = History { end, ..History::default() };
        Results::new(&history, &verdicts.iter().cloned().collect(), fail_on)
    }

    #[test]
    fn level_end_and_coverage_decide_the_exit_status() {
        let done = || Some(RunEnd::Completed);
        let held = fixtures::verdict("message/send", State::Held);
        let broken = fixtures::verdict("message/unique-id", State::Broken);
        let below = fixtures::verdict("page/walk-while-writing", State::Broken);
        let unknown = fixtures::verdict("room/archive", State::Undecided);
        let cases: &[(Option<RunEnd>, Level, &[Verdict], u8)] = &[
            (done(), Level::Must, std::slice::from_ref(&held), 0),
            (done(), Level::Must, &[held.clone(), below.clone()], 0),
            (done(), Level::Should, &[held.clone(), below.clone()], 1),
            (done(), Level::Must, &[held.clone(), broken.clone()], 1),
            (done(), Level::Must, &[unknown], 4),
            (done(), Level::Must, &[], 4),
            (None, Level::Must, std::slice::from_ref(&held), 3),
            (Some(RunEnd::Interrupted), Level::Must, &[], 3),
            (Some(RunEnd::Interrupted), Level::Must, &[below], 3),
            // A broken requirement outweighs an incomplete run: the evidence remains valid.
            (
                Some(RunEnd::Aborted { reason: "gone".into() }),
                Level::Must,
                &[held.clone(), broken],
                1,
            ),
        ];
        for (end, fail_on, verdicts, exit_code) in cases {
            let results = results(end.clone(), *fail_on, verdicts);
            assert_eq!(results.exit_status().code(), *exit_code, "{end:?} {fail_on} {verdicts:?}");
        }
    }

    #[test]
    fn expectations_of_scenarios_decide_like_requirements() {
        let outcome = |expectation, state| {
            let history = History { expectations: vec![expectation], ..fixtures::history_of("") };
            let verdicts = [fixtures::verdict("message/send", state)];
            Results::new(&history, &verdicts.into_iter().collect(), Level::Must).outcome
        };
        assert_eq!(outcome(expectation(false, None), State::Held), Outcome::Broken);
        assert_eq!(outcome(expectation(true, None), State::Held), Outcome::Holds);
        // The level of the requirement decides, not the expectation.
        assert_eq!(outcome(expectation(false, Some("message/send")), State::Held), Outcome::Holds);
        let history =
            History { expectations: vec![expectation(true, None)], ..fixtures::history_of("") };
        let results = Results::new(&history, &[].into_iter().collect(), Level::Must);
        assert_eq!(results.outcome, Outcome::Holds, "expectations are all that was to be tested");
    }

    #[test]
    fn a_waiver_excuses_what_depends_on_the_deviation() {
        let outcome = |waiver: &str| {
            let mut broken = fixtures::verdict("room/create-group", State::Broken);
            let scope = Scope { scenarios: ["b".into()].into(), ..Scope::default() };
            let variant = "rooms.create".to_owned();
            broken.findings = vec![Finding { variant, count: 1, scope, ..Finding::default() }];
            let mut dependent = fixtures::verdict("room/archive", State::Undecided);
            dependent.reason = Some(Reason::DependsOn(broken.requirement));
            let held = fixtures::verdict("message/send", State::Held);
            let history = History {
                aborted_scenarios: vec![("b".into(), "step 3: no room".to_owned())],
                ..fixtures::history_of("")
            };
            let document = Document::new("waivers.toml", waiver, Excerpt::Full);
            let waivers = waiver::parse(&document).unwrap();
            let gate = Gate { waivers, ..Level::Must.into() };
            Results::new(&history, &[broken, dependent, held].into_iter().collect(), gate).outcome
        };
        assert_eq!(outcome(""), Outcome::Broken);
        let waiver = "[[waiver]]\nrequirement = \"room/create-group\"\nreason = \"known\"\n";
        assert_eq!(outcome(waiver), Outcome::Holds);
    }

    #[test]
    fn a_run_that_stopped_for_failures_passes_only_if_they_fail() {
        let outcome = |state| {
            let mut unstarted = fixtures::verdict("room/archive", State::NotExercised);
            unstarted.reason = Some(Reason::FailureLimit);
            let verdicts = [fixtures::verdict("message/send", state), unstarted];
            let verdicts = verdicts.into_iter().collect();
            let results = Results::new(&fixtures::history_of(""), &verdicts, Level::Must);
            (results.outcome, results.coverage.is_incomplete())
        };
        assert_eq!(outcome(State::Broken), (Outcome::Broken, false));
        assert_eq!(outcome(State::Held), (Outcome::Incomplete, true));
    }

    #[test]
    fn a_scenario_that_the_target_stopped_makes_the_run_incomplete() {
        let outcome = |obstacle: Option<Obstacle>| {
            let history = History {
                aborted_scenarios: vec![(
                    "b".into(),
                    "step 3: socket `bob` is not open".to_owned(),
                )],
                impediments: obstacle.map(|obstacle| ("b".into(), obstacle)).into_iter().collect(),
                ..fixtures::history_of("")
            };
            let verdicts = [fixtures::verdict("message/send", State::Held)];
            Results::new(&history, &verdicts.into_iter().collect(), Level::Must).outcome
        };
        assert_eq!(outcome(None), Outcome::Incomplete);
        assert_eq!(outcome(Some(Obstacle::SocketClosed(Some(1011)))), Outcome::Incomplete);
        assert_eq!(outcome(Some(Obstacle::Throttled)), Outcome::Holds);
    }
}
