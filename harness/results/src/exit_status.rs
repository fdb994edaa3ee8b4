//! The exit status of a command; the only place that maps a result to a code.

use hearback_stats::comparison::{CalibrationVerdict, ComparisonVerdict};
use hearback_stats::{Calibration, Comparison, LoadRecord};

use crate::changes::{ChangeVerdict, Changes};
use crate::outcome::Outcome;

/// The status that a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything that was to be checked was, and holds.
    Passed,
    /// A requirement, an expectation or a service level is violated.
    Failed,
    /// The command line, a file named on it, or the configuration is invalid.
    Usage,
    /// The target is unreachable, the run did not finish, or its measurements are invalid.
    Unfinished,
    /// A part of what was to be tested or measured was not, so the question is not decided.
    Inconclusive,
}

impl ExitStatus {
    /// The code of the process: 0 to 4, in the order of the variants.
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unfinished => 3,
            Self::Inconclusive => 4,
        }
    }

    /// Returns whether the command succeeded.
    pub fn is_success(self) -> bool {
        self == Self::Passed
    }
}

impl From<Outcome> for ExitStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Holds => Self::Passed,
            Outcome::Broken => Self::Failed,
            Outcome::Incomplete => Self::Inconclusive,
            Outcome::Unfinished => Self::Unfinished,
        }
    }
}

impl From<&Changes> for ExitStatus {
    fn from(changes: &Changes) -> Self {
        match changes.verdict {
            ChangeVerdict::Worse => Self::Failed,
            ChangeVerdict::Inconclusive => Self::Inconclusive,
            ChangeVerdict::NotWorse => Self::Passed,
        }
    }
}

impl From<hearback_stats::LoadOutcome> for ExitStatus {
    fn from(outcome: hearback_stats::LoadOutcome) -> Self {
        match outcome {
            hearback_stats::LoadOutcome::Met => Self::Passed,
            hearback_stats::LoadOutcome::NotMet => Self::Failed,
            hearback_stats::LoadOutcome::Invalid | hearback_stats::LoadOutcome::Incomplete => {
                Self::Unfinished
            }
            hearback_stats::LoadOutcome::NothingMeasured => Self::Inconclusive,
        }
    }
}

impl From<&LoadRecord> for ExitStatus {
    fn from(record: &LoadRecord) -> Self {
        record.outcome().into()
    }
}

impl From<ComparisonVerdict> for ExitStatus {
    fn from(verdict: ComparisonVerdict) -> Self {
        match verdict {
            ComparisonVerdict::NotWorse | ComparisonVerdict::Better => Self::Passed,
            ComparisonVerdict::Worse => Self::Failed,
            ComparisonVerdict::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<&Comparison> for ExitStatus {
    fn from(comparison: &Comparison) -> Self {
        comparison.verdict.into()
    }
}

impl From<CalibrationVerdict> for ExitStatus {
    fn from(verdict: CalibrationVerdict) -> Self {
        match verdict {
            CalibrationVerdict::Sensitive => Self::Passed,
            CalibrationVerdict::Unsteady => Self::Failed,
            CalibrationVerdict::TooNoisy | CalibrationVerdict::TooFew => Self::Inconclusive,
        }
    }
}

impl From<&Calibration> for ExitStatus {
    fn from(calibration: &Calibration) -> Self {
        calibration.verdict.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let codes = [
            ExitStatus::Passed,
            ExitStatus::Failed,
            ExitStatus::Usage,
            ExitStatus::Unfinished,
            ExitStatus::Inconclusive,
        ]
        .map(ExitStatus::code);
        assert_eq!(codes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn only_met_service_levels_pass() {
        use hearback_stats::LoadOutcome::{Incomplete, Invalid, Met, NotMet, NothingMeasured};
        let codes = [Met, NotMet, Invalid, Incomplete, NothingMeasured];
        assert_eq!(codes.map(|outcome| ExitStatus::from(outcome).code()), [0, 1, 3, 3, 4]);
    }

    #[test]
    fn conclusions_of_comparisons_have_a_code() {
        let codes = [
            ComparisonVerdict::NotWorse,
            ComparisonVerdict::Better,
            ComparisonVerdict::Worse,
            ComparisonVerdict::Inconclusive,
        ]
        .map(|verdict| ExitStatus::from(verdict).code());
        assert_eq!(codes, [0, 0, 1, 4]);
        let codes = [
            CalibrationVerdict::Sensitive,
            CalibrationVerdict::Unsteady,
            CalibrationVerdict::TooNoisy,
            CalibrationVerdict::TooFew,
        ]
        .map(|verdict| ExitStatus::from(verdict).code());
        assert_eq!(codes, [0, 1, 4, 4]);
    }
}
