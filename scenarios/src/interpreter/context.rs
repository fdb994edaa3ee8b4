//! The state of a running scenario: actors, open sockets, rooms, and saved values.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use hearback_client::{Actor, CredentialError, Failure, FailureKind, RoomRegistry, Socket};
use hearback_contract::{Operation, RoomId, UserId};
use hearback_history::{Fixture, Obstacle, Recorder, ScenarioName};
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::matcher::ResolveError;
use crate::scenario::Scenario;
use crate::template::{self, UndefinedVariable, Variables};

/// The reason why a scenario ends before its last step.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// A precondition of a step is not met.
    #[error("{}{reason}", .step.as_ref().map(|step| format!("step {step}: ")).unwrap_or_default())]
    Failed {
        /// Number of the innermost step.
        step: Option<String>,
        /// The unmet precondition.
        reason: String,
    },
    /// The target or the accounts do not support the scenario.
    #[error("{obstacle}{}", .detail.as_ref().map(|it| format!(": {it}")).unwrap_or_default())]
    Unsupported {
        /// The reason.
        obstacle: Obstacle,
        /// More about it.
        detail: Option<String>,
    },
}

impl Stop {
    pub(super) fn failed(reason: impl ToString) -> Self {
        Self::Failed { step: None, reason: reason.to_string() }
    }

    pub(super) fn obstacle(obstacle: Obstacle) -> Self {
        Self::Unsupported { obstacle, detail: None }
    }

    /// The reason why the client did not send a request that the run may not send; `None` for other failures.
    pub(super) fn not_sent(failure: &Failure) -> Option<Self> {
        match failure.kind {
            FailureKind::NotOurs => Some(Self::foreign(failure.text.clone())),
            _ => None,
        }
    }

    /// Returns whether only the step cannot run; later steps may.
    pub(super) fn is_of_step(&self) -> bool {
        match self {
            Self::Failed { .. } => true,
            Self::Unsupported { obstacle, .. } => matches!(obstacle, Obstacle::MissingSecret(_)),
        }
    }

    /// A frame or request names something that the run did not create.
    pub(super) fn foreign(reason: String) -> Self {
        Self::Unsupported { obstacle: Obstacle::ForeignRoom, detail: Some(reason) }
    }

    /// Attributes a failure to `step`, unless it is attributed to a nested step.
    pub(super) fn at(self, step: &str) -> Self {
        match self {
            Self::Failed { step: None, reason } => Self::Failed { step: Some(step.into()), reason },
            other => other,
        }
    }
}

impl From<UndefinedVariable> for Stop {
    fn from(error: UndefinedVariable) -> Self {
        match Fixture::named(&error.0) {
            Some(fixture) => Self::obstacle(Obstacle::MissingFixture(fixture)),
            None => Self::failed(error),
        }
    }
}

impl From<CredentialError> for Stop {
    fn from(error: CredentialError) -> Self {
        let reason = error.to_string();
        Self::obstacle(match error.is_of_configuration() {
            true => Obstacle::MissingSecret(reason),
            false => Obstacle::Other(reason),
        })
    }
}

impl From<ResolveError> for Stop {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::UndefinedVariable(error) => error.into(),
            error @ ResolveError::InvalidOperand { .. } => Self::failed(error),
        }
    }
}

/// An open socket of the scenario.
#[derive(Clone)]
pub(super) struct OpenSocket {
    pub(super) socket: Arc<Socket>,
    pub(super) actor: String,
    pub(super) room: RoomId,
    /// Positions of received frames that satisfied an expectation.
    pub(super) matched: HashSet<usize>,
    /// Positions of the last two fences. All frames between them have arrived.
    pub(super) fenced: Option<(usize, usize)>,
}

pub(super) struct ScenarioContext {
    pub(super) scenario: ScenarioName,
    /// Path of the file that contains the scenario.
    pub(super) file: String,
    actors: IndexMap<String, Actor>,
    run: String,
    pub(super) best_effort: bool,
    pub(super) timeout: Duration,
    /// Saved values. Parallel lists of steps do not see each other's values until all of them end.
    variables: Mutex<Variables>,
    pub(super) choices: Mutex<fastrand::Rng>,
    pub(super) sockets: Arc<Mutex<HashMap<String, OpenSocket>>>,
    /// Rooms that the scenario created.
    pub(super) rooms: RoomRegistry,
    unique: Arc<AtomicU64>,
    /// Number of calls that timed out.
    pub(super) unanswered: Arc<AtomicU64>,
    /// The first thing that kept a step from having its effect.
    impediment: Arc<Mutex<Option<Obstacle>>>,
}

