//! Preflight: checks before a run that the target can be tested, with help if it cannot.

mod error;
mod gateway;
mod shown;

use hearback_contract::{Operation, RoomId};
use hearback_history::escape::escape;
use hearback_history::{CredentialKind, ScenarioName};

use crate::actor::{Actor, LoginError};
use crate::client::Client;
use crate::failure::{Failure, FailureKind};
use crate::rest::{Request, Response};

use shown::{LONGEST_BODY, base, url};

pub use error::PreflightError;

/// Name of the scenario in the history.
const SCENARIO: &str = "preflight";

/// Checks that the target is reachable, is this API, and accepts the credentials of `actor`.
///
/// Requests the list of rooms without a token, logs in, and requests it with the token; all is recorded.
///
/// # Errors
/// If the target cannot be tested.
pub async fn preflight(client: &Client, actor: &Actor) -> Result<(), PreflightError> {
    reach(client, actor).await?;
    authenticate(client, actor).await
}

/// Requests the list of rooms without a token, as `actor`, and checks that the target is this API.
///
/// # Errors
/// If the target is unreachable, behind a gateway that does not let requests pass, or another service.
pub async fn reach(client: &Client, actor: &Actor) -> Result<Response, PreflightError> {
    let list = Request::new(Operation::RoomsList);
    let anonymous = list.credential(CredentialKind::Anonymous);
    let response = actor.call(&ScenarioName::from(SCENARIO), anonymous).await;
    let Some(status) = response.status else {
        return Err(unanswered(client, &response).await);
    };
    if is_tls_port(status, &response) {
        return Err(PreflightError::SpeaksTls { base: base(client) });
    }
    if let Some(error) = gateway::error(client, status, &response) {
        return Err(error);
    }
    if !is_this_api(status, &response) {
        return Err(another_service(client, status, &response));
    }
    Ok(response)
}

/// Logs `actor` in, and checks that the target accepts its token.
///
/// # Errors
/// If the actor gets no token, or its token is rejected.
pub async fn authenticate(client: &Client, actor: &Actor) -> Result<(), PreflightError> {
    let scenario = ScenarioName::from(SCENARIO);
    actor.log_in(&scenario).await.map_err(no_token)?;
    let response = actor.call(&scenario, Request::new(Operation::RoomsList)).await;
    match response.status {
        None => Err(match response.failure {
            Some(_) => unanswered(client, &response).await,
            None => PreflightError::NotSent {
                actor: actor.name().clone(),
                reason: response.error.unwrap_or_default(),
            },
        }),
        Some(401 | 403) => Err(PreflightError::TokenRefused {
            actor: actor.name().clone(),
            answer: response.describe_redacted(LONGEST_BODY, client.recorder()),
            help: gateway::token_help(client, &response),
        }),
        Some(status @ 404) => Err(another_service(client, status, &response)),
        // Other statuses are left to the checker.
        Some(_) => Ok(()),
    }
}

/// Checks that `actor` can open a socket to `room`, of which it is a member.
///
/// # Errors
/// [`PreflightError::Socket`] if the handshake fails.
pub async fn socket_preflight(actor: &Actor, room: &RoomId) -> Result<(), PreflightError> {
    let scenario = ScenarioName::from(SCENARIO);
    match actor.connect(&scenario, room, CredentialKind::Access).await {
        Ok(socket) => {
            socket.close().await;
            Ok(())
        }
        Err(error) => {
            let url = actor.client().target().socket_url(room, None);
            Err(PreflightError::Socket {
                help: gateway::socket_help(actor.client(), &url, &error),
                url: escape(url.as_str(), 2 * LONGEST_BODY),
                reason: error.error,
            })
        }
    }
}

/// The error for a failed login, by whether the credentials of the account caused it.
fn no_token(error: LoginError) -> PreflightError {
    match error {
        LoginError::Refused { status: 500.., .. }
        | LoginError::NoToken { .. }
        | LoginError::UnusableToken { .. }
        | LoginError::TimedOut { .. }
        | LoginError::NoAnswer { .. } => PreflightError::NoToken(error),
        error @ LoginError::LockedOut { .. } => PreflightError::LockedOut(error),
        LoginError::Refused { status: 403, ref answer, .. } if !answer.contains('{') => {
            PreflightError::LogInForbidden(error)
        }
        error => PreflightError::LogIn(error),
    }
}

