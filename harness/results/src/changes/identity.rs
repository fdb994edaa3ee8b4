//! The identity of a violation across runs.

use super::violation::Violation;
use crate::gate::FlakyFindings;
use crate::requirement::{FindingResult, RequirementResult};
use crate::results::Results;

/// The parts of a violation that are the same in every run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    requirement: String,
    interface: Option<&'static str>,
    variant: String,
}

impl Identity {
    pub(super) fn of(requirement: &str, finding: &FindingResult) -> Self {
        Self {
            requirement: requirement.to_owned(),
            interface: finding.subject.interface(),
            variant: finding.variant.clone(),
        }
    }
}

/// The violations of a run with their identities, in the order of the report.
pub(super) fn violations(results: &Results) -> Vec<(Identity, Violation)> {
    let of = |requirement: &RequirementResult| {
        let all = requirement.findings.iter();
        all.map(|finding| {
            (Identity::of(&requirement.id, finding), Violation::of(results, requirement, finding))
        })
        .collect::<Vec<_>>()
    };
    results.requirements().flat_map(of).collect()
}

impl Violation {
    fn of(results: &Results, requirement: &RequirementResult, finding: &FindingResult) -> Self {
        let is_accepted = finding.waived
            || results.flaky == FlakyFindings::Warn && finding.confirmation.is_intermittent();
        Self {
            requirement: requirement.id.clone(),
            level: requirement.level,
            interface: finding.subject.interface().map(str::to_owned),
            variant: finding.variant.clone(),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            is_failure: results.is_failure(requirement) && !is_accepted,
        }
    }
}
