//! A run's events folded into calls and connections.

use std::collections::{BTreeMap, HashMap};

use hearback_contract::{Operation, RequirementId, ServerEvent};
use serde_json::Value;

use crate::event::{
    ActorName, CallId, CloseOrigin, ConnectionId, Credential, Event, EventKind, Expected,
    Invocation, Nanoseconds, RunEnd, RunStart, ScriptName,
};
use crate::payload::Payload;

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
    /// Scripts that began, in that order.
    pub scripts: Vec<ScriptName>,
    /// Scripts that could not be carried out to the end, with the reason.
    pub stopped: Vec<(ScriptName, String)>,
    /// Scripts for which this target or these accounts do not offer what they need, with what that is.
    pub left_out: Vec<(ScriptName, String)>,
    /// Requirements that a script could not look at, with the reason.
    pub not_exercised: Vec<(RequirementId, String)>,
    /// What scripts expected, in the order in which it was looked at.
    pub expectations: Vec<Expectation>,
    /// The last event, where the run got that far.
    pub end: Option<RunEnd>,
    /// When the last recorded event happened.
    pub last: Nanoseconds,
}

/// What a script expected, and where that stands in the record.
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

/// When something was in flight. A return that was never seen is `Nanoseconds::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Not before.
    pub invoked: Nanoseconds,
    /// Not after.
    pub returned: Nanoseconds,
}

impl Interval {
    /// Whether this surely ended before `other` began.
    pub fn precedes(self, other: Self) -> bool {
        self.returned < other.invoked
    }

    /// Whether neither surely ended before the other began.
    pub fn overlaps(self, other: Self) -> bool {
        !self.precedes(other) && !other.precedes(self)
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A response was read.
    Response {
        /// When.
        returned: Nanoseconds,
        /// HTTP status.
        status: u16,
        /// Content type as sent.
        content_type: Option<String>,
        /// Seconds to wait, if the target throttled the request instead of handling it.
        throttled_s: Option<f64>,
        /// The body as it was.
        body: Payload,
        /// The body, if it is JSON.
        json: Option<Value>,
        /// Whether the body was cut at hearback's bound.
        truncated: bool,
    },
    /// No response came; the target surely did not carry the request out.
    Failed {
        /// What went wrong.
        error: String,
    },
    /// No response came; the request may have been carried out.
    Unknown {
        /// What went wrong, or that the record ends before.
        error: String,
    },
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The request.
    pub invocation: Invocation,
    /// Its body, if it is JSON.
    pub request: Option<Value>,
    /// When it was sent.
    pub invoked: Nanoseconds,
    /// What became of it.
    pub outcome: Outcome,
    /// Position of the invocation in the journal.
    pub seq: u64,
}

impl Call {
    /// Its number.
    pub fn id(&self) -> CallId {
        self.invocation.call
    }

    /// The documented operation, unless it is another request.
    pub fn operation(&self) -> Option<Operation> {
        self.invocation.operation
    }

    /// When it was in flight.
    pub fn interval(&self) -> Interval {
        let returned = match self.outcome {
            Outcome::Response { returned, .. } => returned,
            // Never carried out: no later than it was sent.
            Outcome::Failed { .. } => self.invoked,
            Outcome::Unknown { .. } => Nanoseconds::MAX,
        };
        Interval { invoked: self.invoked, returned }
    }