impl ScenarioContext {
    pub(super) fn new(
        scenario: &Scenario,
        actors: Vec<(String, Actor)>,
        mut variables: Variables,
        run: String,
        seed: u64,
        timeout: Duration,
    ) -> Self {
        for (role, actor) in &actors {
            let user = json!({"id": actor.user_id(), "username": actor.username()});
            variables.insert(role.clone(), user);
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
            impediment: Arc::default(),
        }
    }

    /// A context for one of several parallel lists of steps: a copy of the saved values, all else shared.
    pub(super) fn branch(&self) -> Self {
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
            impediment: self.impediment.clone(),
        }
    }

    pub(super) fn save(&self, name: &str, value: Value) {
        self.variables.lock().insert(name.to_owned(), value);
    }

    /// Notes something that keeps a step from having its effect.
    pub(super) fn impede(&self, obstacle: Obstacle) {
        self.impediment.lock().get_or_insert(obstacle);
    }

    /// Notes that the target did not answer a request of the operation, or a handshake for `None`.
    pub(super) fn impede_by(&self, operation: Option<Operation>, failure: &Failure) {
        match failure.kind {
            FailureKind::TimedOut => self.impede(match operation {
                Some(operation) => Obstacle::Unanswered(operation),
                None => Obstacle::HandshakeUnanswered,
            }),
            FailureKind::Throttled => self.impede(Obstacle::Throttled),
            // hearback itself refused to send the request, or its address was too long for the target.
            FailureKind::NotOurs | FailureKind::LoginBudget | FailureKind::LongAddress => {}
            _ => self.impede(Obstacle::Unavailable),
        }
    }

    /// The first thing that kept a step from having its effect: one that was noted, or a lost socket.
    pub(super) fn impediment(&self) -> Option<Obstacle> {
        let noted = self.impediment.lock().clone();
        let lost = || self.sockets.lock().values().find_map(|open| open.socket.lost_with());
        noted.or_else(|| lost().map(Obstacle::SocketClosed))
    }

    pub(super) fn user_id(&self, role: &str) -> Result<UserId, Stop> {
        self.actor(role)
            .user_id()
            .ok_or_else(|| Stop::obstacle(Obstacle::UnknownUserId(self.actor(role).name().clone())))
    }

    /// The actors of all roles.
    pub(super) fn actors(&self) -> impl Iterator<Item = &Actor> {
        self.actors.values()
    }

    pub(super) fn actor(&self, role: &str) -> &Actor {
        &self.actors[role]
    }

    /// Sets `{unique}` to a new word that occurs nowhere else, so that a search for it has one result, and `{now}` to
    /// times from now on.
    pub(super) fn renew_unique(&self) {
        let n = self.unique.fetch_add(1, Ordering::Relaxed);
        let scenario: String =
            self.scenario.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        self.save("unique", json!(format!("u{}{scenario}{n}", self.run)));
        let now = Timestamp::now();
        let later = [2, 5, 30].map(|seconds| {
            let time = now + SignedDuration::from_secs(seconds);
            (format!("plus-{seconds}s"), json!(format!("{time:.3}")))
        });
        self.save("now", later.into_iter().collect());
    }

    pub(super) fn resolve(&self, value: &Value) -> Result<Value, Stop> {
        Ok(template::resolve(value, &self.variables.lock())?)
    }

    pub(super) fn recorder(&self) -> &Recorder {
        self.actors[0].client().recorder()
    }

    /// A copy of the saved values.
    pub(super) fn variables(&self) -> Variables {
        self.variables.lock().clone()
    }

    /// Adds the values that a parallel list of steps saved.
    pub(super) fn merge(&self, branch: Self) {
        self.variables.lock().extend(branch.variables.into_inner());
    }

    pub(super) fn text(&self, text: &str) -> Result<String, Stop> {
        Ok(template::text(text, &self.variables.lock())?)
    }

    /// Closes the open sockets and archives the rooms that the scenario created.
    ///
    /// If the run was interrupted, its cleanup archives the rooms, since it has a deadline.
    pub(super) async fn clean_up(&self, is_interrupted: bool) {
        let sockets: Vec<_> = self.sockets.lock().drain().map(|(_, open)| open.socket).collect();
        join_all(sockets.iter().map(|socket| socket.close())).await;
        if is_interrupted {
            return;
        }
        // A creation that is still pending was throttled; its room is then reported as orphaned.
        self.rooms.archive_all(self.actors[0].client().limits().timeout).await;
    }
}
