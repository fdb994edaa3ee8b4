//! The exit status of a command; the only place that maps a result to a code.

use hearback_stats::comparison::{Calibrated, Conclusion};
use hearback_stats::{Calibration, Comparison, LoadRecord};

use crate::outcome::Outcome;
use crate::results::Results;

/// The status that a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything that was checked holds.
    Passed,
    /// A requirement, an expectation or a service level is violated.
    Failed,
    /// The command line, a file named on it, or the configuration is invalid.
    Usage,
    /// The target is unreachable, the run did not finish, or its measurements are invalid.
    Incomplete,
    /// Nothing was exercised or measured, so there is no answer.
    NotExercised,
}

impl ExitStatus {
    /// The code of the process: 0 to 4, in the order of the variants.
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::NotExercised => 4,
        }
    }

    /// Whether the command succeeded.
    pub fn is_success(self) -> bool {
        self == Self::Passed
    }
}

impl From<Outcome> for ExitStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Holds => Self::Passed,
            Outcome::Broken => Self::Failed,
            Outcome::Incomplete => Self::Incomplete,
            Outcome::NotExercised => Self::NotExercised,
        }
    }
}

impl From<&Results> for ExitStatus {
    fn from(results: &Results) -> Self {
        results.outcome.into()
    }
}

impl From<hearback_stats::Outcome> for ExitStatus {
    fn from(outcome: hearback_stats::Outcome) -> Self {
        match outcome {
            hearback_stats::Outcome::Met => Self::Passed,
            hearback_stats::Outcome::NotMet => Self::Failed,
            hearback_stats::Outcome::Void | hearback_stats::Outcome::Incomplete => Self::Incomplete,
            hearback_stats::Outcome::NothingMeasured => Self::NotExercised,
        }
    }
}

impl From<&LoadRecord> for ExitStatus {
    fn from(record: &LoadRecord) -> Self {
        record.outcome().into()
    }
}

impl From<Conclusion> for ExitStatus {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::NotWorse | Conclusion::Better => Self::Passed,
            Conclusion::Worse => Self::Failed,
            Conclusion::Inconclusive => Self::NotExercised,
        }
    }
}

impl From<&Comparison> for ExitStatus {
    fn from(comparison: &Comparison) -> Self {
        comparison.conclusion.into()
    }
}

impl From<Calibrated> for ExitStatus {
    fn from(conclusion: Calibrated) -> Self {
        match conclusion {
            Calibrated::Sensitive => Self::Passed,
            Calibrated::Unsteady => Self::Failed,
            Calibrated::TooNoisy | Calibrated::TooFew => Self::NotExercised,
        }
    }
}

impl From<&Calibration> for ExitStatus {
    fn from(calibration: &Calibration) -> Self {
        calibration.conclusion.into()
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
            ExitStatus::Incomplete,
            ExitStatus::NotExercised,
        ]
        .map(ExitStatus::code);
        assert_eq!(codes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn only_met_service_levels_pass() {
        use hearback_stats::Outcome::{Incomplete, Met, NotMet, NothingMeasured, Void};
        let codes = [Met, NotMet, Void, Incomplete, NothingMeasured];
        assert_eq!(codes.map(|outcome| ExitStatus::from(outcome).code()), [0, 1, 3, 3, 4]);
    }

    #[test]
    fn conclusions_of_comparisons_have_a_code() {
        let codes =
            [Conclusion::NotWorse, Conclusion::Better, Conclusion::Worse, Conclusion::Inconclusive]
                .map(|conclusion| ExitStatus::from(conclusion).code());
        assert_eq!(codes, [0, 0, 1, 4]);
        let codes =
            [Calibrated::Sensitive, Calibrated::Unsteady, Calibrated::TooNoisy, Calibrated::TooFew]
                .map(|conclusion| ExitStatus::from(conclusion).code());
        assert_eq!(codes, [0, 1, 4, 4]);
    }
}