    /// The status, where the request was answered and not throttled.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Response { status, throttled_s: None, .. } => Some(status),
            _ => None,
        }
    }

    /// Whether it was answered with a status of success (2xx).
    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it was answered with a refusal (4xx), and not throttled.
    pub fn refused(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// Whether the target may have carried it out: success, or no telling.
    pub fn maybe_done(&self) -> bool {
        self.succeeded()
            || matches!(self.outcome, Outcome::Unknown { .. })
            || self.status().is_some_and(|status| status >= 500)
    }

    /// The response's body, if it is JSON.
    pub fn response(&self) -> Option<&Value> {
        match &self.outcome {
            Outcome::Response { json, throttled_s: None, .. } => json.as_ref(),
            _ => None,
        }
    }

    /// The response's body after success, if it is JSON.
    pub fn success(&self) -> Option<&Value> {
        self.response().filter(|_| self.succeeded())
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        let mut pairs = self.invocation.query.iter();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first path parameter: the room, message or participant that the operation is about.
    pub fn subject(&self) -> Option<&str> {
        self.invocation.path_parameters.first().map(String::as_str)
    }

    /// Items of the listed page: the envelope's `results`, or a plain array.
    pub fn items(&self) -> Option<&Vec<Value>> {
        let body = self.success()?;
        body.get("results").unwrap_or(body).as_array()
    }

    /// Whether a valid token was shown.
    pub fn is_authorized(&self) -> bool {
        self.invocation.credential.kind.is_valid()
    }
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameDirection {
    /// To the target.
    Sent,
    /// From the target.
    Received,
}

/// A frame on a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// When it was handed over or received.
    pub at: Nanoseconds,
    /// Which way.
    pub direction: FrameDirection,
    /// As it was on the wire.
    pub payload: Payload,
    /// Parsed, if it is JSON.
    pub json: Option<Value>,
    /// Position in the journal.
    pub seq: u64,
}

impl Frame {
    /// The value of `type`, if the frame is a JSON object that has one.
    pub fn kind(&self) -> Option<&str> {
        self.json.as_ref()?.get("type")?.as_str()
    }

    /// The frame's content, if it was received and is a documented event of that type.
    pub fn received(&self, event: ServerEvent) -> Option<&Value> {
        let matches = self.direction == FrameDirection::Received && self.kind() == Some(event.id());
        self.json.as_ref().filter(|_| matches)
    }

    /// Whether hearback sent it.
    pub fn is_sent(&self) -> bool {
        self.direction == FrameDirection::Sent
    }
}

/// How a handshake went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Answered with 101.
    Accepted {
        /// When.
        at: Nanoseconds,
    },
    /// Answered otherwise.
    Refused {
        /// When.
        at: Nanoseconds,
        /// The HTTP status, where there was one.
        status: Option<u16>,
        /// What went wrong.
        error: String,
    },
    /// The record ends before.
    Pending,
}

/// A connection from its handshake to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The script that opened it.
    pub script: ScriptName,
    /// Who opened it.
    pub actor: ActorName,
    /// The token shown.
    pub credential: Credential,
    /// The room's id as it stood in the URL.
    pub room: String,
    /// When the handshake was sent.
    pub invoked: Nanoseconds,
    /// How the handshake went.
    pub handshake: Handshake,
    /// Every frame, both ways, in order.
    pub frames: Vec<Frame>,
    /// Who ended it, when, and with what code; `None` while it was open.
    pub closed: Option<Closing>,
    /// Position of the handshake in the journal.
    pub seq: u64,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: Nanoseconds,
    /// Who ended it.
    pub by: CloseOrigin,
    /// The close code, where there was one.
    pub code: Option<u16>,
    /// The reason given, or the error.
    pub reason: String,
    /// Position in the journal.
    pub seq: u64,
}

impl Connection {
    /// The frame of `connection_established`, wherever it stands.
    pub fn established(&self) -> Option<&Frame> {
        self.frames
            .iter()
            .find(|frame| frame.received(ServerEvent::ConnectionEstablished).is_some())
    }

    /// Received events of one type with their frames, in order.
    pub fn received(&self, event: ServerEvent) -> impl Iterator<Item = (&Frame, &Value)> {
        self.frames.iter().filter_map(move |frame| Some((frame, frame.received(event)?)))
    }

    /// Sent frames, in order.
    pub fn sent(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(|frame| frame.is_sent())
    }

    /// When it ended, as far as is known; `Nanoseconds::MAX` while open.
    pub fn closed_at(&self) -> Nanoseconds {
        self.closed.as_ref().map_or(Nanoseconds::MAX, |closing| closing.at)
    }
}

impl History {
    /// Folds events into calls and connections. Events that refer to nothing are left out.
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Self {
        let mut history = Self::default();
        let mut calls = HashMap::new();
        let mut connections = HashMap::new();
        for event in events {
            history.last = history.last.max(event.at);
            history.fold(event, &mut calls, &mut connections);
        }
        history
    }

