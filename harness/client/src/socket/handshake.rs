//! Handshakes: TLS, and the upgrade to WebSocket. Section *Connection*.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hearback_contract::RoomId;
use hearback_history::escape::escape;
use hearback_history::{
    ActorName, Attempt, ConnectionId, Credential, EventKind, Excuse, Nanoseconds, ScenarioName,
};
use reqwest::header::{
    HeaderName, HeaderValue, LOCATION, ORIGIN, RETRY_AFTER, SEC_WEBSOCKET_EXTENSIONS, USER_AGENT,
    WWW_AUTHENTICATE,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as SocketError};
use tokio_tungstenite::{MaybeTlsStream, client_async_with_config};
use url::Url;

use super::adapted::{Adapted, DEFLATE};
use super::close_origin::is_invalid_handshake;
use super::raw::{RawSocket, Stream};
use super::shared::{Shareable, Socket};
use crate::client::Client;
use crate::connection::{self, Transport, server_name};
use crate::failure::{Failure, FailureKind};
use crate::limits::throttle::Scope;
use crate::limits::{Circuit, gateway_errors};
use crate::ownership::guard;

/// Size of the read buffer in bytes; the default of 128 KiB is filled with zeros on each read.
const READ_BUFFER: usize = 16 << 10;

/// Maximum length of a response body in an error, in characters.
const LONGEST_BODY: usize = 200;

/// A handshake that did not open a socket. Ambiguity `handshake-refusal`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the socket was not opened: {error}")]
pub struct HandshakeError {
    /// HTTP status; `None` if there was no response, nothing was sent, or the target kept throttling.
    pub status: Option<u16>,
    /// Error message: bounded, escaped, and without secrets.
    pub error: String,
    /// The failure of the connection, if it failed.
    pub failure: Option<Failure>,
    /// The `Location` header of the response.
    pub location: Option<String>,
    /// The `WWW-Authenticate` header of the response.
    pub challenge: Option<String>,
    /// Number of the connection, if the handshake was sent.
    pub(crate) connection: Option<ConnectionId>,
}

impl HandshakeError {
    /// A handshake that was not sent.
    pub(crate) fn unsent(reason: impl std::fmt::Display) -> Self {
        Self {
            status: None,
            error: reason.to_string(),
            failure: None,
            location: None,
            challenge: None,
            connection: None,
        }
    }

    fn without_response(failure: Failure) -> Self {
        Self { failure: Some(failure.clone()), ..Self::unsent(failure.text) }
    }
}

/// The token of a handshake.
#[derive(Clone)]
pub(crate) struct ChosenToken {
    /// The token, if the handshake has one.
    pub(crate) text: Option<SecretString>,
    /// Time at which it expires, if that is soon.
    pub(crate) expires: Option<Instant>,
}

/// A handshake that is ready to be sent.
pub(crate) struct OutgoingHandshake<'a> {
    pub(crate) scenario: &'a ScenarioName,
    pub(crate) actor: &'a ActorName,
    pub(crate) room: &'a RoomId,
    pub(crate) credential: Credential,
    pub(crate) token: ChosenToken,
    /// Chooses the token again, because the handshake may be sent much later: a login may have replaced it.
    pub(crate) latest: Option<Box<dyn Fn() -> Option<ChosenToken> + Send + Sync + 'a>>,
    /// The origin of another site, in place of that of the target.
    pub(crate) origin: Option<String>,
    /// True if it offers compression (RFC 7692).
    pub(crate) offers_compression: bool,
}

/// The reason why a handshake opened no socket.
enum Rejection {
    /// A response other than 101.
    Http(Box<tungstenite::http::Response<Option<Vec<u8>>>>),
    /// No response, or one that RFC 6455 forbids.
    Failure { failure: Failure, is_invalid: bool },
}

/// Upgrades a stream to a connection.
type Upgrade<C> = fn(
    Request,
    Stream,
    WebSocketConfig,
    ConnectionId,
) -> BoxFuture<'static, Result<C, SocketError>>;

impl Client {
    /// Opens a socket that a task of its own reads.
    pub(crate) async fn open_shared(
        self: &Arc<Self>,
        outgoing: &mut OutgoingHandshake<'_>,
    ) -> Result<Socket, HandshakeError> {
        let upgrade: Upgrade<Shareable> = |request, stream, config, _| {
            Box::pin(async move {
                let offers_compression = request.headers().contains_key(SEC_WEBSOCKET_EXTENSIONS);
                let limit = config.max_message_size.filter(|_| offers_compression);
                let stream = Adapted::new(stream, limit);
                let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
                Ok(socket)
            })
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(self.limits.body))
            .max_frame_size(Some(self.limits.body));
        let (room, scenario) = (outgoing.room.clone(), outgoing.scenario.clone());
        let (connection, socket) = self.open(outgoing, config, upgrade).await?;
        if socket.get_ref().is_compressed() {
            self.recorder.record(EventKind::CompressionAccepted { connection });
        }
        Ok(Socket::start(self, connection, room, scenario, socket))
    }

