//! Collecting a rule's observations and violations.

use hearback_contract::RequirementId;
use hearback_history::{Call, Connection, Frame, History, RecordedExpectation, ScenarioName};
use indexmap::IndexMap;

use crate::reason::Reason;
use crate::verdict::{Finding, State, Verdict};

/// An event of the history that shows a violation.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'h> {
    /// A request and its response.
    Call(&'h Call),
    /// A frame of a connection.
    Frame(&'h Connection, &'h Frame),
    /// A handshake, or the whole connection.
    Connection(&'h Connection),
    /// An expectation of a scenario.
    Expectation(&'h RecordedExpectation),
}

impl<'h> Evidence<'h> {
    /// The event at a position in the journal, if it can be evidence.
    pub fn find(history: &'h History, seq: u64) -> Option<Self> {
        let call = history.calls.binary_search_by_key(&seq, |call| call.seq);
        if let Ok(index) = call {
            return Some(Self::Call(&history.calls[index]));
        }
        let expectation = history.expectations.binary_search_by_key(&seq, |it| it.seq);
        if let Ok(index) = expectation {
            return Some(Self::Expectation(&history.expectations[index]));
        }
        history.connections.iter().find_map(|connection| {
            if connection.seq == seq {
                return Some(Self::Connection(connection));
            }
            let frame = connection.frames.binary_search_by_key(&seq, |frame| frame.seq).ok()?;
            Some(Self::Frame(connection, &connection.frames[frame]))
        })
    }

    /// Position in the journal.
    pub fn seq(self) -> u64 {
        match self {
            Self::Call(call) => call.seq,
            Self::Frame(_, frame) => frame.seq,
            Self::Connection(connection) => connection.seq,
            Self::Expectation(expectation) => expectation.seq,
        }
    }

    fn scenario(self) -> &'h ScenarioName {
        match self {
            Self::Call(call) => &call.invocation.scenario,
            Self::Frame(connection, _) | Self::Connection(connection) => &connection.scenario,
            Self::Expectation(expectation) => &expectation.result.scenario,
        }
    }
}

impl<'h> From<&'h Call> for Evidence<'h> {
    fn from(call: &'h Call) -> Self {
        Self::Call(call)
    }
}

impl<'h> From<(&'h Connection, &'h Frame)> for Evidence<'h> {
    fn from((connection, frame): (&'h Connection, &'h Frame)) -> Self {
        Self::Frame(connection, frame)
    }
}

impl<'h> From<&'h Connection> for Evidence<'h> {
    fn from(connection: &'h Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'h> From<&'h RecordedExpectation> for Evidence<'h> {
    fn from(expectation: &'h RecordedExpectation) -> Self {
        Self::Expectation(expectation)
    }
}

/// One violation of a requirement.
#[derive(Debug)]
pub struct Violation<'h> {
    variant: String,
    expected: String,
    actual: String,
    evidence: Vec<Evidence<'h>>,
}

impl<'h> Violation<'h> {
    /// A violation; `variant` distinguishes it from other violations of the requirement.
    pub fn new(
        variant: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self {
            variant: variant.into(),
            expected: expected.into(),
            actual: actual.into(),
            evidence: Vec::new(),
        }
    }

    /// Adds an event that shows the violation; causes first, the effect last.
    #[must_use]
    pub fn evidence(mut self, evidence: impl Into<Evidence<'h>>) -> Self {
        self.evidence.push(evidence.into());
        self
    }
}

/// The observations and violations of one rule so far.
#[derive(Debug, Default)]
pub struct RuleContext<'h> {
    observations: u64,
    violations: IndexMap<String, (u64, Violation<'h>)>,
    inconclusive: Option<Reason>,
}

impl<'h> RuleContext<'h> {
    /// Counts an observation that satisfies the requirement.
    pub fn held(&mut self) {
        self.observations += 1;
    }

    /// Counts an observation; `violation` is called if it violates the requirement.
    pub fn check(&mut self, holds: bool, violation: impl FnOnce() -> Violation<'h>) {
        self.observations += 1;
        if !holds {
            let violation = violation();
            // The first violation of a variant is kept, later ones are counted.
            self.violations.entry(violation.variant.clone()).or_insert((0, violation)).0 += 1;
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

    /// The verdict, before the requirements that it depends on are taken into account.
    pub(crate) fn verdict(self, requirement: RequirementId, history: &History) -> Verdict {
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
            let reason = reported(requirement, history).unwrap_or(match is_planned {
                true => Reason::NothingObserved,
                false => Reason::NotPlanned,
            });
            (State::NotExercised, Some(reason))
        };
        let findings = self
            .violations
            .into_values()
            .map(|(count, violation)| Finding {
                count,
                scenario: (violation.evidence.last())
                    .map(|evidence| evidence.scenario().clone())
                    .unwrap_or_default(),
                evidence: violation.evidence.iter().map(|evidence| evidence.seq()).collect(),
                variant: violation.variant,
                expected: violation.expected,
                actual: violation.actual,
            })
            .collect();
        Verdict { requirement, state, observations: self.observations, findings, reason }
    }
}

/// The reason that scenarios reported for a requirement that they did not exercise: what the user did not
/// choose before what the user chose, and a cause before its effects.
fn reported(requirement: RequirementId, history: &History) -> Option<Reason> {
    let all = history.not_exercised.iter().filter(|(id, _)| *id == requirement);
    all.map(|(_, obstacle)| Reason::from(obstacle))
        .min_by_key(|reason| (reason.is_chosen(), reason.is_symptom()))
}
