//! The time that the scenarios of a run may take.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// The time that the scenarios of a run may take, without logging in and cleaning up.
pub(crate) struct TimeBudget {
    /// Cancelled when the time is used up, or the run is cancelled.
    stop: CancellationToken,
    total: Option<Duration>,
    deadline: Option<Instant>,
    _timer: Option<AbortOnDropHandle<()>>,
}

impl TimeBudget {
    /// A budget that begins now.
    pub(crate) fn begin(total: Option<Duration>, run: &CancellationToken) -> Self {
        let stop = run.child_token();
        let deadline = total.and_then(|total| Instant::now().checked_add(total));
        let timer = deadline.map(|deadline| {
            let stop = stop.clone();
            AbortOnDropHandle::new(tokio::spawn(async move {
                tokio::time::sleep_until(deadline).await;
                stop.cancel();
            }))
        });
        Self { stop, total, deadline, _timer: timer }
    }

    /// Cancelled when the time is used up, or the run is cancelled.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// The whole time.
    pub(crate) fn total(&self) -> Option<Duration> {
        self.total
    }

    /// Returns whether the time is used up.
    pub(crate) fn is_used_up(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The remaining time, at most `longest`.
    pub(crate) fn left(&self, longest: Duration) -> Duration {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.map_or(longest, |deadline| left(deadline).min(longest))
    }
}
