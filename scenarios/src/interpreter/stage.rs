//! A scenario being carried out: its actors, its open sockets, and what was saved.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all, try_join_all};
use hearback_client::{Actor, Body, FailureKind, FormFile, Request, Response, RoomRegistry};
use hearback_contract::{Operation, UserId};
use hearback_history::{CredentialKind, Recorder, ScenarioName};
use indexmap::IndexMap;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::expecting::answered;
use super::sockets::OpenSocket;
use crate::matcher::Unusable;
use crate::scenario::Scenario;
use crate::step::{Action, Call, Step};
use crate::template::{self, Unresolved, Variables};

/// Pages that a walk follows at most: links may lead in circles.
const LONGEST_WALK: usize = 100;

/// Calls that one scenario waits for in vain, before it stops.
const MOST_UNANSWERED: u64 = 3;

/// Why a scenario cannot go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something that the next steps need did not come about.
    Failed(String),
    /// This target or these accounts do not offer what it needs.
    NotPossible(String),
}

impl From<Unresolved> for Stop {
    fn from(error: Unresolved) -> Self {
        match error.0.as_str() {
            fixture @ ("task" | "property") => {
                Self::NotPossible(format!("no {fixture} is named under [fixtures] of the accounts"))
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<Unusable> for Stop {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::Unresolved(error) => error.into(),
            error @ Unusable::Operand { .. } => Self::Failed(error.to_string()),
        }
    }
}

pub(super) struct Stage {
    pub(super) scenario: ScenarioName,
    /// The file that the scenario was read from.
    pub(super) file: String,
    actors: IndexMap<String, Actor>,
    run: String,
    pub(super) best_effort: bool,
    pub(super) timeout: Duration,
    /// What this branch has kept; branches that run side by side do not see each other's.
    variables: Mutex<Variables>,
    choices: Mutex<fastrand::Rng>,
    pub(super) sockets: Arc<Mutex<HashMap<String, OpenSocket>>>,
    /// Rooms that the scenario created.
    rooms: RoomRegistry,
    unique: Arc<AtomicU64>,
    /// Calls that were waited for in vain.
    unanswered: Arc<AtomicU64>,
}

impl Stage {
    pub(super) fn new(
        scenario: &Scenario,
        actors: Vec<(String, Actor)>,
        mut variables: Variables,
        run: String,
        seed: u64,
        timeout: Duration,
    ) -> Self {
        for (role, actor) in &actors {
            let person = json!({"id": actor.user_id(), "username": actor.name()});
            variables.insert(role.clone(), person);
        }
        Self {
            scenario: scenario.name.clone(),
            file: scenario.file.clone(),
            actors: actors.into_iter().collect(),
            run,
            best_effort: scenario.best_effort,
            timeout,
            variables: Mutex::new(variables),
            choices: Mutex::new(fastrand::Rng::with_seed(seed)),
            sockets: Arc::default(),
            rooms: RoomRegistry::default(),
            unique: Arc::default(),
            unanswered: Arc::default(),
        }
    }

    /// The same stage for steps that are carried out beside others.
    fn branch(&self) -> Self {
        Self {
            scenario: self.scenario.clone(),
            file: self.file.clone(),
            actors: self.actors.clone(),
            run: self.run.clone(),
            best_effort: self.best_effort,
            timeout: self.timeout,
            variables: Mutex::new(self.variables()),
            choices: Mutex::new(self.choices.lock().fork()),
            sockets: self.sockets.clone(),
            rooms: self.rooms.clone(),
            unique: self.unique.clone(),
            unanswered: self.unanswered.clone(),
        }
    }

    pub(super) fn save(&self, name: &str, value: Value) {
        self.variables.lock().insert(name.to_owned(), value);
    }

    pub(super) fn user_id(&self, role: &str) -> Result<UserId, Stop> {
        self.actor(role).user_id().ok_or_else(|| {
            Stop::NotPossible(format!("the user id of {} is not known", self.actor(role).name()))
        })
    }

    pub(super) fn actor(&self, role: &str) -> &Actor {
        &self.actors[role]
    }

    /// A word that occurs nowhere else, so that searching for it finds one thing.
    fn renew_unique(&self) {
        let n = self.unique.fetch_add(1, Ordering::Relaxed);
        let scenario: String =
            self.scenario.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        self.save("unique", json!(format!("u{}{scenario}{n}", self.run)));
    }

    pub(super) fn perform<'a>(&'a self, steps: &'a [Step]) -> BoxFuture<'a, Result<(), Stop>> {
        Box::pin(async move {
            for step in steps {
                self.renew_unique();
                match self.act(step).await {
                    Ok(()) => {}
                    Err(Stop::Failed(_)) if self.best_effort => {}
                    Err(Stop::Failed(reason)) if !reason.starts_with("step ") => {
                        return Err(Stop::Failed(format!("step {}: {reason}", step.number)));
                    }
                    Err(stop) => return Err(stop),
                }
            }
            Ok(())
        })
    }

    pub(super) fn resolve(&self, value: &Value) -> Result<Value, Stop> {
        Ok(template::resolve(value, &self.variables.lock())?)
    }

    pub(super) fn recorder(&self) -> &Recorder {
        self.actors[0].client().recorder()
    }

    /// The values kept so far.
    pub(super) fn variables(&self) -> Variables {
        self.variables.lock().clone()
    }

    pub(super) fn text(&self, text: &str) -> Result<String, Stop> {
        Ok(template::text(text, &self.variables.lock())?)
    }

    async fn act(&self, step: &Step) -> Result<(), Stop> {
        match &step.action {
            Action::Call(call) if is_plain_refresh(call) => {
                let actor = self.actor(&call.actor);
                let possible = actor.token_request(Operation::TokenRefresh, CredentialKind::Access);
                possible.map_err(|error| Stop::NotPossible(error.to_string()))?;
                // The new token is kept, so that it can be shown; whether it was given is judged.
                let _refreshed = actor.refresh(&self.scenario).await;
                Ok(())
            }
            Action::Call(call) => {
                let response = self.answer(step, call).await?;
                if let (Some(name), Some(json)) = (&call.save, response.json.as_ref())
                    && response.is_success()
                {
                    self.save(name, json.clone());
                }
                Ok(())
            }
            Action::Walk { call, between } => self.walk(call, between).await,
            Action::Fetch { actor, url, expect } => {
                let url = self.text(url)?;
                let response = self.actor(actor).fetch(&self.scenario, &url).await;
                self.look(step, (actor, "fetch"), expect.as_ref(), &answered(&response))
            }
            Action::Connect { actor, socket, room, credential, expect } => {
                let room = self.text(room)?;
                let seen = self.connect(actor, socket, room, credential.as_deref()).await?;
                self.look(step, (actor, "connect"), expect.as_ref(), &seen)
            }
            Action::Reconnect { socket, credential, expect } => {
                let open = self.socket(socket)?;
                self.disconnect(socket).await;
                let seen =
                    self.connect(&open.actor, socket, open.room, credential.as_deref()).await?;
                self.look(step, (&open.actor, "reconnect"), expect.as_ref(), &seen)
            }
            Action::Disconnect { socket } => {
                self.disconnect(socket).await;
                Ok(())
            }
            Action::Fence { socket } => self.fence(socket).await,
            Action::Expect { socket, event, expectation, save } => {
                let event = self.expect(step, socket, *event, expectation).await?;
                if let Some((name, event)) = save.as_ref().zip(event) {
                    self.save(name, event);
                }
                Ok(())
            }
            Action::ExpectNothing { socket, event, expectation } => {
                self.expect_nothing(step, socket, *event, expectation).await
            }
            Action::Send { socket, frame } => self.send(socket, frame).await,
            Action::Say { socket, text, reply_to, save } => {
                let text = self.text(text)?;
                let reply_to = reply_to.as_deref().map(|id| self.text(id)).transpose()?;
                let message = self.say(socket, &text, reply_to).await?;
                if let Some(name) = save {
                    self.save(name, message);
                }
                Ok(())
            }
            Action::Await { socket, event, fields } => self.wait(socket, *event, fields).await,
            Action::For { variable, values, steps } => {
                let Value::Array(values) = self.resolve(values)? else {
                    return Err(Stop::Failed(format!("the values of `{variable}` are no list")));
                };
                for value in values {
                    self.save(variable, value);
                    self.perform(steps).await?;
                }
                Ok(())
            }
            Action::Repeat { count, steps } => {
                for index in 1..=*count {
                    self.save("index", json!(index));
                    self.perform(steps).await?;
                }
                Ok(())
            }
            Action::Parallel(branches) => {
                let stages: Vec<_> = branches.iter().map(|_| self.branch()).collect();
                let branches = stages.iter().zip(branches);
                try_join_all(branches.map(|(stage, steps)| stage.perform(steps))).await?;
                for stage in stages {
                    self.variables.lock().extend(stage.variables.into_inner());
                }
                Ok(())
            }
            Action::AnyOf(steps) => {
                let chosen = self.choices.lock().choice(steps);
                match self.perform(chosen.map_or(&[], std::slice::from_ref)).await {
                    // Others have left, or closed: it is not possible just now.
                    Err(Stop::Failed(_)) => Ok(()),
                    other => other,
                }
            }
        }
    }

    /// Sends a request as one of the actors.
    pub(super) async fn call(&self, role: &str, request: Request) -> Result<Response, Stop> {
        let actor = self.actor(role);
        let operation = request.operation;
        if self.unanswered.load(Ordering::Relaxed) >= MOST_UNANSWERED {
            return Err(Stop::Failed(format!("{MOST_UNANSWERED} of its calls were not answered")));
        }
        let response = match operation {
            Operation::RoomsCreate => self.rooms.create(actor, &self.scenario, request).await,
            _ => actor.call(&self.scenario, request).await,
        };
        let failure = response.failure.as_ref();
        if failure.is_some_and(|it| it.kind == FailureKind::TimedOut && it.maybe_done) {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(response)
    }

    pub(super) fn kind(&self, credential: Option<&str>) -> Result<Option<CredentialKind>, Stop> {
        let Some(credential) = credential else { return Ok(None) };
        let name = self.text(credential)?;
        serde_json::from_value(Value::from(name.clone()))
            .map(Some)
            .map_err(|_| Stop::Failed(format!("`{name}` is no kind of token")))
    }

    pub(super) fn request(&self, call: &Call) -> Result<Request, Stop> {
        let actor = self.actor(&call.actor);
        let kind = self.kind(call.credential.as_deref())?;
        let not_possible = |error: &dyn std::fmt::Display| Stop::NotPossible(error.to_string());
        let is_plain = call.body.is_none() && call.raw.is_none();
        let mut request = if !call.operation.spec().authenticated && is_plain {
            let kind = kind.unwrap_or(CredentialKind::Access);
            actor.token_request(call.operation, kind).map_err(|error| not_possible(&error))?
        } else {
            let mut request = Request::new(call.operation);
            if let Some(kind) = kind {
                actor.can_present(kind).map_err(|error| not_possible(&error))?;
                request = request.credential(kind);
            }
            request
        };
        if let Some(at) = &call.at {
            request = request.path(self.text(at)?);
        }
        for (name, value) in &call.query {
            let value = match self.resolve(value)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            request = request.query(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(self.resolve(body)?);
        } else if let Some((content_type, text)) = &call.raw {
            let bytes = self.text(text)?.into_bytes();
            request = request.body(Body::Raw { content_type: content_type.clone(), bytes });
        } else if let Some((fields, file)) = &call.form {
            let Value::Object(fields) = self.resolve(fields)? else {
                return Err(Stop::Failed("a form is a list of names and values".to_owned()));
            };
            let fields = fields.into_iter().map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
            request = request.body(Body::Form {
                fields: fields.collect(),
                file: Some(FormFile {
                    field: "attachment".to_owned(),
                    name: file.name.clone(),
                    content_type: file.content_type.clone(),
                    bytes: file.bytes.clone(),
                }),
            });
        }
        Ok(request)
    }

    /// Lists page after page, as `next` leads; never to another operation or another host.
    async fn walk(&self, call: &Call, between: &[Step]) -> Result<(), Stop> {
        let mut request = self.request(call)?;
        for _ in 0..LONGEST_WALK {
            let response = self.call(&call.actor, request.clone()).await?;
            self.perform(between).await?;
            let target = self.actor(&call.actor).client().target();
            let next = response.text_at("/next");
            match next.and_then(|next| target.query_of(call.operation, next)) {
                Some(query) => request.query = query,
                None => break,
            }
        }
        Ok(())
    }

    /// Closes the open sockets and archives the rooms that the scenario created.
    pub(super) async fn clean_up(&self) {
        let sockets: Vec<_> = self.sockets.lock().drain().map(|(_, open)| open.socket).collect();
        join_all(sockets.iter().map(|socket| socket.close())).await;
        // A creation takes longer only if the target throttles; its room is then reported as orphaned.
        self.rooms.archive_all(self.actors[0].client().limits().timeout).await;
    }
}

/// Whether an actor refreshes its own token the ordinary way.
fn is_plain_refresh(call: &Call) -> bool {
    call.operation == Operation::TokenRefresh
        && call.body.is_none()
        && call.raw.is_none()
        && call.credential.is_none()
        && call.expect.is_none()
}
