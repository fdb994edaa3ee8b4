//! Export of live metrics by the OpenTelemetry protocol (OTLP) over HTTP, as protobuf.
//!
//! One request at a time is open, and none waits in a queue: all values count from the start of the run, so that the next
//! request makes up for one that failed.

mod endpoint;
mod request;

use std::error::Error;
use std::time::Duration;

use hearback_history::escape::escape;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message as _;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, redirect, retry};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::totals::Totals;
use crate::error::RunError;
use crate::event::Event;

pub use endpoint::{OtlpEndpoint, OtlpError};
use request::Requests;

/// The times of runs.
pub(super) const TIMES: Times = Times {
    interval: Duration::from_secs(5),
    timeout: Duration::from_secs(5),
    last_timeout: Duration::from_secs(2),
};
/// Length up to which a response is read, in bytes.
const LONGEST_RESPONSE: usize = 16 * 1024;
/// Length up to which the message of a receiver is shown.
const LONGEST_MESSAGE: usize = 200;

/// When requests are sent, and how long a response may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Time from the end of one request to the next.
    interval: Duration,
    /// Time in which a receiver must respond.
    timeout: Duration,
    /// Time in which a receiver must respond at the end of the run, which waits for it.
    last_timeout: Duration,
}

/// Exports metrics until it is finished or dropped.
pub(super) struct Export {
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl Export {
    /// Exports `values` to a receiver every few seconds. The first failure is reported to `warn`.
    ///
    /// # Errors
    /// If no client can be built.
    pub(super) fn start(
        endpoint: &OtlpEndpoint,
        times: Times,
        labels: &[(&'static str, String)],
        values: impl Fn() -> Totals + Send + Sync + 'static,
        warn: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self, RunError> {
        let client = Client::builder()
            .user_agent(concat!("hearback/", env!("CARGO_PKG_VERSION")))
            .default_headers(endpoint.headers().clone())
            // A redirect could take the headers to another host.
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .build()
            .map_err(OtlpError::Client)?;
        let stop = CancellationToken::new();
        let exporter = Exporter {
            client,
            endpoint: endpoint.clone(),
            times,
            requests: Requests::new(labels),
            stop: stop.clone(),
        };
        let task = tokio::spawn(exporter.run(values, warn));
        Ok(Self { stop, task: AbortOnDropHandle::new(task) })
    }

    /// Exports the last values.
    pub(super) async fn finish(self) {
        self.stop.cancel();
        // A panic of the task was printed by the task.
        let _joined = self.task.await.is_ok();
    }
}

struct Exporter {
    client: Client,
    endpoint: OtlpEndpoint,
    times: Times,
    requests: Requests,
    stop: CancellationToken,
}

impl Exporter {
    async fn run(self, values: impl Fn() -> Totals, warn: impl Fn(Event)) {
        let Times { interval, timeout, last_timeout } = self.times;
        let mut warn = Some(warn);
        let mut report = |result: Result<(), String>| {
            if let Err(reason) = result
                && let Some(warn) = warn.take()
            {
                warn(Event::MetricsNotExported { url: self.endpoint.to_string(), reason });
            }
        };
        let every_interval = async {
            loop {
                tokio::time::sleep(interval).await;
                report(self.export(&values(), timeout).await);
            }
        };
        tokio::select! {
            () = every_interval => {}
            // A pending request is given up.
            () = self.stop.cancelled() => {}
        }
        report(self.export(&values(), last_timeout).await);
    }

    /// Sends one request.
    ///
    /// # Errors
    /// If the receiver does not accept all of it in time: the reason, without the URL.
    async fn export(&self, totals: &Totals, timeout: Duration) -> Result<(), String> {
        let body = self.requests.request(totals).encode_to_vec();
        let response = self
            .client
            .post(self.endpoint.url().clone())
            .header(CONTENT_TYPE, "application/x-protobuf")
            .timeout(timeout)
            .body(body)
            .send()
            .await
            .map_err(reason)?;
        match response.status() {
            status if status.is_success() => accepted(response).await,
            status if status.is_redirection() => {
                Err(format!("status {}; redirects are not followed", status.as_u16()))
            }
            status => Err(format!("status {}", status.as_u16())),
        }
    }
}

/// Fails if the receiver rejected a part of a request.
async fn accepted(mut response: Response) -> Result<(), String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_RESPONSE {
            return Ok(());
        }
    }
    // Some receivers respond with JSON or nothing; the status counts.
    let response = ExportMetricsServiceResponse::decode(&*body).unwrap_or_default();
    match response.partial_success {
        Some(partial) if partial.rejected_data_points > 0 => Err(format!(
            "the receiver rejected {} values: {}",
            partial.rejected_data_points,
            escape(&partial.error_message, LONGEST_MESSAGE)
        )),
        _ => Ok(()),
    }
}

/// The reason of a failure. The texts of outer errors name the URL.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not respond in time".to_owned();
    }
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
