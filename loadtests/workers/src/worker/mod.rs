//! A worker: it waits for parts of runs, and performs one at a time.

mod clock;
mod options;
mod orders;
mod performance;
mod stored_values;

use std::time::Duration;

use async_nats::Client;
use futures_util::StreamExt as _;
use hearback_runner::{Context, Event, run};

use crate::error::WorkersError;
use crate::message::{Claim, Claimed};

pub use options::WorkerOptions;
pub(crate) use orders::{OUTAGE, SILENCE};

/// The subject at which workers wait for work.
pub(crate) const CLAIM: &str = "hearback.claim";
/// The workers, one of which receives each request.
const GROUP: &str = "workers";
/// Time in which the connection is closed.
const DRAIN: Duration = Duration::from_secs(2);

/// Performs parts of runs until it is interrupted, or once.
///
/// # Errors
/// If NATS cannot be reached. A part that fails is reported to the coordinator instead.
pub async fn work(options: &WorkerOptions, context: &Context) -> Result<(), WorkersError> {
    let client = options.nats.connect("hearback worker").await?;
    let server = options.nats.server();
    let worker = format!("{}/{}", run::host().unwrap_or_default(), std::process::id());
    let waiting = Event::WaitingForWork { server, worker };
    context.emit(waiting.clone());
    while let Some(claim) = wait_for_work(&client, context).await? {
        performance::perform(&client, claim, options, context).await?;
        if options.is_once {
            break;
        }
        context.emit(waiting.clone());
    }
    // What was reported is stored already.
    let _closed = tokio::time::timeout(DRAIN, client.drain()).await.is_ok();
    Ok(())
}

/// Waits for a request, and accepts it; `None` if the worker is interrupted.
async fn wait_for_work(client: &Client, context: &Context) -> Result<Option<Claim>, WorkersError> {
    let failed = WorkersError::nats("wait for work");
    let requests = client.queue_subscribe(CLAIM, GROUP.to_owned()).await;
    let mut requests = requests.map_err(|error| failed(&error))?;
    loop {
        let request = tokio::select! {
            request = requests.next() => request,
            () = context.cancellation.cancelled() => return Ok(None),
        };
        let Some(request) = request else { return Ok(None) };
        let (Some(reply), Ok(claim)) =
            (request.reply, serde_json::from_slice::<Claim>(&request.payload))
        else {
            continue;
        };
        let answer = |claimed: &Claimed| serde_json::to_vec(claimed).unwrap_or_default().into();
        let host = run::host().unwrap_or_default();
        let accepted = client.publish(reply, answer(&Claimed::Yes { host })).await;
        accepted.map_err(|error| failed(&error))?;
        // What arrived meanwhile is for another worker.
        requests.unsubscribe().await.map_err(|error| failed(&error))?;
        while let Some(request) = requests.next().await {
            if let Some(reply) = request.reply {
                let declined = client.publish(reply, answer(&Claimed::Busy)).await;
                declined.map_err(|error| failed(&error))?;
            }
        }
        return Ok(Some(claim));
    }
}
