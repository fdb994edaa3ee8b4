//! Coverage: which requirements were tested, and which *must* was not although the user did not choose so.

use hearback_checker::{Reason, State};
use serde::{Deserialize, Serialize};

use crate::requirement::RequirementResult;

/// Maximum number of requirements on the way to the reason of a reason.
const LONGEST_CHAIN: usize = 16;

/// The number of requirements that were tested, and the reasons for those that make a run incomplete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Number of requirements that are held or broken, or of which a violation was not reproduced.
    pub tested: u64,
    /// Number of selected requirements.
    pub selected: u64,
    /// Reasons for which a selected *must* is untested that neither the user nor the gate accepts; the one with the
    /// most requirements first.
    pub untested: Vec<Untested>,
}

/// Requirements that are untested for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untested {
    /// The reason: not that another requirement is untested, but why that one is.
    pub reason: Reason,
    /// The remedy, if the reason does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Ids of the requirements, in the order of the table.
    pub requirements: Vec<String>,
}

impl Coverage {
    /// The coverage of a run; `is_accepted` returns whether a requirement may be untested for a reason.
    pub(crate) fn of(
        requirements: &[&RequirementResult],
        is_accepted: impl Fn(&RequirementResult, &Reason) -> bool,
    ) -> Self {
        let mut coverage = Self::default();
        for requirement in requirements {
            coverage.selected += 1;
            if is_tested(requirement) {
                coverage.tested += 1;
                continue;
            }
            // A violation that was not reproduced was observed all the same.
            coverage.tested += u64::from(!requirement.findings.is_empty());
            let reason = root(requirement, requirements);
            if is_accepted(requirement, &reason) {
                continue;
            }
            let known = coverage.untested.iter_mut().find(|group| group.reason == reason);
            match known {
                Some(group) => group.requirements.push(requirement.id.clone()),
                None => coverage.untested.push(Untested {
                    remedy: reason.remedy(),
                    reason,
                    requirements: vec![requirement.id.clone()],
                }),
            }
        }
        coverage.untested.sort_by_key(|group| std::cmp::Reverse(group.requirements.len()));
        coverage
    }

    /// Returns whether a *must* is untested although the user did not choose so.
    pub fn is_incomplete(&self) -> bool {
        !self.untested.is_empty()
    }

    /// Number of requirements that make the run incomplete.
    pub fn untested_count(&self) -> u64 {
        self.untested.iter().map(|group| group.requirements.len() as u64).sum()
    }

    /// Returns whether a requirement makes the run incomplete.
    pub fn is_untested(&self, requirement: &str) -> bool {
        self.untested.iter().flat_map(|group| &group.requirements).any(|id| id == requirement)
    }
}

fn is_tested(requirement: &RequirementResult) -> bool {
    matches!(requirement.state, State::Held | State::Broken)
}

/// The reason why a requirement is untested; where it depends on another untested one, the reason of that.
fn root(requirement: &RequirementResult, all: &[&RequirementResult]) -> Reason {
    let mut reason = requirement.reason.clone().unwrap_or(Reason::NothingObserved);
    for _ in 0..LONGEST_CHAIN {
        let (Reason::DependsOn(other) | Reason::Violates(other)) = &reason else { break };
        let other = all.iter().find(|result| result.id == other.as_str());
        match other.filter(|other| !is_tested(other)).and_then(|other| other.reason.clone()) {
            Some(next) => reason = next,
            None => break,
        }
    }
    reason
}

#[cfg(test)]
mod tests {
    use hearback_checker::Verdict;
    use hearback_contract::{Level, Operation, RequirementId};
    use hearback_history::Fixture;

    use super::*;
    use crate::fixtures::{self, history_of};
    use crate::gate::Gate;
    use crate::outcome::Outcome;
    use crate::results::Results;

    fn untested(id: &str, reason: Reason) -> Verdict {
        Verdict { reason: Some(reason), ..fixtures::verdict(id, State::NotExercised) }
    }

    fn results(gate: Gate, others: &[Verdict]) -> Results {
        let held = fixtures::verdict("message/send", State::Held);
        let verdicts = std::iter::once(held).chain(others.iter().cloned());
        Results::new(&history_of(""), &verdicts.collect(), gate)
    }

    #[test]
    fn a_must_that_is_untested_makes_the_run_incomplete_unless_the_user_chose_so() {
        let silent = Reason::Unanswered(Operation::MessagesEdit);
        let cases = [
            (untested("message/edit-content", silent.clone()), Outcome::Incomplete),
            (
                untested("message/edit-content", Reason::MissingFixture(Fixture::Task)),
                Outcome::Holds,
            ),
            (untested("message/edit-content", Reason::NotPlanned), Outcome::Holds),
            // Only a must counts.
            (untested("page/walk-while-writing", silent), Outcome::Holds),
        ];
        for (verdict, outcome) in cases {
            assert_eq!(
                results(Level::Must.into(), std::slice::from_ref(&verdict)).outcome,
                outcome,
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn a_broken_must_outweighs_an_untested_one() {
        let broken = fixtures::verdict("message/unique-id", State::Broken);
        let results = results(
            Level::Must.into(),
            &[untested("message/edit-content", Reason::Throttled), broken],
        );
        assert_eq!(results.outcome, Outcome::Broken);
        assert!(results.coverage.is_untested("message/edit-content"));
    }

    #[test]
    fn the_gate_accepts_named_requirements_only() {
        let may_be_untested = vec![RequirementId::MessageEditContent];
        let gate = || Gate { may_be_untested: may_be_untested.clone(), ..Level::Must.into() };
        let archive = untested("message/edit-content", Reason::Throttled);
        assert_eq!(results(gate(), std::slice::from_ref(&archive)).outcome, Outcome::Holds);
        let others = [archive, untested("room/leave", Reason::Throttled)];
        let results = results(gate(), &others);
        assert_eq!(results.outcome, Outcome::Incomplete);
        assert_eq!(results.coverage.untested[0].requirements, ["room/leave"]);
    }

    #[test]
    fn requirements_are_grouped_by_the_reason_at_the_root() {
        let results = results(
            Level::Must.into(),
            &[
                untested("message/edit-content", Reason::TooFewAccounts(2)),
                untested("room/leave", Reason::DependsOn(RequirementId::MessageEditContent)),
                untested("message/sender", Reason::Throttled),
            ],
        );
        let Coverage { tested, selected, untested } = &results.coverage;
        assert_eq!((*tested, *selected), (1, 4));
        let groups: Vec<_> = untested
            .iter()
            .map(|group| (group.reason.to_string(), group.requirements.len()))
            .collect();
        assert_eq!(
            groups,
            [
                ("needs 2 accounts".to_owned(), 2),
                ("the target throttled the requests".to_owned(), 1)
            ]
        );
    }
}
