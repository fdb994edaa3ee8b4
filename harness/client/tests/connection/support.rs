//! Actors that reach a target with settings.

use std::sync::Arc;

use hearback_client::{
    Account, Actor, Client, Connection, ConnectionSettings, HandshakeError, Limits, PemFile,
    PreflightError, Request, Response, Socket, Target, preflight, socket_preflight,
};
use hearback_contract::Operation;
use hearback_history::{CredentialKind, Event, EventKind, Excuse, Recorder, ScenarioName, Sink};
use parking_lot::Mutex;
use tempfile::TempDir;

/// A token of the right form.
pub(crate) const TOKEN: &str = "token-of-alice";

/// An actor with a token.
pub(crate) struct Alice {
    pub(crate) actor: Actor,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Alice {
    /// An actor at a target with a REST URL, and a socket URL unless it is derived.
    pub(crate) fn at(base: &str, socket: Option<&str>, settings: &ConnectionSettings) -> Self {
        let target = Target::new(base, socket).unwrap();
        let target = target.reached_by(Connection::new(settings).unwrap());
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
        let recorder = Arc::new(Recorder::new(vec![sink]));
        let client = Client::new(target, recorder, Limits::default(), None).unwrap();
        Self { actor: client.actor(Account::with_tokens("alice", TOKEN, None)), events }
    }

    /// Requests the list of rooms.
    pub(crate) async fn list(&self, credential: CredentialKind) -> Response {
        let request = Request::new(Operation::RoomsList).credential(credential);
        self.actor.call(&scenario(), request).await
    }

    /// Opens the socket of a room.
    pub(crate) async fn open(&self) -> Result<Socket, HandshakeError> {
        self.actor.connect(&scenario(), &"room".into(), CredentialKind::Access).await
    }

    /// Checks that REST and sockets work.
    pub(crate) async fn reaches(&self) {
        let response = self.list(CredentialKind::Access).await;
        assert_eq!(response.status, Some(200), "{:?}", response.error);
        let socket = self.open().await.unwrap_or_else(|error| panic!("{error}"));
        socket.close().await;
    }

    pub(crate) async fn preflight(&self) -> PreflightError {
        preflight(self.actor.client(), &self.actor).await.expect_err("an error")
    }

    pub(crate) async fn socket_preflight(&self) -> PreflightError {
        socket_preflight(&self.actor, &"room".into()).await.expect_err("an error")
    }

    /// Creates a room.
    pub(crate) async fn create_room(&self) -> Response {
        let body = serde_json::json!({"room_type": "group", "name": "hearback"});
        let request = Request::new(Operation::RoomsCreate).json(body);
        self.actor.call(&scenario(), request).await
    }

    /// The excuses that were recorded.
    pub(crate) fn excuses(&self) -> Vec<Excuse> {
        let excuse = |event: &Event| match event.kind {
            EventKind::Excused { reason, .. } => Some(reason),
            _ => None,
        };
        self.events.lock().iter().filter_map(excuse).collect()
    }

    /// Everything that was recorded, as text.
    pub(crate) fn recorded(&self) -> String {
        serde_json::to_string(&*self.events.lock()).unwrap()
    }
}

fn scenario() -> ScenarioName {
    ScenarioName::from("here")
}

/// Message and help of an error.
pub(crate) fn shown(error: &PreflightError) -> String {
    let help = miette::Diagnostic::help(error).map(|help| help.to_string());
    format!("{error}; {}", help.unwrap_or_default())
}

/// Files of a test.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PemFile {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.into()
    }
}
