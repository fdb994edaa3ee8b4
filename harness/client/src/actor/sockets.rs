//! Sockets of actors.

use hearback_contract::RoomId;
use hearback_history::{ConnectionId, CredentialKind, ScenarioName};
use secrecy::SecretString;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::Actor;
use crate::socket::{HandshakeError, OutgoingHandshake, RawSocket, Socket};

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
        let sent = self.access();
        let outgoing = self.handshake(scenario, room, kind)?;
        match self.client().open_shared(outgoing).await {
            Err(error) if self.renews(&error, scenario, kind, sent).await => {
                self.client().open_shared(self.handshake(scenario, room, kind)?).await
            }
            result => result,
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
        let sent = self.access();
        let outgoing = self.handshake(scenario, room, kind)?;
        match self.client().open_raw(outgoing, config).await {
            Err(error) if self.renews(&error, scenario, kind, sent).await => {
                self.client().open_raw(self.handshake(scenario, room, kind)?, config).await
            }
            result => result,
        }
    }

    fn handshake<'a>(
        &'a self,
        scenario: &'a ScenarioName,
        room: &'a RoomId,
        kind: CredentialKind,
    ) -> Result<OutgoingHandshake<'a>, HandshakeError> {
        let token = self.token(kind).map_err(HandshakeError::unsent)?;
        let credential = self.credential(kind);
        Ok(OutgoingHandshake { scenario, actor: self.name(), room, credential, token })
    }

    /// Returns whether the access token was rejected, and has been replaced since.
    async fn renews(
        &self,
        error: &HandshakeError,
        scenario: &ScenarioName,
        kind: CredentialKind,
        sent: Option<SecretString>,
    ) -> bool {
        error.status == Some(401)
            && kind == CredentialKind::Access
            && self.renew(scenario, sent).await
    }
}
