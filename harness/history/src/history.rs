//! A run as it can be judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearback_contract::{Operation, RequirementId};

use crate::call::Call;
use crate::connection::{Body, Connection};
use crate::event::{
    ActorName, Expected, Nanoseconds, Reproduction, RunEnd, RunStart, ScenarioName,
};

/// A run as it can be judged: complete, or broken off anywhere.
#[derive(Debug, Default)]
pub struct History {
    /// The first event, where there is one.
    pub start: Option<RunStart>,
    /// Who took part, by name.
    pub actors: BTreeMap<ActorName, Actor>,
    /// Every request, in the order of invocation.
    pub calls: Vec<Call>,
    /// Every connection, in the order of its handshake.
    pub connections: Vec<Connection>,
    /// What all frames carried, each content once.
    pub bodies: Vec<Arc<Body>>,
    /// Scripts that began, in that order.
    pub scenarios: Vec<ScenarioName>,
    /// Scripts that could not be carried out to the end, with the reason.
    pub stopped: Vec<(ScenarioName, String)>,
    /// Scripts for which this target or these accounts do not offer what they need, with what that is.
    pub left_out: Vec<(ScenarioName, String)>,
    /// Requirements that a scenario could not look at, with the reason.
    pub not_exercised: Vec<(RequirementId, String)>,
    /// What scenarios expected, in the order in which it was looked at.
    pub expectations: Vec<Expectation>,
    /// Defects that were brought about again, or were tried to be.
    pub reproductions: Vec<Reproduction>,
    /// The last event, where the run got that far.
    pub end: Option<RunEnd>,
    /// When the last recorded event happened.
    pub last: Nanoseconds,
}

/// What a scenario expected, and where that stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What was expected and seen.
    pub expected: Expected,
    /// When it was looked at.
    pub at: Nanoseconds,
    /// Position in the journal.
    pub seq: u64,
}

/// An actor of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Its user name.
    pub name: ActorName,
    /// Its user id at the target, once known.
    pub user_id: Option<i64>,
}

impl History {
    /// Calls of one operation, in the order of invocation.
    pub fn calls_of(&self, operation: Operation) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.operation() == Some(operation))
    }

    /// The user id of an actor, where it is known.
    pub fn user_id(&self, actor: &ActorName) -> Option<i64> {
        self.actors.get(actor)?.user_id
    }

    /// How long things were waited for.
    pub fn timeout(&self) -> Nanoseconds {
        self.start.as_ref().map_or(0, |start| start.timeout_ms * 1_000_000)
    }
}