    /// Opens a socket that its owner reads.
    pub(crate) async fn open_raw(
        &self,
        outgoing: &mut OutgoingHandshake<'_>,
        config: WebSocketConfig,
    ) -> Result<(ConnectionId, RawSocket), HandshakeError> {
        let upgrade: Upgrade<RawSocket> = |request, stream, config, connection| {
            Box::pin(RawSocket::upgrade(request, stream, config, connection))
        };
        self.open(outgoing, config, upgrade).await
    }

    /// Sends a handshake, and again as long as the target throttles it; each attempt is recorded. Its token is that of the
    /// last attempt.
    async fn open<C>(
        &self,
        outgoing: &mut OutgoingHandshake<'_>,
        config: WebSocketConfig,
        upgrade: Upgrade<C>,
    ) -> Result<(ConnectionId, C), HandshakeError> {
        guard::check_socket(&self.ownership, outgoing.room)
            .map_err(HandshakeError::without_response)?;
        let scope = Scope::Actor(outgoing.actor.clone());
        let (mut attempt, mut throttled, mut broken, mut refused) = (1, 0, 0, 0);
        loop {
            let admission =
                self.admission(&scope).await.map_err(HandshakeError::without_response)?;
            let permit =
                self.permit(Circuit::Handshake).map_err(HandshakeError::without_response)?;
            if let Some(latest) = outgoing.latest.as_ref().and_then(|latest| latest()) {
                outgoing.token = latest;
            }
            let token = outgoing.token.text.as_ref().map(|token| token.expose_secret());
            let url = self.target.socket_url(outgoing.room, token);
            let connection = self.recorder.next_connection();
            self.recorder.record(EventKind::Connecting {
                connection,
                scenario: outgoing.scenario.clone(),
                actor: outgoing.actor.clone(),
                credential: outgoing.credential.clone(),
                room: outgoing.room.clone(),
            });
            if let Some(expires) = outgoing.token.expires {
                let after = expires.saturating_duration_since(Instant::now()).into();
                self.recorder.record(EventKind::TokenExpires { connection, after });
            }
            if let Some(origin) = &outgoing.origin {
                self.recorder
                    .record(EventKind::ForeignOrigin { connection, origin: origin.clone() });
            }
            if outgoing.offers_compression {
                self.recorder.record(EventKind::CompressionOffered { connection });
            }
            let upgrade = |request, stream| upgrade(request, stream, config, connection);
            let (error, delay, gateway) = match self.handshake(&url, outgoing, upgrade).await {
                Ok(socket) => {
                    // Its reader records in the circuit breaker whether `connection_established` follows.
                    self.outage.end();
                    self.recorder.record(EventKind::Connected { connection });
                    tracing::debug!(connection = connection.0, actor = %outgoing.actor, "socket opened");
                    return Ok((connection, socket));
                }
                Err(Rejection::Http(response)) => {
                    permit.succeeded();
                    self.rejected(&scope, &response, attempt)
                }
                Err(Rejection::Failure { failure, is_invalid }) => {
                    permit.failed(&failure);
                    if is_invalid {
                        let error = self.recorder.redacted(&failure.text);
                        self.recorder.record(EventKind::HandshakeInvalid { connection, error });
                    }
                    let is_broken = !is_invalid && gateway_errors::is_broken(&failure);
                    let is_refused = failure.kind == FailureKind::Refused;
                    let error = HandshakeError {
                        connection: Some(connection),
                        ..HandshakeError::without_response(failure)
                    };
                    (error, None, is_broken.then_some(is_refused))
                }
            };
            drop(admission);
            tracing::debug!(
                connection = connection.0,
                actor = %outgoing.actor,
                status = error.status,
                error = error.error,
                "socket not opened"
            );
            self.recorder.record(EventKind::ConnectFailed {
                connection,
                status: error.status,
                throttled_s: delay.map(|delay| delay.as_secs_f64()),
                error: error.error.clone(),
            });
            attempt += 1;
            if let Some(is_refused) = gateway {
                let count = if is_refused { &mut refused } else { &mut broken };
                *count += 1;
                let attempts = gateway_errors::ATTEMPTS.min(self.limits.attempts);
                let delay = match is_refused {
                    true => self.outage.refused(*count),
                    false => (*count < attempts && self.outage.has_answered())
                        .then(|| gateway_errors::delay(*count)),
                };
                if let Some(delay) = delay {
                    self.excuse(Attempt::Connection(connection), Excuse::Gateway);
                    if self.throttle.pause(delay).await {
                        continue;
                    }
                }
            }
            throttled += u32::from(delay.is_some());
            if delay.is_none() || throttled >= self.limits.attempts {
                return Err(HandshakeError {
                    // Throttling is not a refusal.
                    status: error.status.filter(|_| delay.is_none()),
                    error: self.recorder.redacted(&error.error),
                    connection: Some(connection),
                    ..error
                });
            }
        }
    }

