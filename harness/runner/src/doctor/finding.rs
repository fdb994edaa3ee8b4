//! The finding of one check.

use hearback_results::DiagnosedState;
use miette::Diagnostic;

/// The state, a sentence about it, and advice.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) state: DiagnosedState,
    pub(super) found: String,
    pub(super) advice: Option<String>,
}

impl Finding {
    /// Nothing is in the way.
    pub(super) fn passed(found: impl Into<String>) -> Self {
        Self { state: DiagnosedState::Passed, found: found.into(), advice: None }
    }

    /// A run is possible, but not as it should be.
    pub(super) fn warning(found: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { state: DiagnosedState::Warning, found: found.into(), advice }
    }

    /// The check could not be performed.
    pub(super) fn skipped(found: impl Into<String>) -> Self {
        Self { state: DiagnosedState::Skipped, found: found.into(), advice: None }
    }

    /// An error that would end a run, with the advice that the run would print.
    pub(super) fn failed(error: &dyn Diagnostic) -> Self {
        Self {
            state: DiagnosedState::Failed,
            found: error.to_string(),
            advice: error.help().map(|help| help.to_string()),
        }
    }

    /// The same, because of an option or the accounts file.
    pub(super) fn usage(error: &dyn Diagnostic) -> Self {
        Self { state: DiagnosedState::Usage, ..Self::failed(error) }
    }
}
