//! The result of `hearback doctor`: one entry per check.

use serde::Serialize;

use crate::exit_status::ExitStatus;

/// The findings about a target, with advice for each that keeps it from being tested.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// The target, in words.
    pub target: String,
    /// All checks, in the order in which they were performed.
    pub checks: Vec<Diagnosed>,
}

/// The result of one check.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosed {
    /// Stable id of the check.
    pub id: &'static str,
    /// Title for people.
    pub title: &'static str,
    /// Its state.
    pub state: DiagnosedState,
    /// The finding. Texts of the target are bounded, escaped, and without secrets.
    pub found: String,
    /// Advice that solves the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// State of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosedState {
    /// Nothing is in the way.
    Passed,
    /// A run is possible, and will be slower or less complete.
    Warning,
    /// No run is possible, because of the target or the network.
    Failed,
    /// No run is possible, because of an option or the accounts file.
    Usage,
    /// A check that it depends on failed.
    Skipped,
}

impl Diagnosis {
    /// Success if a run is possible; otherwise the status with which `check` would end.
    pub fn exit_status(&self) -> ExitStatus {
        let states = || self.checks.iter().map(|check| check.state);
        match states().find(|state| state.is_failure()) {
            None => ExitStatus::Passed,
            Some(DiagnosedState::Usage) => ExitStatus::Usage,
            Some(_) => ExitStatus::Unfinished,
        }
    }

    /// Number of checks in states that `wanted` accepts.
    pub fn count(&self, wanted: impl Fn(DiagnosedState) -> bool) -> usize {
        self.checks.iter().filter(|check| wanted(check.state)).count()
    }
}

impl DiagnosedState {
    /// Returns whether no run is possible.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Usage)
    }

    /// Returns whether checks that depend on this one can be performed.
    pub fn is_sufficient(self) -> bool {
        matches!(self, Self::Passed | Self::Warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_determines_the_exit_status() {
        use DiagnosedState::{Failed, Passed, Skipped, Usage, Warning};
        let status = |states: &[DiagnosedState]| {
            let check = |state: &DiagnosedState| Diagnosed {
                id: "rest",
                title: "REST",
                state: *state,
                found: String::new(),
                advice: None,
            };
            let checks = states.iter().map(check).collect();
            Diagnosis { target: String::new(), checks }.exit_status()
        };
        assert_eq!(status(&[Passed, Warning]), ExitStatus::Passed);
        assert_eq!(status(&[Passed, Failed, Skipped]), ExitStatus::Unfinished);
        assert_eq!(status(&[Usage, Failed]), ExitStatus::Usage);
    }
}
