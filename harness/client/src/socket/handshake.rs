//! Opening a socket: name, connection, TLS, and the handshake. Section *Connection*.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hearback_contract::RoomId;
use hearback_history::{ConnectionId, CredentialKind, EventKind, ScenarioName};
use reqwest::header::{HeaderValue, RETRY_AFTER, USER_AGENT};
use rustls::pki_types::ServerName;
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as SocketError};
use tokio_tungstenite::{MaybeTlsStream, client_async_with_config};
use url::{Host, Url};

use crate::actor::Actor;
use crate::client::{self, Client};
use crate::escape::excerpt;
use crate::failure::Failure;
use crate::limits::circuit_breaker::Asked;
use crate::socket::raw::{RawSocket, Stream};
use crate::socket::shared::{Refused, Shareable, Socket};

/// The default of 128 KiB is filled with zeros on each read.
const READ_BUFFER: usize = 16 << 10;

/// How much of a refusal's body an error shows, in characters.
const SHOWN: usize = 200;

/// How a stream becomes a connection.
type Upgrade<W> =
    fn(Request, Stream, WebSocketConfig) -> BoxFuture<'static, Result<W, SocketError>>;

impl Actor {
    /// Opens a socket to `room`. Every attempt, more than one if the target throttles, is recorded.
    ///
    /// A stale access token is renewed as in [`call`](Self::call). If the token asked for cannot be shown,
    /// nothing is sent or recorded.
    pub async fn connect(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
    ) -> Result<Socket, Refused> {
        let upgrade: Upgrade<Shareable> = |request, stream, config| {
            Box::pin(async move {
                let (wire, _) = client_async_with_config(request, stream, Some(config)).await?;
                Ok(wire)
            })
        };
        let config = self.client().wire_config();
        let (connection, wire) = self.open_with(scenario, room, kind, config, upgrade).await?;
        Ok(Socket::start(self.client(), connection, wire))
    }

    /// Opens a connection as [`connect`](Self::connect) does, for somebody who reads it without a task of
    /// its own, and records what passes where that is wanted.
    pub async fn open(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
        config: WebSocketConfig,
    ) -> Result<(ConnectionId, RawSocket), Refused> {
        let upgrade: Upgrade<RawSocket> =
            |request, stream, config| Box::pin(RawSocket::upgrade(request, stream, config));
        self.open_with(scenario, room, kind, config, upgrade).await
    }

    async fn open_with<W>(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
        config: WebSocketConfig,
        upgrade: Upgrade<W>,
    ) -> Result<(ConnectionId, W), Refused> {
        let shown = self.access();
        match self.open_once(scenario, room, kind, config, upgrade).await {
            Err(Refused { status: Some(401), .. })
                if kind == CredentialKind::Access && self.renewed(scenario, shown).await =>
            {
                self.open_once(scenario, room, kind, config, upgrade).await
            }
            outcome => outcome,
        }
    }

    async fn open_once<W>(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
        config: WebSocketConfig,
        upgrade: Upgrade<W>,
    ) -> Result<(ConnectionId, W), Refused> {
        let client = self.client();
        let token = self.token(kind).map_err(|error| Refused {
            status: None,
            error: error.to_string(),
            failure: None,
        })?;
        let url = client.target.socket_url(room, token.as_ref().map(|token| token.expose_secret()));
        let mut attempt = 1;
        loop {
            let unsent = |failure: Failure| {
                let error = failure.text.clone();
                Refused { status: None, error, failure: Some(failure) }
            };
            let permit = client.admission().await.map_err(unsent)?;
            let question = client.ask(Asked::Socket).map_err(unsent)?;
            let connection = client.recorder.next_connection();
            client.recorder.record(EventKind::Connecting {
                connection,
                scenario: scenario.clone(),
                actor: self.name().clone(),
                credential: self.credential(kind),
                room: room.clone(),
            });
            let (refused, wait) = match client.handshake(&url, config, upgrade).await {
                Ok(wire) => {
                    // Whether it says anything as well, whoever listens notes.
                    client.recorder.record(EventKind::Connected { connection });
                    return Ok((connection, wire));
                }
                Err(Unanswered::Http(response)) => {
                    question.answered();
                    client.refusal(&response, attempt)
                }
                Err(Unanswered::Failure(failure)) => {
                    question.failed(&failure);
                    let error = failure.text.clone();
                    (Refused { status: None, error, failure: Some(failure) }, None)
                }
            };
            drop(permit);
            client.recorder.record(EventKind::ConnectFailed {
                connection,
                status: refused.status,
                throttled_s: wait.map(|wait| wait.as_secs_f64()),
                error: refused.error.clone(),
            });
            if wait.is_none() || attempt >= client.limits.attempts {
                return Err(Refused {
                    // Scripts must not take a throttle for a refusal.
                    status: refused.status.filter(|_| wait.is_none()),
                    error: client.recorder.redacted(&refused.error),
                    failure: refused.failure,
                });
            }
            attempt += 1;
        }
    }
}

