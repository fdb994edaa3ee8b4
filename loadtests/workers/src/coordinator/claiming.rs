//! Finding workers.

use std::time::Duration;

use hearback_runner::{Context, RunError};
use tokio::time::Instant;

use crate::error::WorkersError;
use crate::message::{Claim, Claimed};
use crate::nats::Channel;
use crate::worker::CLAIM;

/// Minimum time in which enough workers must answer.
const CLAIM_TIME: Duration = Duration::from_secs(30);
/// Time between two unanswered requests.
const RETRY: Duration = Duration::from_millis(100);

/// Claims one worker for each part, and returns the names of their machines. `patience` is the time in which NATS had to be
/// reachable, and workers have to answer.
///
/// # Errors
/// If too few answer in time, or the run is interrupted.
pub(super) async fn claim(
    channel: &Channel,
    workers: usize,
    patience: Duration,
    context: &Context,
) -> Result<Vec<String>, WorkersError> {
    let patience = patience.max(CLAIM_TIME);
    let until = Instant::now() + patience;
    let mut hosts = Vec::with_capacity(workers);
    while hosts.len() < workers {
        if context.cancellation.is_cancelled() {
            return Err(RunError::Interrupted.into());
        }
        if Instant::now() >= until {
            return Err(WorkersError::TooFewWorkers {
                answered: hosts.len(),
                wanted: workers,
                seconds: patience.as_secs(),
            });
        }
        let claim = Claim { run: channel.run().to_owned(), worker: hosts.len() };
        let request = serde_json::to_vec(&claim).unwrap_or_default();
        // Without an idle worker, NATS answers at once.
        let answer = channel.client().request(CLAIM, request.into()).await.ok();
        match answer.and_then(|answer| serde_json::from_slice(&answer.payload).ok()) {
            Some(Claimed::Yes { host }) => hosts.push(host),
            Some(Claimed::Busy) => {}
            None => tokio::time::sleep(RETRY).await,
        }
    }
    Ok(hosts)
}

/// A random text of 32 hexadecimal digits.
pub(super) fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// A random number of 32 bits.
pub(super) fn random_number() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}
