//! Questions to the target about the user of one account.

use hearback_client::{
    Actor, Identity, PreflightError, Request, Response, RoomRegistry, Source, Statement,
    measure_lag, socket_preflight,
};
use hearback_contract::{Operation, RoomId, ServerEvent, UserId};
use hearback_history::{CredentialKind, ScenarioName};
use serde_json::{Value, json};

use super::options::{Onboarding, RoomTests, SCENARIO};
use super::retry::until_success;

/// Reason of a source whose response lacks the user.
const ABSENT: &str = "not in the response";

/// Questions about the user of one account, and the statements of the target.
pub(super) struct Inquiry<'a> {
    onboarding: &'a Onboarding<'a>,
    actor: &'a Actor,
    scenario: ScenarioName,
    rooms: RoomRegistry,
    identity: Identity,
}

/// Result of an inquiry.
pub(super) struct Answers {
    /// Everything known about the user.
    pub(super) identity: Identity,
    /// True if the room was created.
    pub(super) has_room: bool,
    /// True if the account cannot read a room of which the presumed user is a member.
    pub(super) is_outsider: bool,
    /// Result of the socket test; `Ok` if no socket was to be tested.
    pub(super) socket: Result<(), PreflightError>,
}

impl<'a> Inquiry<'a> {
    /// An inquiry that begins with what is known about the user of `actor`.
    pub(super) fn new(
        onboarding: &'a Onboarding<'a>,
        actor: &'a Actor,
        identity: Identity,
    ) -> Self {
        Self {
            onboarding,
            actor,
            scenario: SCENARIO.into(),
            rooms: RoomRegistry::default(),
            identity,
        }
    }

    /// Creates a room as the account and asks until enough sources agree; the room is archived afterwards.
    ///
    /// Sources, in this order: the response, the room read again, a socket, a message.
    pub(super) async fn in_own_room(mut self, tests: RoomTests) -> Answers {
        let created = self.create(self.actor, &[]).await;
        self.read(&created, Statement::of_creator, Source::CreatedBy);
        self.read(&created, Statement::of_only_participant, Source::Participants);
        let room = created.text_at("/id").filter(|_| created.is_success()).map(RoomId::from);
        let mut socket = Ok(());
        if let Some(room) = &room {
            // A distant target takes long for each handshake.
            ((), socket) =
                tokio::join!(self.measure_lag(room, tests), self.test_socket(room, tests));
            if self.goes_on()
                && !(self.identity.has(Source::CreatedBy)
                    && self.identity.has(Source::Participants))
            {
                let again = self.get(self.actor, room).await;
                self.read(&again, Statement::of_creator, Source::CreatedBy);
                self.read(&again, Statement::of_only_participant, Source::Participants);
            }
            if self.goes_on() && socket.is_ok() {
                self.connect(room).await;
            }
            if self.goes_on() {
                self.send(room).await;
            }
        }
        self.end(room.is_some(), false, socket).await
    }

    /// Has another account create a room with the presumed user, and asks as the account.
    ///
    /// Sources, in this order: the participants, if the account can read the room; a socket.
    pub(super) async fn in_room_of(mut self, host: &Actor, presumed: UserId) -> Answers {
        let created = self.create(host, &[presumed]).await;
        let room = created.text_at("/id").filter(|_| created.is_success()).map(RoomId::from);
        let mut is_outsider = false;
        match &room {
            Some(room) => {
                let read = self.get(self.actor, room).await;
                let of_presumed = |room: &Value| Statement::of_participant(room, presumed);
                self.read(&read, of_presumed, Source::Participants);
                if self.goes_on() {
                    self.connect(room).await;
                }
                is_outsider = matches!(read.status, Some(403 | 404))
                    && !self.identity.has(Source::ConnectionEstablished)
                    && Statement::of_participant(
                        &self.get(host, room).await.json.unwrap_or_default(),
                        presumed,
                    )
                    .is_some();
            }
            None => {
                let reason = format!("no room with user {presumed}: {}", created.shortcoming());
                self.identity.add_silent(Source::Participants, &reason);
            }
        }
        self.end(room.is_some(), is_outsider, Ok(())).await
    }

