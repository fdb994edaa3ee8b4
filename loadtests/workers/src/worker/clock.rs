//! The time of a worker, for those who ask.

use futures_util::StreamExt as _;
use hearback_loadtests::machine;
use tokio::task::JoinHandle;

use crate::error::WorkersError;
use crate::nats::Channel;

/// Answers every request with the time of the monotonic clock, in nanoseconds, until it is aborted.
pub(super) async fn report_time(
    channel: &Channel,
    worker: usize,
) -> Result<JoinHandle<()>, WorkersError> {
    let client = channel.client().clone();
    let requests = client.subscribe(channel.clock_of(worker)).await;
    let mut requests = requests.map_err(|error| WorkersError::nats("report the time")(&error))?;
    Ok(tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let Some(reply) = request.reply else { continue };
            let now = machine::monotonic().get().to_string();
            // Whoever asked asks again.
            let _sent = client.publish(reply, now.into()).await.is_ok();
        }
    }))
}
