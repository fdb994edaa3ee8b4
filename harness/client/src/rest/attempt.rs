//! One attempt: sending and recording a request, and reading its response.

use std::sync::Arc;

use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::escape::escape;
use hearback_history::json_extent::{self, JsonExtent};
use hearback_history::storage::{LARGE, PREFIX};
use hearback_history::{
    Attempt, CallId, CredentialKind, EventKind, Excuse, Invocation, Payload, Storage,
};
use jiff::Timestamp;
use reqwest::header;
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use super::encoding;
use super::outgoing::OutgoingRequest;
use super::received::Received;
use super::response::Response;
use super::token_bodies::{IN_REQUESTS, IN_RESPONSES, Keys, without_secrets};
use crate::client::Client;
use crate::failure::{Failure, FailureKind};
use crate::limits::failed_logins::is_lockout;
use crate::limits::throttle::Scope;
use crate::limits::{Circuit, gateway_errors};
use crate::ownership::guard::GuardedRequest;

/// Maximum length of a recorded header, in characters.
const LONGEST_HEADER: usize = 200;

/// Headers that decide how a browser treats a file.
const RECORDED: [header::HeaderName; 5] = [
    header::CONTENT_DISPOSITION,
    header::X_CONTENT_TYPE_OPTIONS,
    header::CONTENT_SECURITY_POLICY,
    header::ALLOW,
    header::CACHE_CONTROL,
];

/// The name and the value of a header to record; the value is escaped, and cut if it is long.
fn recorded(name: &header::HeaderName, value: &str) -> (String, String) {
    (name.as_str().to_owned(), escape(value, LONGEST_HEADER))
}

/// The part of a body that counts as large; it is returned to the storage unless the body is kept.
struct LargeBody<'a> {
    storage: &'a Storage,
    bytes: usize,
}

impl LargeBody<'_> {
    /// Reserves storage for a body of `length` bytes; `false` if there is none.
    fn extend(&mut self, length: usize) -> bool {
        let needed = if length > LARGE { length - self.bytes } else { 0 };
        let is_reserved = needed == 0 || self.storage.keep_large(needed);
        self.bytes += if is_reserved { needed } else { 0 };
        is_reserved
    }

    fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for LargeBody<'_> {
    fn drop(&mut self) {
        self.storage.return_large(self.bytes);
    }
}

/// The result of one attempt.
pub(super) enum Attempted {
    /// A response, or the reason why nothing was sent.
    Final(Response),
    /// The target throttled the request.
    Throttled,
    /// There was no response.
    Failed(CallId, Failure),
    /// A gateway may have answered instead of the target.
    Gateway(CallId, Response),
}

impl Client {
    /// Sends a request once, unless the limits forbid it, and records it with its response.
    pub(super) async fn send_once(
        &self,
        outgoing: &OutgoingRequest<'_>,
        guarded: &GuardedRequest<'_>,
        scope: &Scope,
        attempt: u32,
    ) -> Attempted {
        let request = match self.request(outgoing) {
            Ok(request) => request,
            Err(error) => {
                return Attempted::Final(Response::unsent(Failure::of_request(error)));
            }
        };
        let admission = match self.admission(scope).await {
            Ok(admission) => admission,
            Err(failure) => return Attempted::Final(Response::failed(failure)),
        };
        let circuit = outgoing.operation.map(Circuit::Operation);
        let permit = match self.circuit_breaker.permit(circuit) {
            Ok(permit) => permit,
            Err(failure) => return Attempted::Final(Response::failed(failure)),
        };
        let call = self.recorder.next_call();
        self.recorder.record(EventKind::Invoked(Arc::new(Invocation {
            call,
            scenario: outgoing.scenario.clone(),
            actor: outgoing.actor.clone(),
            operation: outgoing.operation,
            credential: outgoing.credential.clone(),
            method: outgoing.method.to_string(),
            path: outgoing.path.clone(),
            path_parameters: outgoing.path_parameters.clone(),
            query: outgoing.query.clone(),
            content_type: outgoing.body.as_ref().map(|body| body.content_type().to_owned()),
            body: outgoing
                .body
                .as_ref()
                .map(|body| self.recorded(outgoing, IN_REQUESTS, body.payload(), false)),
            attempt,
        })));
        let patience = self.patience();
        let received = match self.exchange_within(request, patience).await {
            Ok(received) => received,
            Err(failure) => {
                permit.failed(&failure);
                let is_abandoned =
                    patience < self.limits.timeout && failure.kind == FailureKind::TimedOut;
                tracing::debug!(
                    call = call.0,
                    actor = %outgoing.actor,
                    method = %outgoing.method,
                    path = outgoing.path,
                    error = failure.text,
                    "no response"
                );
                self.recorder.record(EventKind::Failed {
                    call,
                    error: failure.text.clone(),
                    maybe_done: failure.maybe_done,
                });
                if is_abandoned {
                    self.excuse(Attempt::Call(call), Excuse::Abandoned);
                }
                return Attempted::Failed(call, failure);
            }
        };
        permit.succeeded();
        drop(admission);
        self.outage.end();
        if let Some(date) = &received.date {
            self.clock.observe(date, Timestamp::now());
        }
        tracing::debug!(
            call = call.0,
            actor = %outgoing.actor,
            method = %outgoing.method,
            path = outgoing.path,
            status = received.status,
            bytes = received.body.len(),
            "response"
        );
        let has_retry_after = received.retry_after.is_some();
        let is_locked =
            *scope == Scope::Logins && is_lockout(received.status, has_retry_after, &received.body);
        // A lockout often begins anew with each attempt, so it is not waited for.
        let delay = match is_locked {
            true => None,
            false => self.throttle.observe(
                scope,
                received.status,
                received.retry_after.as_deref(),
                &received.body,
                attempt,
            ),
        };
        // The cleanup of a run that may keep no more still reads whole bodies.
        let is_cut =
            received.truncated || self.recorder.storage().is_full() && received.body.len() > PREFIX;
        self.recorder.record(EventKind::Returned {
            call,
            status: received.status,
            content_type: received.content_type.clone(),
            headers: match outgoing.operation {
                // Rules check them for files and for other methods only.
                None => received.headers.clone(),
                Some(_) => Vec::new(),
            },
            throttled_s: delay.map(|delay| delay.as_secs_f64()),
            body: self.recorded(
                outgoing,
                IN_RESPONSES,
                Payload::from_bytes(received.recorded(is_cut).to_vec()),
                is_cut,
            ),
            truncated: is_cut,
        });
        if delay.is_some() {
            return Attempted::Throttled;
        }
        if is_locked {
            self.excuse(Attempt::Call(call), Excuse::Throttled);
            // A bad credential was not rejected as such.
            if outgoing.credential.kind != CredentialKind::Access {
                return Attempted::Final(Response::failed(Failure {
                    kind: FailureKind::Throttled,
                    text: format!("throttled: the target locks logins out ({})", received.status),
                    maybe_done: false,
                }));
            }
        }
        let json = match received.truncated {
            true => None,
            false => json_extent::parse(&received.body),
        };
        if (200..300).contains(&received.status)
            && let Some(room) = guarded.learn(json.as_ref(), &self.ownership)
        {
            self.recorder.record(EventKind::RoomArchived { room });
        }
        let response = Response {
            status: Some(received.status),
            json,
            error: None,
            failure: None,
            truncated: received.truncated,
            encoding: received.encoding,
            has_retry_after,
            server: received.server,
            location: received.location,
            challenge: received.challenge,
            date: received.date,
            call: Some(call),
            body: received.body,
        };
        if gateway_errors::is_gateway_error(received.status, &response.body) {
            return Attempted::Gateway(call, response);
        }
        self.gateway_errors.answered(outgoing.operation);
        Attempted::Final(response)
    }

