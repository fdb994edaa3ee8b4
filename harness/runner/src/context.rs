//! Cancellation, progress and redaction, which every run shares.

use tokio_util::sync::CancellationToken;

use crate::event::{Event, Observer};
use crate::redaction::Redaction;

/// When to stop, and where events go; clones share both.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Cancelled when the run should end early.
    pub cancellation: CancellationToken,
    /// Receives what the run reports.
    pub observer: Observer,
    /// Receives the secrets of the run, to redact them from diagnostic logs.
    pub redaction: Redaction,
}

impl Context {
    /// A context with the given observer, and a token of its own.
    pub fn with_observer(observer: Observer) -> Self {
        Self { observer, ..Self::default() }
    }

    /// Passes an event to the observer.
    pub fn emit(&self, event: Event) {
        self.observer.observe(&event);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }
}
