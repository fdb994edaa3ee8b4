//! Repetition of requests of the onboarding: one that fails must not decide about a run.

use std::time::Duration;

use hearback_client::{Failure, FailureKind, Response};
use tokio_util::sync::CancellationToken;

/// Maximum number of attempts.
const ATTEMPTS: u32 = 3;

/// Maximum number of attempts that time out.
const TIMEOUTS: u32 = 2;

/// Pause after the first attempt; it grows with each.
const PAUSE: Duration = Duration::from_millis(200);

/// Sends a request until it succeeds, and returns the last response. Bounded by attempts and timeouts, and by
/// cancellation.
pub(super) async fn until_success<F: Future<Output = Response>>(
    cancellation: &CancellationToken,
    mut send: impl FnMut() -> F,
) -> Response {
    let mut timeouts = 0;
    let mut attempt = 1;
    loop {
        let response = send().await;
        let kind = response.failure.as_ref().map(|failure: &Failure| failure.kind);
        timeouts += u32::from(kind == Some(FailureKind::TimedOut));
        let is_last = response.is_success()
            || attempt == ATTEMPTS
            || timeouts == TIMEOUTS
            || kind == Some(FailureKind::Throttled)
            || cancellation.is_cancelled();
        if is_last {
            return response;
        }
        tracing::debug!(attempt, reason = response.shortcoming(), "repeating a request");
        tokio::time::sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}