    fn fold(
        &mut self,
        Event { seq, at, kind }: Event,
        calls: &mut HashMap<CallId, usize>,
        connections: &mut HashMap<ConnectionId, usize>,
    ) {
        let connection_of = |id: ConnectionId| connections.get(&id).copied();
        match kind {
            EventKind::RunStarted(start) => self.start = Some(start),
            EventKind::RunEnded(end) => self.end = Some(end),
            EventKind::ActorKnown { actor, user_id } => {
                self.actors.insert(actor.clone(), Actor { name: actor, user_id });
            }
            EventKind::ScriptStarted { script, .. } => self.scripts.push(script),
            EventKind::ScriptEnded { script, stopped, left_out } => {
                self.left_out.extend(left_out.map(|reason| (script.clone(), reason)));
                self.stopped.extend(stopped.map(|reason| (script, reason)));
            }
            EventKind::NotExercised { requirement, reason } => {
                self.not_exercised.push((requirement, reason));
            }
            EventKind::Expected(expected) => {
                self.expectations.push(Expectation { expected, at, seq });
            }
            EventKind::Invoked(invocation) => {
                calls.insert(invocation.call, self.calls.len());
                self.calls.push(Call {
                    request: invocation.body.as_ref().and_then(Payload::to_json),
                    invocation,
                    invoked: at,
                    outcome: Outcome::Unknown { error: "the record ends before".to_owned() },
                    seq,
                });
            }
            EventKind::Returned { call, status, content_type, throttled_s, body, truncated } => {
                if let Some(&index) = calls.get(&call) {
                    let json = body.to_json();
                    self.calls[index].outcome = Outcome::Response {
                        returned: at,
                        status,
                        content_type,
                        throttled_s,
                        body,
                        json,
                        truncated,
                    };
                }
            }
            EventKind::Failed { call, error, maybe_done } => {
                if let Some(&index) = calls.get(&call) {
                    self.calls[index].outcome = if maybe_done {
                        Outcome::Unknown { error }
                    } else {
                        Outcome::Failed { error }
                    };
                }
            }
            EventKind::Connecting { connection, script, actor, credential, room } => {
                connections.insert(connection, self.connections.len());
                self.connections.push(Connection {
                    id: connection,
                    script,
                    actor,
                    credential,
                    room,
                    invoked: at,
                    handshake: Handshake::Pending,
                    frames: Vec::new(),
                    closed: None,
                    seq,
                });
            }
            EventKind::Connected { connection } => {
                if let Some(index) = connection_of(connection) {
                    self.connections[index].handshake = Handshake::Accepted { at };
                }
            }
            EventKind::ConnectFailed { connection, status, error } => {
                if let Some(index) = connection_of(connection) {
                    self.connections[index].handshake = Handshake::Refused { at, status, error };
                }
            }
            EventKind::Sent { connection, frame } => {
                if let Some(index) = connection_of(connection) {
                    self.push_frame(index, at, seq, FrameDirection::Sent, frame);
                }
            }
            EventKind::Received { connection, frame } => {
                if let Some(index) = connection_of(connection) {
                    self.push_frame(index, at, seq, FrameDirection::Received, frame);
                }
            }
            EventKind::Closed { connection, by, code, reason } => {
                if let Some(index) = connection_of(connection) {
                    self.connections[index].closed = Some(Closing { at, by, code, reason, seq });
                }
            }
        }
    }

    fn push_frame(
        &mut self,
        connection: usize,
        at: Nanoseconds,
        seq: u64,
        direction: FrameDirection,
        payload: Payload,
    ) {
        let json = payload.to_json();
        self.connections[connection].frames.push(Frame { at, direction, payload, json, seq });
    }

    /// Calls of one operation, in the order of invocation.
    pub fn calls_of(&self, operation: Operation) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.operation() == Some(operation))
    }

    /// The user id of an actor, where it is known.
    pub fn user_id(&self, actor: &ActorName) -> Option<i64> {
        self.actors.get(actor)?.user_id
    }

    /// How long things were waited for.
    pub fn patience(&self) -> Nanoseconds {
        self.start.as_ref().map_or(0, |start| start.patience_ms * 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_without_return_is_unknown() {
        let history = crate::notation::parse("alice rooms.create {} => ?").unwrap();
        assert!(matches!(history.calls[0].outcome, Outcome::Unknown { .. }));
        assert!(history.calls[0].maybe_done());
        assert_eq!(history.calls[0].interval().returned, Nanoseconds::MAX);
    }

    #[test]
    fn intervals_that_touch_in_time_overlap() {
        let of = |invoked, returned| Interval { invoked, returned };
        assert!(of(0, 5).overlaps(of(5, 9)));
        assert!(of(0, 4).precedes(of(5, 9)));
        assert!(!of(5, 9).precedes(of(0, 4)));
    }
}
