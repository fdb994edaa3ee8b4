//! Collecting a rule's observations and violations.

use hearback_contract::RequirementId;
use hearback_history::History;
use indexmap::IndexMap;
use indexmap::map::Entry;

use crate::model::Model;
use crate::reason::Reason;
use crate::scope::Places;
use crate::verdict::{State, Verdict};
use crate::violation::{Variant, Violation};

/// The observations and violations of one rule so far.
#[derive(Debug, Default)]
pub struct RuleContext<'h> {
    observations: u64,
    violations: IndexMap<String, Variant<'h>>,
    inconclusive: Option<Reason>,
    /// The reason why the requirement could not be observed.
    unobservable: Option<Reason>,
    /// The requirement that is checked.
    requirement: Option<RequirementId>,
    /// The history that is checked; `None` if stalls during it do not matter.
    history: Option<&'h History>,
    /// True if reads show violations of the history.
    is_shown_by_reads: bool,
    /// True if reads of the history show writes late.
    are_reads_late: bool,
}

impl<'h> RuleContext<'h> {
    /// No observations yet of `history`.
    pub(crate) fn of(requirement: RequirementId, history: &'h History) -> Self {
        // What one observation proves does not depend on its time.
        let is_conclusive = requirement.requirement().conclusive.is_some();
        let history = (!is_conclusive).then_some(history);
        Self { requirement: Some(requirement), history, ..Self::default() }
    }

    /// No observations yet of a history whose reads show writes late.
    pub(crate) fn of_late_reads(requirement: RequirementId, history: &'h History) -> Self {
        Self { are_reads_late: true, ..Self::of(requirement, history) }
    }

    /// Returns whether reads show violations, which are undecided if reads show writes late.
    pub(crate) fn is_shown_by_reads(&self) -> bool {
        self.is_shown_by_reads
    }

    /// The requirement that is checked.
    pub(crate) fn requirement(&self) -> Option<RequirementId> {
        self.requirement
    }

    /// Counts an observation that satisfies the requirement.
    pub fn held(&mut self) {
        self.observations += 1;
    }

    /// Counts an observation; `violation` is called if it violates the requirement.
    ///
    /// A violation during a stall of hearback is undecided: what is missing or late may have been on time. So is one that
    /// a read shows, if reads show writes late and hearback noticed it too late to wait.
    pub fn check(&mut self, holds: bool, violation: impl FnOnce() -> Violation<'h>) {
        let violation = (!holds).then(violation);
        if let (Some(history), Some(violation)) = (self.history, &violation) {
            if violation.is_stalled(history) {
                self.inconclusive(Reason::Stalled);
                return;
            }
            if violation.is_shown_by_read() {
                self.is_shown_by_reads = true;
                if self.are_reads_late {
                    self.inconclusive(Reason::LateReads);
                    return;
                }
            }
        }
        self.observations += 1;
        if let Some(violation) = violation {
            // The strongest violation of a variant is kept, others are counted.
            match self.violations.entry(violation.variant.clone()) {
                Entry::Occupied(known) => known.into_mut().add(violation),
                Entry::Vacant(new) => {
                    new.insert(Variant::new(violation));
                }
            }
        }
    }

    /// Counts the expectations that scenarios tied to `requirement` as observations.
    pub(crate) fn take_expectations(&mut self, requirement: RequirementId, history: &'h History) {
        let all = history.expectations.iter();
        for expectation in all.filter(|all| all.result.requirement == Some(requirement)) {
            let expected = &expectation.result;
            self.check(expected.holds, || {
                let variant = format!("{}: {}", expected.location, expected.subject);
                let actual = expected.actual.as_deref().unwrap_or("nothing");
                Violation::new(variant, expected.expected.as_str(), actual).evidence(expectation)
            });
        }
    }

    /// Records the reason why an observation could not be decided.
    pub fn inconclusive(&mut self, reason: Reason) {
        if self.inconclusive.is_none() {
            self.inconclusive = Some(reason);
        }
    }

    /// Records the reason why the requirement could not be observed; an observation outweighs it.
    pub fn unobservable(&mut self, reason: Reason) {
        if self.unobservable.is_none() {
            self.unobservable = Some(reason);
        }
    }

    /// The verdict, before the requirements that it depends on are taken into account.
    pub(crate) fn verdict(
        self,
        requirement: RequirementId,
        history: &History,
        model: &Model<'h>,
    ) -> Verdict {
        let planned = history.planned.as_ref();
        let is_planned = planned.is_none_or(|planned| planned.contains(&requirement));
        let (state, reason) = if !self.violations.is_empty() {
            (State::Broken, None)
        } else if self.observations > 0 {
            (State::Held, None)
        } else if let Some(reason) = self.inconclusive {
            let cause = Some(reason.is_symptom()).filter(|is_symptom| *is_symptom);
            let cause = cause.and_then(|_| reported(requirement, history));
            let cause = cause.filter(|cause| !cause.is_symptom());
            // Nothing better was to be expected of random steps.
            let unplanned = Some(Reason::NotPlanned).filter(|_| !is_planned && reason.is_symptom());
            (State::Undecided, Some(cause.or(unplanned).unwrap_or(reason)))
        } else {
            // What the history shows explains more than a scenario that did not run.
            let known = self.unobservable.or_else(|| reported(requirement, history));
            let reason = known.unwrap_or(match is_planned {
                true => Reason::NothingObserved,
                false => Reason::NotPlanned,
            });
            (State::NotExercised, Some(reason))
        };
        let mut places = Places::new(model);
        let findings =
            self.violations.into_values().map(|variant| variant.finding(&mut places)).collect();
        Verdict { requirement, state, observations: self.observations, findings, reason }
    }
}

/// The reason that scenarios reported for a requirement that they did not exercise, the one that explains most.
fn reported(requirement: RequirementId, history: &History) -> Option<Reason> {
    let all = history.not_exercised.iter().filter(|(id, _)| *id == requirement);
    all.map(|(_, obstacle)| Reason::from(obstacle)).min_by_key(Reason::precedence)
}