    /// Sends a handshake once.
    async fn handshake<C>(
        &self,
        url: &Url,
        outgoing: &OutgoingHandshake<'_>,
        upgrade: impl FnOnce(Request, Stream) -> BoxFuture<'static, Result<C, SocketError>>,
    ) -> Result<C, Rejection> {
        let connection = self.target.connection().connect(url, self.tls.as_ref());
        let stream = match self.stalls.timeout(self.limits.connect, connection).await {
            None => return Err(Failure::timed_out("connecting", self.limits.connect).into()),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(stream)) => stream,
        };
        let mut request = url.as_str().into_client_request().map_err(failure)?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(connection::USER_AGENT));
        self.target.connection().apply_to_handshake(headers, url);
        let origin = outgoing.origin.as_deref();
        if let Some(origin) = origin.and_then(|it| HeaderValue::from_str(it).ok()) {
            headers.insert(ORIGIN, origin);
        }
        if outgoing.offers_compression {
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(DEFLATE));
        }
        let handshake = async {
            let stream = self.encrypted(url, stream).await.map_err(SocketError::Io)?;
            upgrade(request, stream).await
        };
        match self.stalls.timeout(self.limits.timeout, handshake).await {
            Some(Ok(socket)) => Ok(socket),
            Some(Err(SocketError::Http(response))) => Err(Rejection::Http(response)),
            Some(Err(error)) => {
                let is_invalid = is_invalid_handshake(&error);
                Err(Rejection::Failure { failure: Failure::of_connection(&error), is_invalid })
            }
            None => Err(Failure::timed_out("the handshake", self.limits.timeout).into()),
        }
    }

    /// The stream, with TLS if the sockets of the target use it.
    async fn encrypted(&self, url: &Url, stream: Transport) -> io::Result<Stream> {
        let Some(config) = self.tls.as_ref().filter(|_| url.scheme() == "wss") else {
            return Ok(MaybeTlsStream::Plain(stream));
        };
        let host = url.host().ok_or(io::ErrorKind::InvalidInput)?;
        let stream =
            TlsConnector::from(config.clone()).connect(server_name(&host)?, stream).await?;
        Ok(MaybeTlsStream::Rustls(stream))
    }

    /// The error of a response, the delay that it demands if it is throttled, and `Some` if a gateway sent it.
    fn rejected(
        &self,
        scope: &Scope,
        response: &tungstenite::http::Response<Option<Vec<u8>>>,
        attempt: u32,
    ) -> (HandshakeError, Option<Duration>, Option<bool>) {
        let status = response.status().as_u16();
        let body = response.body().as_deref().unwrap_or_default();
        let header = |name: HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(escape(&self.recorder.redacted(value), LONGEST_BODY))
        };
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
        let delay = self.throttle.observe(scope, status, retry_after, body, attempt);
        let is_gateway = delay.is_none() && gateway_errors::is_gateway_error(status, body);
        let body = self.recorder.redacted(&String::from_utf8_lossy(body));
        let body = escape(&body, LONGEST_BODY);
        let error = match delay {
            Some(delay) => {
                format!(
                    "throttled for {}: {status} {body}",
                    Nanoseconds::from(delay).floor_millis()
                )
            }
            None if body.is_empty() => format!("{status} instead of 101"),
            None => format!("{status} instead of 101: {body}"),
        };
        let error = HandshakeError {
            status: Some(status),
            error,
            failure: None,
            location: header(LOCATION),
            challenge: header(WWW_AUTHENTICATE),
            connection: None,
        };
        (error, delay, is_gateway.then_some(false))
    }
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        Self::Failure { failure, is_invalid: false }
    }
}

fn failure(error: SocketError) -> Rejection {
    Failure::of_connection(&error).into()
}