/// Returns whether an unauthenticated list of rooms may be a response of this API, even of a very broken one.
fn is_this_api(status: u16, response: &Response) -> bool {
    match status {
        401 | 403 => true,
        300..=399 | 404 | 405 => false,
        _ => response.json.as_ref().is_some_and(serde_json::Value::is_object),
    }
}

/// Returns whether the response is that of nginx or Go to plain HTTP on a TLS port.
fn is_tls_port(status: u16, response: &Response) -> bool {
    let body = String::from_utf8_lossy(&response.body).to_lowercase();
    status == 400 && body.contains("http request") && body.contains("https")
}

fn another_service(client: &Client, status: u16, response: &Response) -> PreflightError {
    let body = client.recorder().redacted(&String::from_utf8_lossy(&response.body)).to_string();
    PreflightError::AnotherService {
        url: url(client),
        status,
        server: response.server.as_deref().map_or_else(
            || "an unnamed server".to_owned(),
            |server| escape(&client.recorder().redacted(server), LONGEST_BODY),
        ),
        body: escape(&body, LONGEST_BODY),
    }
}

/// The error for a failed connection, with the option that helps.
pub async fn explain(client: &Client, failure: Failure) -> PreflightError {
    let error = Some(client.recorder().redacted(&failure.text));
    unanswered(client, &Response { error, ..Response::failed(failure) }).await
}

async fn unanswered(client: &Client, response: &Response) -> PreflightError {
    let base = base(client);
    let reason = response.error.clone().unwrap_or_default();
    let Some(failure) = &response.failure else {
        return PreflightError::Broken { base, reason };
    };
    if let Some(proxy) = client.target().connection().proxy(client.target().rest()) {
        let proxy = proxy.url();
        match failure.kind {
            FailureKind::ProxyAuthentication => {
                return PreflightError::ProxyAuthentication { proxy, reason };
            }
            // Failures between the proxy and the target are responses of the proxy.
            FailureKind::Proxy | FailureKind::Resolution | FailureKind::Refused => {
                return PreflightError::Proxy { base, proxy, reason };
            }
            _ => {}
        }
    }
    match failure.kind {
        FailureKind::Resolution => PreflightError::Resolution {
            host: client.target().rest().host_str().unwrap_or_default().to_owned(),
            reason,
        },
        FailureKind::Refused => PreflightError::Refused { base },
        FailureKind::Certificate => PreflightError::Certificate { base, reason },
        FailureKind::ClientCertificate => PreflightError::ClientCertificate { base, reason },
        FailureKind::NotTls => PreflightError::PlainHttp { base },
        FailureKind::TimedOut | FailureKind::Broken if speaks_tls(client).await => {
            PreflightError::SpeaksTls { base }
        }
        FailureKind::TimedOut => {
            PreflightError::TimedOut { base, timeout: client.limits().timeout }
        }
        FailureKind::Throttled => PreflightError::Throttled { base, reason },
        FailureKind::Tls
        | FailureKind::NotOurs
        | FailureKind::LoginBudget
        | FailureKind::LongAddress
        | FailureKind::Broken
        | FailureKind::Unprocessed
        | FailureKind::Proxy
        | FailureKind::ProxyAuthentication => PreflightError::Broken { base, reason },
    }
}

/// Returns whether a target with the scheme `http` answers a TLS handshake. Requests `/`.
async fn speaks_tls(client: &Client) -> bool {
    let mut url = client.target().rest().clone();
    if url.scheme() != "http" || url.set_scheme("https").is_err() {
        return false;
    }
    url.set_path("/");
    match client.http.get(url).timeout(client.limits().timeout).send().await {
        Ok(_) => true,
        Err(error) => {
            matches!(
                Failure::of_request(error).kind,
                FailureKind::Certificate | FailureKind::ClientCertificate | FailureKind::Tls
            )
        }
    }
}
