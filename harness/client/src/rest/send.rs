//! Sending and recording requests, with retries after throttling.

use hearback_contract::Operation;
use hearback_history::{
    ActorName, Credential, CredentialKind, EventKind, Invocation, Payload, ScenarioName,
};
use jiff::Timestamp;
use reqwest::header;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::request::Body;
use super::response::Response;
use super::token_bodies::{IN_REQUESTS, IN_RESPONSES, Keys, without_secrets};
use crate::client::Client;
use crate::failure::{Failure, FailureKind};
use crate::limits::Circuit;
use crate::ownership::guard::GuardedRequest;

/// Number of bytes that are recorded of a body which exceeds [`Limits::body`](crate::Limits).
const LONGEST_CUT: usize = 64 << 10;

/// A request that is ready to be sent.
pub(crate) struct OutgoingRequest<'a> {
    pub(crate) scenario: &'a ScenarioName,
    pub(crate) actor: &'a ActorName,
    pub(crate) operation: Option<Operation>,
    pub(crate) method: reqwest::Method,
    pub(crate) url: Url,
    /// The path to record: below the base URL, or the whole URL of other requests.
    pub(crate) path: String,
    pub(crate) path_parameters: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) credential: Credential,
    pub(crate) token: Option<SecretString>,
}

/// A response as received.
struct Received {
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    server: Option<String>,
    date: Option<String>,
    location: Option<String>,
    challenge: Option<String>,
    body: Vec<u8>,
    truncated: bool,
}

impl Received {
    /// The part of the body to record: the beginning if the body was cut, since the rest is useless.
    fn kept(&self) -> &[u8] {
        if !self.truncated || self.body.len() <= LONGEST_CUT {
            return &self.body;
        }
        let is_boundary = |at: &usize| self.body[*at] & 0xc0 != 0x80;
        let end = (0..=LONGEST_CUT).rev().find(is_boundary).unwrap_or(LONGEST_CUT);
        &self.body[..end]
    }
}

impl Client {
    /// Sends a request, and again as long as the target throttles it; each attempt is recorded.
    pub(crate) async fn send(&self, outgoing: OutgoingRequest<'_>) -> Response {
        let guarded = GuardedRequest {
            operation: outgoing.operation,
            path_parameters: &outgoing.path_parameters,
            query: &outgoing.query,
            body: outgoing
                .body
                .as_ref()
                .map(|body| String::from_utf8_lossy(&body.payload().to_bytes()).into_owned()),
        };
        if let Err(failure) = guarded.check(&self.ownership) {
            return Response::failed(failure);
        }
        // Credentials of an account are right until the target refuses them.
        if outgoing.operation == Some(Operation::TokenObtain)
            && outgoing.credential.kind != CredentialKind::Access
            && let Some(budget) = &self.limits.failed_logins
            && !budget.take(guarded.body.as_deref())
        {
            return Response::failed(Failure {
                kind: FailureKind::LoginBudget,
                text: "not sent: the budget of failed logins is used up".to_owned(),
                maybe_done: false,
            });
        }
        for attempt in 1..=self.limits.attempts {
            let request = match self.request(&outgoing) {
                Ok(request) => request,
                Err(error) => return Response::unsent(Failure::of_request(error)),
            };
            let admission = match self.admission().await {
                Ok(admission) => admission,
                Err(failure) => return Response::failed(failure),
            };
            let circuit = outgoing.operation.map(Circuit::Operation);
            let permit = match self.circuit_breaker.permit(circuit) {
                Ok(permit) => permit,
                Err(failure) => return Response::failed(failure),
            };
            let call = self.recorder.next_call();
            self.recorder.record(EventKind::Invoked(Invocation {
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
                    .map(|body| self.recorded(&outgoing, IN_REQUESTS, body.payload())),
                attempt,
            }));
            let received = match self.exchange(request).await {
                Ok(received) => received,
                Err(error) => {
                    let failure = Failure::of_request(error);
                    permit.failed(&failure);
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
                    let text = self.recorder.redacted(&failure.text);
                    return Response { error: Some(text), ..Response::failed(failure) };
                }
            };
            permit.succeeded();
            drop(admission);
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
            let delay = self.throttle.observe(
                received.status,
                received.retry_after.as_deref(),
                &received.body,
                attempt,
            );
            self.recorder.record(EventKind::Returned {
                call,
                status: received.status,
                content_type: received.content_type.clone(),
                throttled_s: delay.map(|delay| delay.as_secs_f64()),
                body: self.recorded(
                    &outgoing,
                    IN_RESPONSES,
                    Payload::from_bytes(received.kept().to_vec()),
                ),
                truncated: received.truncated,
            });
            if delay.is_none() {
                let json = serde_json::from_slice(&received.body).ok();
                let json = json.filter(|_| !received.truncated);
                if (200..300).contains(&received.status) {
                    let archived = guarded.learn(json.as_ref(), &self.ownership);
                    archived.into_iter().for_each(|room| {
                        self.recorder.record(EventKind::RoomArchived { room });
                    });
                }
                return Response {
                    status: Some(received.status),
                    json,
                    error: None,
                    failure: None,
                    body: received.body,
                    truncated: received.truncated,
                    has_retry_after: received.retry_after.is_some(),
                    server: received.server,
                    date: received.date,
                    location: received.location,
                    challenge: received.challenge,
                };
            }
        }
        Response::unsent(format_args!(
            "the target throttled {} consecutive attempts",
            self.limits.attempts
        ))
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
        self.target.connection().apply_to_request(request.headers_mut());
        Ok(request)
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
            retry_after: text(header::RETRY_AFTER),
            server: text(header::SERVER),
            date: text(header::DATE),
            location: text(header::LOCATION),
            challenge: text(header::WWW_AUTHENTICATE),
            body: Vec::new(),
            truncated: false,
        };
        while let Some(chunk) = response.chunk().await? {
            let free = self.limits.body - received.body.len();
            received.body.extend_from_slice(&chunk[..chunk.len().min(free)]);
            if chunk.len() > free {
                received.truncated = true;
                break;
            }
        }
        Ok(received)
    }

    /// The body without the secrets of token operations.
    fn recorded(&self, outgoing: &OutgoingRequest<'_>, keys: Keys, payload: Payload) -> Payload {
        match outgoing.operation {
            Some(Operation::TokenObtain | Operation::TokenRefresh) => {
                without_secrets(payload, keys, outgoing.actor.as_str(), &self.recorder)
            }
            _ => payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_cut_body_is_recorded() {
        let received = |body: String, truncated| Received {
            status: 200,
            content_type: None,
            retry_after: None,
            server: None,
            date: None,
            location: None,
            challenge: None,
            body: body.into_bytes(),
            truncated,
        };
        let whole = received("ä".repeat(LONGEST_CUT), false);
        assert_eq!(whole.kept().len(), 2 * LONGEST_CUT);
        let cut = received(format!("a{}", "ä".repeat(LONGEST_CUT)), true);
        let kept = std::str::from_utf8(cut.kept()).unwrap();
        assert_eq!(kept.len(), LONGEST_CUT - 1);
    }
}