/// Why a handshake did not succeed.
enum Unanswered {
    /// Something else than 101 came.
    Http(Box<tungstenite::http::Response<Option<Vec<u8>>>>),
    /// No answer came.
    Failure(Failure),
}

impl Client {
    /// How a connection is read by [`Socket`]s.
    fn wire_config(&self) -> WebSocketConfig {
        WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(self.limits.body))
            .max_frame_size(Some(self.limits.body))
    }

    async fn handshake<W>(
        &self,
        url: &Url,
        config: WebSocketConfig,
        upgrade: Upgrade<W>,
    ) -> Result<W, Unanswered> {
        let connection = timeout(self.limits.connect, connection(url)).await;
        let stream = match connection {
            Err(_) => return Err(Failure::timed_out("connecting", self.limits.connect).into()),
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(stream)) => stream,
        };
        let mut request = url.as_str().into_client_request().map_err(failure)?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(client::USER_AGENT));
        let handshake = async {
            let stream = self.encrypted(url, stream).await.map_err(SocketError::Io)?;
            upgrade(request, stream, config).await
        };
        match timeout(self.limits.timeout, handshake).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(SocketError::Http(response))) => Err(Unanswered::Http(response)),
            Ok(Err(error)) => Err(failure(error)),
            Err(_) => Err(Failure::timed_out("the handshake", self.limits.timeout).into()),
        }
    }

    /// The stream, inside TLS if the target's sockets are.
    async fn encrypted(&self, url: &Url, stream: TcpStream) -> io::Result<Stream> {
        let Some(config) = &self.tls else { return Ok(MaybeTlsStream::Plain(stream)) };
        let name = match url.host() {
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(io::Error::other)?
            }
            Some(Host::Ipv4(address)) => ServerName::from(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => ServerName::from(IpAddr::from(address)),
            None => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let stream = TlsConnector::from(config.clone()).connect(name, stream).await?;
        Ok(MaybeTlsStream::Rustls(stream))
    }

    fn refusal(
        &self,
        response: &tungstenite::http::Response<Option<Vec<u8>>>,
        attempt: u32,
    ) -> (Refused, Option<Duration>) {
        let status = response.status().as_u16();
        let body = response.body().as_deref().unwrap_or_default();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
        let wait = self.throttle.judge(status, retry_after, body, attempt);
        let shown = excerpt(&self.recorder.redacted(&String::from_utf8_lossy(body)), SHOWN);
        let error = match wait {
            Some(wait) => format!("throttled for {wait:.1?}: {status} {shown}"),
            None => format!("{status} instead of 101: {shown}"),
        };
        (Refused { status: Some(status), error, failure: None }, wait)
    }
}

async fn connection(url: &Url) -> Result<TcpStream, Failure> {
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = match url.host() {
        Some(Host::Domain(name)) => {
            let addresses: Vec<_> = tokio::net::lookup_host((name, port))
                .await
                .map_err(|error| Failure::resolution(name, &error))?
                .collect();
            TcpStream::connect(&addresses[..]).await
        }
        Some(Host::Ipv4(address)) => TcpStream::connect((address, port)).await,
        Some(Host::Ipv6(address)) => TcpStream::connect((address, port)).await,
        None => Err(io::Error::from(io::ErrorKind::InvalidInput)),
    };
    let stream = stream.map_err(|error| Failure::of_connection(&error))?;
    stream.set_nodelay(true).map_err(|error| Failure::of_connection(&error))?;
    Ok(stream)
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn failure(error: SocketError) -> Unanswered {
    Failure::of_connection(&error).into()
}
