//! A finding with its requirement.

use crate::requirement::{FindingResult, RequirementResult};

/// A finding with its requirement.
#[derive(Clone, Copy)]
pub(super) struct Found<'r> {
    pub(super) requirement: &'r RequirementResult,
    pub(super) finding: &'r FindingResult,
}

impl Found<'_> {
    /// The order in which findings convince.
    pub(super) fn strength(self) -> impl Ord + use<> {
        (self.requirement.level, self.finding.strength())
    }
}
