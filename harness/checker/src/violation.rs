//! A violation of a requirement, and all violations of one variant.

use std::cmp::Reverse;

use hearback_contract::MessageRef;
use hearback_history::History;

use crate::evidence::Evidence;
use crate::scope::{Occurrence, Places, Scope};
use crate::subject::{Defect, Subject};
use crate::verdict::Finding;

/// Maximum number of violations of a variant whose evidence is kept.
const MOST_OCCURRENCES: usize = 4_096;

/// Maximum number of messages that a violation names besides its evidence.
const MOST_MESSAGES: usize = 100;

/// The beginning of the names of generated scenarios.
const GENERATED: &str = "generated/";

/// One violation of a requirement.
#[derive(Debug)]
pub struct Violation<'h> {
    pub(crate) variant: String,
    expected: String,
    actual: String,
    occurrence: Occurrence<'h>,
    magnitude: u64,
    defect: Option<Defect>,
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
            occurrence: Occurrence::default(),
            magnitude: 0,
            defect: None,
        }
    }

    /// Adds an event that shows the violation; causes first, the effect last.
    #[must_use]
    pub fn evidence(mut self, evidence: impl Into<Evidence<'h>>) -> Self {
        self.occurrence.evidence.push(evidence.into());
        self
    }

    /// Sets how far the observation is from the requirement, in a unit that all violations of the variant share. The
    /// largest is reported.
    #[must_use]
    pub fn magnitude(mut self, magnitude: u64) -> Self {
        self.magnitude = magnitude;
        self
    }

    /// Names the member of an object that is wrong; of nested members the outermost.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        let name = name.split('.').next().unwrap_or(name);
        self.occurrence.member = Some(name.to_owned());
        self
    }

    /// Adds messages that it is about and its evidence does not name.
    #[must_use]
    pub fn messages<'m>(mut self, messages: impl IntoIterator<Item = MessageRef<'m>>) -> Self {
        let messages = messages.into_iter().map(MessageRef::to_id);
        self.occurrence.messages.extend(messages.take(MOST_MESSAGES));
        self
    }

    /// Sets the defect, where its form identifies it across requirements.
    #[must_use]
    pub fn defect(mut self, defect: impl Into<Option<Defect>>) -> Self {
        self.defect = defect.into();
        self
    }

    /// Returns whether hearback itself stalled during a scenario of its evidence.
    pub(crate) fn is_stalled(&self, history: &History) -> bool {
        let mut evidence = self.occurrence.evidence.iter();
        evidence.any(|evidence| history.is_stalled(evidence.scenario()))
    }

    /// Returns whether a read is part of its evidence.
    pub(crate) fn is_shown_by_read(&self) -> bool {
        let is_read = |evidence: &Evidence<'_>| matches!(evidence, Evidence::Call(call) if call.invocation.method == "GET");
        self.occurrence.evidence.iter().any(is_read)
    }

    /// The order of violations of one variant: the largest convinces most, then one of a scenario that can be read,
    /// then one with few events.
    fn strength(&self) -> (u64, bool, Reverse<usize>) {
        let is_generated = (self.occurrence.evidence.last())
            .is_some_and(|last| last.scenario().as_str().starts_with(GENERATED));
        (self.magnitude, !is_generated, Reverse(self.occurrence.evidence.len()))
    }
}

/// The violations of one variant.
#[derive(Debug)]
pub(crate) struct Variant<'h> {
    count: u64,
    strongest: Violation<'h>,
    /// The evidence of the first violations.
    occurrences: Vec<Occurrence<'h>>,
}

impl<'h> Variant<'h> {
    pub(crate) fn new(violation: Violation<'h>) -> Self {
        Self { count: 1, occurrences: vec![violation.occurrence.clone()], strongest: violation }
    }

    pub(crate) fn add(&mut self, violation: Violation<'h>) {
        self.count += 1;
        if self.occurrences.len() < MOST_OCCURRENCES {
            self.occurrences.push(violation.occurrence.clone());
        }
        if violation.strength() > self.strongest.strength() {
            self.strongest = violation;
        }
    }

    pub(crate) fn finding(self, places: &mut Places<'_, 'h>) -> Finding {
        let violation = self.strongest;
        let Occurrence { evidence, .. } = &violation.occurrence;
        let place = places.of(&violation.occurrence);
        let subject = Subject::of(evidence, place, violation.defect);
        Finding {
            count: self.count,
            scenario: (evidence.last())
                .map(|evidence| evidence.scenario().clone())
                .unwrap_or_default(),
            evidence: evidence.iter().map(|evidence| evidence.seq()).collect(),
            variant: violation.variant,
            expected: violation.expected,
            actual: violation.actual,
            magnitude: violation.magnitude,
            subject,
            scope: Scope::of(&self.occurrences, places),
        }
    }
}
