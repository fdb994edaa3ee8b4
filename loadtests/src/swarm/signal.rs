//! Something that happens once, and that many wait for.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A signal that, once given, stays.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    is_given: AtomicBool,
    waiting: Notify,
}

impl Signal {
    /// Gives it.
    pub(super) fn give(&self) {
        self.is_given.store(true, Ordering::SeqCst);
        self.waiting.notify_waiters();
    }

    pub(super) fn is_given(&self) -> bool {
        self.is_given.load(Ordering::SeqCst)
    }

    /// Comes back when it is given.
    pub(super) async fn given(&self) {
        let mut waiting = pin!(self.waiting.notified());
        // From here on it is told; what was before shows in the flag.
        waiting.as_mut().enable();
        if !self.is_given() {
            waiting.await;
        }
    }
}
