//! Preflight: checks before a run that the target can be tested, with help if it cannot.

use std::time::Duration;

use hearback_contract::{Operation, RoomId};
use hearback_history::escape::escape;
use hearback_history::{CredentialKind, Nanoseconds, ScenarioName};
use miette::Diagnostic;

use crate::actor::{Actor, LoginError};
use crate::client::Client;
use crate::failure::{Failure, FailureKind};
use crate::rest::{Request, Response};

/// Name of the scenario in the history.
const SCENARIO: &str = "preflight";

/// Maximum length of a response body in an error, in characters.
const LONGEST_BODY: usize = 80;

/// Reason why a target cannot be tested. Texts of the target are bounded, escaped, and without secrets.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum PreflightError {
    /// The host name could not be resolved.
    #[error("{host} could not be resolved")]
    #[diagnostic(help("check the spelling of the host name, and the VPN ({reason})"))]
    Resolution {
        /// The host.
        host: String,
        /// Error of the resolver.
        reason: String,
    },
    /// The connection was refused.
    #[error("nothing listens at {base}: the connection was refused")]
    #[diagnostic(help("check that the backend is running, and the port"))]
    Refused {
        /// The base URL.
        base: String,
    },
    /// There was no response.
    #[error("{base} did not answer within {}", Nanoseconds::from(*timeout))]
    #[diagnostic(help("check for a firewall; increase --timeout if the target is slow"))]
    TimedOut {
        /// The base URL.
        base: String,
        /// The timeout.
        timeout: Duration,
    },
    /// The target demands a longer delay than the limit.
    #[error("{base}: {reason}")]
    #[diagnostic(help("nothing else was sent"))]
    Throttled {
        /// The base URL.
        base: String,
        /// Length and end of the delay.
        reason: String,
    },
    /// The certificate is not trusted.
    #[error("the certificate of {base} is not trusted: {reason}")]
    #[diagnostic(help("to trust a private authority, set SSL_CERT_FILE=authority.pem"))]
    Certificate {
        /// The base URL.
        base: String,
        /// The problem with it.
        reason: String,
    },
    /// The scheme is `https`, but the server uses plain HTTP.
    #[error("{base} does not speak TLS")]
    #[diagnostic(help("use http:// instead of https://"))]
    PlainHttp {
        /// The base URL.
        base: String,
    },
    /// The scheme is `http`, but the server uses TLS.
    #[error("{base} requires TLS")]
    #[diagnostic(help("use https:// instead of http://"))]
    SpeaksTls {
        /// The base URL.
        base: String,
    },
    /// The connection broke in another way, or the response is not HTTP.
    #[error("the request to {base} failed: {reason}")]
    Broken {
        /// The base URL.
        base: String,
        /// Error message.
        reason: String,
    },
    /// The server is not an AriStay Chat API.
    #[error("{url} answers, but is not the AriStay Chat API: {status} from {server}: {body}")]
    #[diagnostic(help("use the URL before /chat/…, which usually ends with /api"))]
    AnotherService {
        /// The requested URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// The `Server` header, or a placeholder.
        server: String,
        /// The beginning of the body.
        body: String,
    },
    /// The first account cannot log in. The login is not repeated, so that the account is not locked.
    #[error(transparent)]
    #[diagnostic(help("check the user name and the password in the accounts file"))]
    LogIn(LoginError),
    /// The first account got no token for another reason than its credentials.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoToken(LoginError),
    /// The access token was rejected.
    #[error("the access token of `{actor}` was refused: {answer}")]
    #[diagnostic(help("a token in the accounts file may have expired; use a password instead"))]
    TokenRefused {
        /// Owner of the token.
        actor: String,
        /// Status and beginning of the body.
        answer: String,
    },
    /// REST works, but sockets do not.
    #[error("REST works, but no socket opens at {url}: {reason}")]
    #[diagnostic(help("if the sockets have another URL, set --socket-url wss://host/ws"))]
    Socket {
        /// The URL of the socket, without the token.
        url: String,
        /// Error message.
        reason: String,
    },
}

