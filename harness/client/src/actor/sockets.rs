//! Sockets of actors.

use std::time::Duration;

use hearback_contract::RoomId;
use hearback_history::{Attempt, ConnectionId, CredentialKind, ScenarioName};
use secrecy::SecretString;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::Actor;
use super::renewal::Rejected;
use crate::auth::{CredentialError, jwt_forgery};
use crate::socket::{ChosenToken, HandshakeError, OutgoingHandshake, RawSocket, Socket};

/// Remaining lifetime of a token from which on it is not recorded.
const LONG: Duration = Duration::from_secs(10 * 60);

/// The differences of a handshake from an ordinary one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnusualHandshake {
    /// The origin of another site, in place of that of the target.
    pub origin: Option<String>,
    /// True if it offers compression (RFC 7692).
    pub offers_compression: bool,
}

impl Actor {
    /// Opens a socket to a room; each attempt is recorded, and repeated while the target throttles.
    ///
    /// A rejected access token is refreshed as in [`call`](Self::call). If the actor has no token of the
    /// requested kind, nothing is sent or recorded.
    ///
    /// # Errors
    /// If the handshake fails.
    pub async fn connect(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
    ) -> Result<Socket, HandshakeError> {
        self.connect_unusually(UnusualHandshake::default(), scenario, room, kind).await
    }

    /// Opens a socket with an unusual handshake; otherwise as [`connect`](Self::connect).
    ///
    /// # Errors
    /// If the handshake fails.
    pub async fn connect_unusually(
        &self,
        unusual: UnusualHandshake,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
    ) -> Result<Socket, HandshakeError> {
        let UnusualHandshake { origin, offers_compression } = unusual;
        let mut outgoing = self.fresh_handshake(scenario, room, kind).await?;
        let mut renewals = 0;
        loop {
            outgoing = OutgoingHandshake { origin: origin.clone(), offers_compression, ..outgoing };
            let error = match self.client().open_shared(&mut outgoing).await {
                Ok(socket) => return Ok(socket),
                Err(error) => error,
            };
            let sent = outgoing.token.text;
            outgoing = self.renewed(scenario, room, kind, sent, error, &mut renewals).await?;
        }
    }

    /// Opens a socket that the caller reads, and returns it with its number in the history.
    ///
    /// Its frames are not recorded. Otherwise as [`connect`](Self::connect).
    ///
    /// # Errors
    /// If the handshake fails.
    pub async fn open(
        &self,
        scenario: &ScenarioName,
        room: &RoomId,
        kind: CredentialKind,
        config: WebSocketConfig,
    ) -> Result<(ConnectionId, RawSocket), HandshakeError> {
        let mut outgoing = self.fresh_handshake(scenario, room, kind).await?;
        let mut renewals = 0;
        loop {
            let error = match self.client().open_raw(&mut outgoing, config).await {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            let sent = outgoing.token.text;
            outgoing = self.renewed(scenario, room, kind, sent, error, &mut renewals).await?;
        }
    }

    /// The handshake with a token that has not expired, if it is an access token.
    async fn fresh_handshake<'a>(
        &'a self,
        scenario: &'a ScenarioName,
        room: &'a RoomId,
        kind: CredentialKind,
    ) -> Result<OutgoingHandshake<'a>, HandshakeError> {
        if kind == CredentialKind::Access {
            self.keep_fresh(scenario).await;
        }
        self.handshake(scenario, room, kind).map_err(HandshakeError::unsent)
    }

    fn handshake<'a>(
        &'a self,
        scenario: &'a ScenarioName,
        room: &'a RoomId,
        kind: CredentialKind,
    ) -> Result<OutgoingHandshake<'a>, CredentialError> {
        let latest = || -> Box<dyn Fn() -> Option<ChosenToken> + Send + Sync + 'a> {
            Box::new(move || self.chosen_token(kind).ok())
        };
        Ok(OutgoingHandshake {
            scenario,
            actor: self.name(),
            room,
            credential: self.credential(kind),
            token: self.chosen_token(kind)?,
            // Others do not change, or are made anew each time.
            latest: (kind == CredentialKind::Access).then(latest),
            origin: None,
            offers_compression: false,
        })
    }

    fn chosen_token(&self, kind: CredentialKind) -> Result<ChosenToken, CredentialError> {
        let token = self.token(kind)?;
        let now = Instant::now();
        let remaining = match (kind, &token) {
            (CredentialKind::Expiring, _) => Some(jwt_forgery::EXPIRES),
            (_, Some(token)) => self.session().issues.remaining(token, now),
            (_, None) => None,
        };
        // Sockets end long before others do.
        let expires = remaining.filter(|remaining| *remaining < LONG).map(|it| now + it);
        Ok(ChosenToken { text: token, expires })
    }

    /// The handshake with a new access token, if the one that was sent has stopped working; otherwise the error.
    async fn renewed<'a>(
        &'a self,
        scenario: &'a ScenarioName,
        room: &'a RoomId,
        kind: CredentialKind,
        sent: Option<SecretString>,
        error: HandshakeError,
        renewals: &mut u32,
    ) -> Result<OutgoingHandshake<'a>, HandshakeError> {
        let (Some(401 | 403), Some(connection)) = (error.status, error.connection) else {
            return Err(error);
        };
        let attempt = Attempt::Connection(connection);
        let rejected = Rejected { attempt, kind, token: sent.as_ref() };
        if !self.is_renewed(scenario, rejected, renewals).await {
            return Err(error);
        }
        self.handshake(scenario, room, kind).map_err(HandshakeError::unsent)
    }
}