    async fn end(
        self,
        has_room: bool,
        is_outsider: bool,
        socket: Result<(), PreflightError>,
    ) -> Answers {
        self.rooms.archive_all(self.onboarding.client.limits().timeout).await;
        Answers { identity: self.identity, has_room, is_outsider, socket }
    }

    /// Returns whether another source is needed.
    fn goes_on(&self) -> bool {
        self.identity.settled().is_none() && !self.onboarding.context.is_cancelled()
    }

    /// Adds the statement of a source in a response.
    fn read(
        &mut self,
        response: &Response,
        statement: impl Fn(&Value) -> Option<Statement>,
        source: Source,
    ) {
        let object = response.json.as_ref().filter(|_| response.is_success());
        match (object.and_then(statement), response.is_success()) {
            (Some(statement), _) => self.identity.add(statement),
            (None, true) => self.identity.add_silent(source, ABSENT),
            (None, false) => self.identity.add_silent(source, &response.shortcoming()),
        }
    }

    async fn create(&self, creator: &Actor, members: &[UserId]) -> Response {
        let name = format!("hearback {} {SCENARIO}", self.onboarding.run);
        let body = json!({"room_type": "group", "name": name, "participant_ids": members});
        until_success(&self.onboarding.context.cancellation, async || {
            let request = Request::new(Operation::RoomsCreate).json(body.clone());
            let created = self.rooms.create(creator, &self.scenario, request).await;
            match created.room {
                Ok(_) => created.response,
                // A room of someone else says nothing about the account.
                Err(reason) => Response { error: Some(reason.to_string()), ..Response::default() },
            }
        })
        .await
    }

    async fn get(&self, actor: &Actor, room: &RoomId) -> Response {
        let request = Request::new(Operation::RoomsGet).path(room.as_str());
        until_success(&self.onboarding.context.cancellation, || {
            actor.call(&self.scenario, request.clone())
        })
        .await
    }

    /// Measures the lag of reads and searches, if it is to be tested.
    async fn measure_lag(&self, room: &RoomId, tests: RoomTests) {
        if tests.lag {
            measure_lag(self.actor, &self.scenario, room, tests.socket).await;
        }
    }

    /// Opens a socket if one is to be tested, twice if the first attempt fails.
    async fn test_socket(&self, room: &RoomId, tests: RoomTests) -> Result<(), PreflightError> {
        if !tests.socket {
            return Ok(());
        }
        match socket_preflight(self.actor, room).await {
            Err(_) if !self.onboarding.context.is_cancelled() => {
                socket_preflight(self.actor, room).await
            }
            result => result,
        }
    }

    /// Opens a socket for the event `connection_established`.
    async fn connect(&mut self, room: &RoomId) {
        let source = Source::ConnectionEstablished;
        match self.actor.connect(&self.scenario, room, CredentialKind::Access).await {
            Ok(socket) => {
                let timeout = self.onboarding.client.limits().timeout;
                let is_established = |event: &Value| {
                    event.get("type") == Some(&ServerEvent::ConnectionEstablished.id().into())
                };
                let event = socket.wait_for(0, timeout, is_established).await;
                socket.close().await;
                match event.map(|(_, event)| Statement::of_event(source, &event)) {
                    Some(Some(statement)) => self.identity.add(statement),
                    Some(None) => self.identity.add_silent(source, "no `user_id` in the event"),
                    None => self.identity.add_silent(source, "not received"),
                }
            }
            Err(error) => self.identity.add_silent(source, &error.error),
        }
    }

    /// Sends a message for its sender.
    async fn send(&mut self, room: &RoomId) {
        let body = json!({"room": room, "content": "hearback"});
        let request = Request::new(Operation::MessagesSend).json(body);
        let response = until_success(&self.onboarding.context.cancellation, || {
            self.actor.call(&self.scenario, request.clone())
        })
        .await;
        let sender = |message: &Value| Statement::of_user(Source::Sender, message.get("sender")?);
        self.read(&response, sender, Source::Sender);
    }
}