    fn request(&self, outgoing: &OutgoingRequest<'_>) -> reqwest::Result<reqwest::Request> {
        let mut request = self.http.request(outgoing.method.clone(), outgoing.url.clone());
        if let Some(token) = &outgoing.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let mut request = match &outgoing.body {
            Some(body) => body.attach(request)?,
            None => request,
        }
        .build()?;
        encoding::accept_none(request.headers_mut());
        self.target.connection().apply_to_request(request.headers_mut());
        Ok(request)
    }

    /// The time to wait for a response: the timeout, or less if responses are often missed.
    fn patience(&self) -> Duration {
        let timeout = self.limits.timeout;
        if self.limits.circuit_breaker { self.patience.of(timeout) } else { timeout }
    }

    /// Sends a request once, and waits for its response for a time that may be shorter than the timeout.
    async fn exchange_within(
        &self,
        request: reqwest::Request,
        patience: Duration,
    ) -> Result<Received, Failure> {
        let began = Instant::now();
        let received = match self.stalls.timeout(patience, self.exchange(request)).await {
            Some(received) => received.map_err(Failure::of_request),
            None => {
                let failure = Failure::timed_out("the response", patience);
                // The target may still process it.
                Err(Failure { maybe_done: true, ..failure })
            }
        };
        match &received {
            Ok(_) => self.patience.answered(began.elapsed()),
            Err(failure) if failure.kind == FailureKind::TimedOut => self.patience.timed_out(),
            Err(_) => {}
        }
        received
    }

    /// Sends a request once and reads the response, up to the size limit.
    async fn exchange(&self, request: reqwest::Request) -> reqwest::Result<Received> {
        let mut response = self.http.execute(request).await?;
        let text = |name: header::HeaderName| {
            response
                .headers()
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let mut received = Received {
            status: response.status().as_u16(),
            content_type: text(header::CONTENT_TYPE),
            headers: RECORDED
                .iter()
                .filter_map(|name| Some(recorded(name, &text(name.clone())?)))
                .collect(),
            retry_after: text(header::RETRY_AFTER),
            server: text(header::SERVER),
            date: text(header::DATE),
            location: text(header::LOCATION),
            challenge: text(header::WWW_AUTHENTICATE),
            encoding: encoding::unreadable(response.headers()),
            body: Vec::new(),
            truncated: false,
        };
        if received.encoding.is_some() {
            received.truncated = true;
            return Ok(received);
        }
        let mut reservation = LargeBody { storage: self.recorder.storage(), bytes: 0 };
        while let Some(chunk) = response.chunk().await? {
            let free = self.limits.body - received.body.len();
            let length = received.body.len() + chunk.len().min(free);
            if chunk.len() > free || !reservation.extend(length) {
                received.truncated = true;
                break;
            }
            received.body.extend_from_slice(&chunk);
        }
        received.truncated |= !JsonExtent::of(&received.body).is_bounded();
        if received.truncated {
            received.body = received.recorded(true).to_vec();
        } else {
            reservation.keep();
        }
        Ok(received)
    }

    /// The body without the secrets of token operations.
    fn recorded(
        &self,
        outgoing: &OutgoingRequest<'_>,
        keys: Keys,
        payload: Payload,
        truncated: bool,
    ) -> Payload {
        match outgoing.operation {
            // A truncated token cannot be recognized as one.
            Some(Operation::TokenObtain | Operation::TokenRefresh) if truncated => {
                Payload::from("")
            }
            Some(Operation::TokenObtain | Operation::TokenRefresh) => {
                without_secrets(payload, keys, outgoing.actor.as_str(), &self.recorder)
            }
            _ => payload,
        }
    }
}
