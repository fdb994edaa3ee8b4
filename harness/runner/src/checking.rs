//! Checking histories without blocking the async runtime.

use hearback_checker::{Verdicts, check_history};
use hearback_contract::RequirementId;
use hearback_history::{Event, History};

/// Builds a history and checks the selected requirements, on a thread for blocking work.
pub(crate) async fn check_events(
    events: Vec<Event>,
    selected: impl Fn(RequirementId) -> bool + Send + 'static,
) -> (History, Verdicts) {
    blocking(move || {
        let history = History::from_events(events);
        let verdicts = check_history(&history, selected);
        (history, verdicts)
    })
    .await
}

/// Runs CPU-bound work on a thread for blocking work; a panic continues in the caller.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
