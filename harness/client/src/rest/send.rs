//! Sending a request, recording it, and doing it again if the target throttles.

use hearback_contract::Operation;
use hearback_history::{ActorName, Credential, EventKind, Invocation, Payload, ScenarioName};
use reqwest::header;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::client::Client;
use crate::failure::Failure;
use crate::limits::circuit_breaker::Asked;
use crate::rest::request::Body;
use crate::rest::response::Response;
use crate::rest::token_bodies::{IN_REQUESTS, IN_RESPONSES, Keys, without_secrets};

/// Most bytes that are recorded of a body above the limit.
const LONGEST_CUT: usize = 64 << 10;

/// A request with everything decided.
pub(crate) struct Outgoing<'a> {
    pub(crate) scenario: &'a ScenarioName,
    pub(crate) actor: &'a ActorName,
    pub(crate) operation: Option<Operation>,
    pub(crate) method: reqwest::Method,
    pub(crate) url: Url,
    /// As recorded: below the base URL, or the whole URL.
    pub(crate) path: String,
    pub(crate) path_parameters: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) credential: Credential,
    pub(crate) token: Option<SecretString>,
}

/// A response as it came off the wire.
struct Answer {
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    server: Option<String>,
    body: Vec<u8>,
    truncated: bool,
}

impl Answer {
    /// What of the body is recorded: of one that was cut, and so can be nothing any more, the beginning.
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
    /// Sends the request until it is answered by something else than a throttle; each attempt is recorded.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Response {
        for attempt in 1..=self.limits.attempts {
            let request = match self.request(&outgoing) {
                Ok(request) => request,
                Err(error) => return Response::unsent(Failure::of_request(error)),
            };
            let permit = match self.admission().await {
                Ok(permit) => permit,
                Err(failure) => return Response::failed(failure),
            };
            let question = match self.circuit_breaker.ask(outgoing.operation.map(Asked::Operation))
            {
                Ok(question) => question,
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
            let answer = match self.exchange(request).await {
                Ok(answer) => answer,
                Err(error) => {
                    let failure = Failure::of_request(error);
                    question.failed(&failure);
                    self.recorder.record(EventKind::Failed {
                        call,
                        error: failure.text.clone(),
                        maybe_done: failure.maybe_done,
                    });
                    let text = self.recorder.redacted(&failure.text);
                    return Response { error: Some(text), ..Response::failed(failure) };
                }
            };
            question.answered();
            drop(permit);
            let wait = self.throttle.judge(
                answer.status,
                answer.retry_after.as_deref(),
                &answer.body,
                attempt,
            );
            self.recorder.record(EventKind::Returned {
                call,
                status: answer.status,
                content_type: answer.content_type.clone(),
                throttled_s: wait.map(|wait| wait.as_secs_f64()),
                body: self.recorded(
                    &outgoing,
                    IN_RESPONSES,
                    Payload::from_bytes(answer.kept().to_vec()),
                ),
                truncated: answer.truncated,
            });
            if wait.is_none() {
                return Response {
                    status: Some(answer.status),
                    json: serde_json::from_slice(&answer.body).ok().filter(|_| !answer.truncated),
                    error: None,
                    failure: None,
                    body: answer.body,
                    truncated: answer.truncated,
                    server: answer.server,
                };
            }
        }
        Response::unsent(format_args!(
            "the target throttled {} attempts in a row",
            self.limits.attempts
        ))
    }

    fn request(&self, outgoing: &Outgoing<'_>) -> reqwest::Result<reqwest::Request> {
        let mut request = self.http.request(outgoing.method.clone(), outgoing.url.clone());
        if let Some(token) = &outgoing.token {
            request = request.bearer_auth(token.expose_secret());
        }
        match &outgoing.body {
            Some(body) => body.attach(request)?,
            None => request,
        }
        .build()
    }

    /// One request and its answer, read up to the limit.
    async fn exchange(&self, request: reqwest::Request) -> reqwest::Result<Answer> {
        let mut response = self.http.execute(request).await?;
        let text = |name: header::HeaderName| {
            response
                .headers()
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: text(header::CONTENT_TYPE),
            retry_after: text(header::RETRY_AFTER),
            server: text(header::SERVER),
            body: Vec::new(),
            truncated: false,
        };
        while let Some(chunk) = response.chunk().await? {
            let room = self.limits.body - answer.body.len();
            answer.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                answer.truncated = true;
                break;
            }
        }
        Ok(answer)
    }

    /// What of a body may be recorded.
    fn recorded(&self, outgoing: &Outgoing<'_>, keys: Keys, payload: Payload) -> Payload {
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
    fn of_a_body_that_is_cut_the_beginning_is_recorded() {
        let answer = |body: String, truncated| Answer {
            status: 200,
            content_type: None,
            retry_after: None,
            server: None,
            body: body.into_bytes(),
            truncated,
        };
        let whole = answer("ä".repeat(LONGEST_CUT), false);
        assert_eq!(whole.kept().len(), 2 * LONGEST_CUT);
        let cut = answer(format!("a{}", "ä".repeat(LONGEST_CUT)), true);
        let kept = std::str::from_utf8(cut.kept()).unwrap();
        assert_eq!(kept.len(), LONGEST_CUT - 1);
    }
}
