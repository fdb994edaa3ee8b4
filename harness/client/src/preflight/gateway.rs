//! Responses of gateways in front of the target, and the options that get past them.

use hearback_history::escape::escape;
use url::Url;

use super::error::PreflightError;
use super::shown::{LONGEST_BODY, base, url};
use crate::client::Client;
use crate::failure::FailureKind;
use crate::rest::Response;
use crate::socket::HandshakeError;

/// The error of a response that a gateway or proxy gave instead of the target, if it is one.
pub(super) fn error(client: &Client, status: u16, response: &Response) -> Option<PreflightError> {
    let answer = || response.describe_redacted(LONGEST_BODY, client.recorder());
    match status {
        300..=399 => Some(PreflightError::Redirect {
            url: url(client),
            status,
            location: location(client, response.location.as_deref()),
        }),
        407 => Some(PreflightError::ProxyAuthentication {
            proxy: client
                .target()
                .connection()
                .proxy(client.target().rest())
                .map_or_else(|| "in front of the target".to_owned(), |proxy| proxy.url()),
            reason: answer(),
        }),
        // Servers may offer basic authentication themselves, with errors of the API.
        401 if response.demands_basic_authentication() && !is_json(response) => {
            let help = match client.target().connection().has_user() {
                false => "add --user NAME:PASSWORD with the credentials of the gateway",
                true => "check the name and the password of --user",
            };
            Some(PreflightError::BasicAuthentication { base: base(client), answer: answer(), help })
        }
        400 if demands_certificate(response) => {
            Some(PreflightError::ClientCertificate { base: base(client), reason: answer() })
        }
        _ => None,
    }
}

/// Advice for a refused access token.
pub(super) fn token_help(client: &Client, response: &Response) -> &'static str {
    let connection = client.target().connection();
    if connection.replaces_bearer() {
        "the header Authorization of --header replaces the access token of every account; remove it"
    } else if response.demands_basic_authentication() && !is_json(response) {
        "the gateway requires basic authentication also of requests with an access token, but a request has only \
         one Authorization header; have the gateway exempt the API, or accept another header (--header)"
    } else {
        "a token in the accounts file may have expired; use a password instead"
    }
}

/// Advice for a failed handshake at a target whose REST works.
pub(super) fn socket_help(client: &Client, url: &Url, error: &HandshakeError) -> String {
    let connection = client.target().connection();
    let is_basic =
        error.challenge.as_deref().is_some_and(|it| it.to_lowercase().starts_with("basic"));
    let kind = error.failure.as_ref().map(|failure| failure.kind);
    match (error.status, kind) {
        (Some(401), _) if is_basic && !connection.has_user() => {
            "add --user NAME:PASSWORD with the credentials of the gateway".to_owned()
        }
        (Some(300..=399), _) => format!(
            "the location is {}; set --socket-url to the URL that it belongs to",
            error.location.as_deref().unwrap_or("not named")
        ),
        (Some(400 | 403), _) => match connection.origin(url) {
            Some(origin) => format!(
                "the server may require another Origin than {}, which was sent; set --origin to that of its web \
                 page, or --origin none",
                escape(&String::from_utf8_lossy(origin.as_bytes()), 2 * LONGEST_BODY)
            ),
            None => "no Origin was sent; the server may require one: set --origin URL".to_owned(),
        },
        (Some(407), _) | (_, Some(FailureKind::ProxyAuthentication)) => {
            "set --proxy http://NAME:PASSWORD@HOST:PORT, or the same in the proxy variable".to_owned()
        }
        (_, Some(FailureKind::Proxy)) => {
            "check --proxy and the proxy variables; the proxy must allow CONNECT to the host and port of the \
             sockets"
                .to_owned()
        }
        (_, Some(FailureKind::Certificate)) => {
            "to trust a private authority, add --cacert FILE; to accept any certificate, add --insecure"
                .to_owned()
        }
        (_, Some(FailureKind::ClientCertificate)) => {
            "name the client certificate and its key with --cert FILE and --key FILE".to_owned()
        }
        (_, Some(FailureKind::Resolution)) => {
            "to give the address of the host, add --resolve HOST:PORT:ADDRESS".to_owned()
        }
        _ => "if the sockets have another URL, set --socket-url wss://host/ws".to_owned(),
    }
}

fn is_json(response: &Response) -> bool {
    response.json.as_ref().is_some_and(serde_json::Value::is_object)
}

/// Returns whether the response is that of nginx to a client without certificate.
fn demands_certificate(response: &Response) -> bool {
    String::from_utf8_lossy(&response.body).to_lowercase().contains("ssl certificate")
}

fn location(client: &Client, location: Option<&str>) -> String {
    location.map_or_else(
        || "not named".to_owned(),
        |location| escape(&client.recorder().redacted(location), 2 * LONGEST_BODY),
    )
}
