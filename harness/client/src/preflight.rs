//! Finding out before a run whether the target can be tested, and saying what to do if not.

use std::time::Duration;

use hearback_contract::{Operation, RoomId};
use hearback_history::{CredentialKind, ScenarioName};
use miette::Diagnostic;

use crate::actor::{Actor, LogInError};
use crate::client::Client;
use crate::escape::excerpt;
use crate::failure::{Failure, FailureKind};
use crate::rest::request::Request;
use crate::rest::response::Response;

/// The scenario under which the preflight is recorded.
const SCENARIO: &str = "preflight";

/// How much of a stranger's body is shown, in characters.
const SHOWN: usize = 80;

/// Why a target cannot be tested. Texts of the target are bounded, escaped, and without secrets.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum PreflightError {
    /// The host's name is not known.
    #[error("{host} does not resolve")]
    #[diagnostic(help("is the target's name spelled rightly, and the VPN up? ({reason})"))]
    Resolution {
        /// The host.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nothing listens.
    #[error("nothing listens at {base}: the connection was refused")]
    #[diagnostic(help("is the backend running, and is the port right?"))]
    Refused {
        /// The base URL.
        base: String,
    },
    /// No answer came.
    #[error("{base} did not answer within {timeout:?}")]
    #[diagnostic(help("is a firewall in between? A slow target may be given more --timeout"))]
    TimedOut {
        /// The base URL.
        base: String,
        /// How long it was waited for.
        timeout: Duration,
    },
    /// The target asks to wait for longer than anybody does.
    #[error("{base}: {reason}")]
    #[diagnostic(help("nothing more was sent"))]
    Throttled {
        /// The base URL.
        base: String,
        /// How long, and when to try again.
        reason: String,
    },
    /// The certificate is not trusted.
    #[error("the certificate of {base} is not trusted: {reason}")]
    #[diagnostic(help("a private authority can be trusted with SSL_CERT_FILE=authority.pem"))]
    Certificate {
        /// The base URL.
        base: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `https` was asked for, plain HTTP is spoken.
    #[error("{base} does not speak TLS")]
    #[diagnostic(help("try http:// in the place of https://"))]
    PlainHttp {
        /// The base URL.
        base: String,
    },
    /// `http` was asked for, TLS is spoken.
    #[error("{base} speaks TLS")]
    #[diagnostic(help("try https:// in the place of http://"))]
    SpeaksTls {
        /// The base URL.
        base: String,
    },
    /// The connection broke in another way, or what came back is no HTTP.
    #[error("{base} could not be asked: {reason}")]
    Broken {
        /// The base URL.
        base: String,
        /// Why.
        reason: String,
    },
    /// Something answers, but not this API.
    #[error("{url} answers, but is not the AriStay Chat API: {status} from {server}: {body}")]
    #[diagnostic(help("the target is the URL before /chat/…, and usually ends with /api"))]
    AnotherService {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
        /// The `Server` header, or that there is none.
        server: String,
        /// The beginning of the body.
        body: String,
    },
    /// The first account cannot log in. It is tried once, so that no account gets locked.
    #[error(transparent)]
    #[diagnostic(help(
        "are the user name and the password in the accounts file those of this target?"
    ))]
    LogIn(LogInError),
    /// The first account got no token, and not because of who it is.
    #[error(transparent)]
    NoToken(LogInError),
    /// The access token opens nothing.
    #[error("the access token of `{actor}` was refused: {answer}")]
    #[diagnostic(help("a ready token may have expired; a password in the accounts file does not"))]
    TokenRefused {
        /// Whose it is.
        actor: String,
        /// Status and beginning of the body.
        answer: String,
    },
    /// REST works, the socket does not.
    #[error("REST works, but no socket opens at {url}: {reason}")]
    #[diagnostic(help("if the sockets are elsewhere, say where with --socket-url wss://host/ws"))]
    Socket {
        /// What was tried, without the token.
        url: String,
        /// What answered.
        reason: String,
    },
}

/// Checks that the target is there, is this API, and lets `actor` in.
///
/// Asks for the list of rooms without a token, logs in, and asks again with it; all of it is recorded.
pub async fn preflight(client: &Client, actor: &Actor) -> Result<(), PreflightError> {
    let scenario = ScenarioName::from(SCENARIO);
    let list = Request::new(Operation::RoomsList);
    let anonymous = list.clone().credential(CredentialKind::Anonymous);
    let response = actor.call(&scenario, anonymous).await;
    let Some(status) = response.status else {
        return Err(unanswered(client, &response).await);
    };
    if was_plain_http_to_tls(status, &response) {
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
            answer: response.describe_redacted(SHOWN, client.recorder()),
        }),
        Some(status @ 404) => Err(another_service(client, Operation::RoomsList, status, &response)),
        // Anything else is for the checks to judge.
        Some(_) => Ok(()),
    }
}

/// Checks that a socket opens to `room`, of which `actor` is a member.
pub async fn socket_preflight(actor: &Actor, room: &RoomId) -> Result<(), PreflightError> {
    let scenario = ScenarioName::from(SCENARIO);
    match actor.connect(&scenario, room, CredentialKind::Access).await {
        Ok(socket) => {
            socket.close().await;
            Ok(())
        }
        Err(refused) => Err(PreflightError::Socket {
            url: excerpt(actor.client().target().socket_url(room, None).as_str(), 2 * SHOWN),
            reason: refused.error,
        }),
    }
}

/// Whether it is the account that is at fault.
fn no_token(error: LogInError) -> PreflightError {
    match error {
        LogInError::Refused { status: 500.., .. }
        | LogInError::NoToken { .. }
        | LogInError::NoAnswer { .. } => PreflightError::NoToken(error),
        error => PreflightError::LogIn(error),
    }
}

fn base(client: &Client) -> String {
    client.target().rest().to_string()
}

/// What an unauthenticated list of rooms may look like, be the target as broken as it may.
fn is_this_api(status: u16, response: &Response) -> bool {
    match status {
        401 | 403 => true,
        300..=399 | 404 | 405 => false,
        _ => response.json.as_ref().is_some_and(serde_json::Value::is_object),
    }
}

/// What nginx and Go say over plain HTTP at a port for TLS.
fn was_plain_http_to_tls(status: u16, response: &Response) -> bool {
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
            .map_or_else(|| "an unnamed server".to_owned(), |server| excerpt(server, SHOWN)),
        body: excerpt(&body, SHOWN),
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

/// Whether a target that was given with `http` answers a TLS greeting. Asks for nothing but `/`.
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
