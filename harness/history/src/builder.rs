//! Builds a history from the events of a run.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use crate::call::{Call, Outcome};
use crate::connection::{Body, Closing, Connection, Frame, FrameDirection, Handshake};
use crate::event::{CallId, ConnectionId, Event, EventKind, Nanoseconds};
use crate::history::{Actor, Expectation, History};
use crate::payload::Payload;

impl History {
    /// Builds calls and connections from events. Events that refer to unknown calls or connections are dropped.
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Self {
        let mut builder = HistoryBuilder::default();
        events.into_iter().for_each(|event| builder.add(event));
        builder.history
    }
}

/// A body by what it carries.
#[derive(Debug)]
struct ByPayload(Arc<Body>);

impl Borrow<Payload> for ByPayload {
    fn borrow(&self) -> &Payload {
        &self.0.payload
    }
}

impl Hash for ByPayload {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.payload.hash(state);
    }
}

impl PartialEq for ByPayload {
    fn eq(&self, other: &Self) -> bool {
        self.0.payload == other.0.payload
    }
}

impl Eq for ByPayload {}

/// A history as far as its events were read.
#[derive(Debug, Default)]
struct HistoryBuilder {
    history: History,
    /// Positions in the history.
    calls: AHashMap<CallId, usize>,
    connections: AHashMap<ConnectionId, usize>,
    bodies: AHashSet<ByPayload>,
    /// What happens is done to bring a defect about again.
    reproducing: bool,
}

impl HistoryBuilder {
    fn add(&mut self, Event { seq, at, kind }: Event) {
        let history = &mut self.history;
        history.last = history.last.max(at);
        match kind {
            EventKind::Reproducing { .. } => self.reproducing = true,
            EventKind::Reproduced(reproduction) => {
                self.reproducing = false;
                history.reproductions.push(reproduction);
            }
            EventKind::RunStarted(start) => history.start = Some(start),
            EventKind::RunEnded(end) => history.end = Some(end),
            EventKind::ActorKnown { actor, user_id } => {
                history.actors.insert(actor.clone(), Actor { name: actor, user_id });
            }
            // What was done before may still come to its end.
            EventKind::ScenarioStarted { .. }
            | EventKind::ScenarioEnded { .. }
            | EventKind::NotExercised { .. }
            | EventKind::Expected(_)
            | EventKind::Invoked(_)
            | EventKind::Connecting { .. }
                if self.reproducing => {}
            EventKind::ScenarioStarted { scenario, .. } => history.scenarios.push(scenario),
            EventKind::ScenarioEnded { scenario, stopped, left_out } => {
                history.left_out.extend(left_out.map(|reason| (scenario.clone(), reason)));
                history.stopped.extend(stopped.map(|reason| (scenario, reason)));
            }
            EventKind::NotExercised { requirement, reason } => {
                history.not_exercised.push((requirement, reason));
            }
            EventKind::Expected(expected) => {
                history.expectations.push(Expectation { expected, at, seq });
            }
            EventKind::Invoked(invocation) => {
                self.calls.insert(invocation.call, history.calls.len());
                history.calls.push(Call {
                    request: invocation.body.as_ref().and_then(Payload::to_json),
                    invocation,
                    invoked: at,
                    outcome: Outcome::Unknown {
                        error: "the record ends before".to_owned(),
                        given_up: None,
                    },
                    seq,
                });
            }
            EventKind::Returned { call, status, content_type, throttled_s, body, truncated } => {
                if let Some(&index) = self.calls.get(&call) {
                    let json = body.to_json();
                    history.calls[index].outcome = Outcome::Response {
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
                if let Some(&index) = self.calls.get(&call) {
                    history.calls[index].outcome = if maybe_done {
                        Outcome::Unknown { error, given_up: Some(at) }
                    } else {
                        Outcome::Failed { error }
                    };
                }
            }
            EventKind::Connecting { connection, scenario, actor, credential, room } => {
                self.connections.insert(connection, history.connections.len());
                history.connections.push(Connection {
                    id: connection,
                    scenario,
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
                if let Some(connection) = self.connection(connection) {
                    connection.handshake = Handshake::Accepted { at };
                }
            }
            EventKind::ConnectFailed { connection, status, throttled_s, error } => {
                if let Some(connection) = self.connection(connection) {
                    connection.handshake = match (status, throttled_s) {
                        (Some(status), Some(_)) => Handshake::Throttled { at, status },
                        _ => Handshake::Refused { at, status, error },
                    };
                }
            }
            EventKind::Sent { connection, frame } => {
                self.frame(connection, at, seq, FrameDirection::Sent, frame);
            }
            EventKind::Received { connection, frame } => {
                self.frame(connection, at, seq, FrameDirection::Received, frame);
            }
            EventKind::Closed { connection, by, code, reason } => {
                if let Some(connection) = self.connection(connection) {
                    connection.closed = Some(Closing { at, by, code, reason, seq });
                }
            }
        }
    }

    fn connection(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.history.connections.get_mut(*self.connections.get(&id)?)
    }

    fn frame(
        &mut self,
        connection: ConnectionId,
        at: Nanoseconds,
        seq: u64,
        direction: FrameDirection,
        payload: Payload,
    ) {
        let body = self.body(payload);
        let is_received = direction == FrameDirection::Received;
        let event = body.kind().filter(|_| is_received).and_then(|kind| kind.parse().ok());
        if let Some(connection) = self.connection(connection) {
            connection.frames.push(Frame { at, direction, body, event, seq });
        }
    }

    /// The one body with this content.
    fn body(&mut self, payload: Payload) -> Arc<Body> {
        if let Some(ByPayload(known)) = self.bodies.get(&payload) {
            return Arc::clone(known);
        }
        let body = Arc::new(Body::new(self.history.bodies.len(), payload));
        self.history.bodies.push(Arc::clone(&body));
        self.bodies.insert(ByPayload(Arc::clone(&body)));
        body
    }
}