/// Checks that the target is reachable, is this API, and accepts the credentials of `actor`.
///
/// Requests the list of rooms without a token, logs in, and requests it with the token; all is recorded.
///
/// # Errors
/// If the target cannot be tested.
pub async fn preflight(client: &Client, actor: &Actor) -> Result<(), PreflightError> {
    let scenario = ScenarioName::from(SCENARIO);
    let list = Request::new(Operation::RoomsList);
    let anonymous = list.clone().credential(CredentialKind::Anonymous);
    let response = actor.call(&scenario, anonymous).await;
    let Some(status) = response.status else {
        return Err(unanswered(client, &response).await);
    };
    if is_tls_port(status, &response) {
        return Err(PreflightError::SpeaksTls { base: base(client) });
    }
    if !is_this_api(status, &response) {
        return Err(another_service(client, Operation::RoomsList, status, &response));
    }
    actor.log_in(&scenario).await.map_err(no_token)?;
    let response = actor.call(&scenario, list).await;
    match response.status {
        None => Err(unanswered(client, &response).await),
        Some(401 | 403) => Err(PreflightError::TokenRefused {
            actor: actor.name().to_string(),
            answer: response.describe_redacted(LONGEST_BODY, client.recorder()),
        }),
        Some(status @ 404) => Err(another_service(client, Operation::RoomsList, status, &response)),
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
        Err(error) => Err(PreflightError::Socket {
            url: escape(actor.client().target().socket_url(room, None).as_str(), 2 * LONGEST_BODY),
            reason: error.error,
        }),
    }
}

/// The error for a failed login, by whether the credentials of the account caused it.
fn no_token(error: LoginError) -> PreflightError {
    match error {
        LoginError::Refused { status: 500.., .. }
        | LoginError::NoToken { .. }
        | LoginError::TimedOut { .. }
        | LoginError::NoAnswer { .. } => PreflightError::NoToken(error),
        error => PreflightError::LogIn(error),
    }
}

fn base(client: &Client) -> String {
    client.target().rest().to_string()
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

fn another_service(
    client: &Client,
    operation: Operation,
    status: u16,
    response: &Response,
) -> PreflightError {
    let body = client.recorder().redacted(&String::from_utf8_lossy(&response.body)).to_string();
    PreflightError::AnotherService {
        url: client.target().operation_url(operation, &[], &[]).to_string(),
        status,
        server: response
            .server
            .as_deref()
            .map_or_else(|| "an unnamed server".to_owned(), |server| escape(server, LONGEST_BODY)),
        body: escape(&body, LONGEST_BODY),
    }
}

async fn unanswered(client: &Client, response: &Response) -> PreflightError {
    let base = base(client);
    let reason = response.error.clone().unwrap_or_default();
    let Some(failure) = &response.failure else {
        return PreflightError::Broken { base, reason };
    };
    match failure.kind {
        FailureKind::Resolution => PreflightError::Resolution {
            host: client.target().rest().host_str().unwrap_or_default().to_owned(),
            reason,
        },
        FailureKind::Refused => PreflightError::Refused { base },
        FailureKind::Certificate => PreflightError::Certificate { base, reason },
        FailureKind::NotTls => PreflightError::PlainHttp { base },
        FailureKind::TimedOut | FailureKind::Broken if speaks_tls(client).await => {
            PreflightError::SpeaksTls { base }
        }
        FailureKind::TimedOut => {
            PreflightError::TimedOut { base, timeout: client.limits().timeout }
        }
        FailureKind::Throttled => PreflightError::Throttled { base, reason },
        FailureKind::Tls | FailureKind::Broken => PreflightError::Broken { base, reason },
    }
}

/// Returns whether a target with the scheme `http` answers a TLS handshake. Requests `/`.
async fn speaks_tls(client: &Client) -> bool {
    let mut url = client.target().rest().clone();
    if url.scheme() != "http" || url.set_scheme("https").is_err() {
        return false;
    }
    url.set_path("/");
    match client.http.get(url).send().await {
        Ok(_) => true,
        Err(error) => {
            matches!(Failure::of_request(error).kind, FailureKind::Certificate | FailureKind::Tls)
        }
    }
}
