//! Builds a history from the events of a run.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use crate::call::{Call, Interval, Outcome};
use crate::connection::{Body, Closing, Compression, Connection, Frame, FrameDirection, Handshake};
use crate::event::{Event, EventKind};
use crate::excuse::{Attempt, Excuse};
use crate::expectation::RecordedExpectation;
use crate::history::{Actor, History, ScenarioTime};
use crate::names::{CallId, ConnectionId};
use crate::nanoseconds::Nanoseconds;
use crate::payload::Payload;
use crate::probe::RecordedProbe;
use crate::run::ScenarioEnd;

impl History {
    /// Builds a history from events; those that refer to unknown calls or connections are ignored.
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Self {
        let mut builder = HistoryBuilder::default();
        events.into_iter().for_each(|event| builder.add(event));
        builder.history
    }
}

/// A body that is identified by its content.
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

/// A history of the events added so far.
#[derive(Debug, Default)]
struct HistoryBuilder {
    history: History,
    /// Positions in [`History::calls`].
    calls: AHashMap<CallId, usize>,
    /// Positions in [`History::connections`].
    connections: AHashMap<ConnectionId, usize>,
    bodies: AHashSet<ByPayload>,
    /// True if the events belong to repetitions of a violation.
    reproducing: bool,
}

impl HistoryBuilder {
    fn add(&mut self, Event { seq, at, kind }: Event) {
        let history = &mut self.history;
        history.last = history.last.max(at);
        match kind {
            EventKind::Reproducing { .. } | EventKind::Repeating => self.reproducing = true,
            EventKind::Repeated { repetitions } => {
                self.reproducing = false;
                history.repetitions.extend(repetitions);
            }
            EventKind::Reproduced(reproduction) => {
                self.reproducing = false;
                history.reproductions.push(*reproduction);
            }
            EventKind::RunStarted(start) => history.start = Some(*start),
            EventKind::RunEnded(end) => history.end = Some(end),
            EventKind::CleanedUp { left } => history.left_rooms = Some(left),
            EventKind::ExistingRoomReturned { room } => {
                history.existing_rooms.insert(room);
            }
            // The calls that created and archived the room are part of the history.
            EventKind::RoomCreated(_) | EventKind::RoomArchived { .. } => {}
            EventKind::ActorKnown { actor, user_id, username } => {
                history.actors.insert(actor.clone(), Actor { name: actor, user_id, username });
            }
            // Calls and connections from before the reproduction may still end.
            EventKind::ScenarioStarted { .. }
            | EventKind::ScenarioImpeded { .. }
            | EventKind::AuditStarted { .. }
            | EventKind::ScenarioEnded { .. }
            | EventKind::NotExercised { .. }
            | EventKind::Stalled { .. }
            | EventKind::ExpectationChecked(_)
            | EventKind::Invoked(_)
            | EventKind::Connecting { .. }
                if self.reproducing => {}
            EventKind::ScenarioStarted { scenario, requirements, .. } => {
                history.scenarios.push(scenario.clone());
                history.scenario_times.push(ScenarioTime {
                    scenario,
                    requirements: requirements.clone().unwrap_or_default(),
                    began: at,
                    ended: at,
                });
                if let Some(requirements) = requirements {
                    history.planned.get_or_insert_default().extend(requirements);
                }
            }
            EventKind::ScenarioImpeded { scenario, obstacle } => {
                history.impediments.push((scenario, obstacle));
            }
            EventKind::AuditStarted { scenario } => {
                history.audits.insert(scenario, at);
            }
            EventKind::ScenarioEnded { scenario, end } => {
                let mut times = history.scenario_times.iter_mut().rev();
                if let Some(time) = times.find(|time| time.scenario == scenario) {
                    time.ended = at;
                }
                match end {
                    ScenarioEnd::Completed => {}
                    ScenarioEnd::Interrupted => {
                        history
                            .aborted_scenarios
                            .push((scenario, "the run was interrupted".to_owned()));
                    }
                    ScenarioEnd::Aborted { reason } => {
                        history.aborted_scenarios.push((scenario, reason));
                    }
                    ScenarioEnd::Skipped { reason } => {
                        history.skipped_scenarios.push((scenario, reason));
                    }
                }
            }
            EventKind::NotExercised { requirement, reason } => {
                history.not_exercised.push((requirement, reason));
            }
            EventKind::ExpectationChecked(result) => {
                let result = *result;
                history.expectations.push(RecordedExpectation { result, at, seq });
            }
            EventKind::Stalled { lasted } => {
                history.stalls.push(Interval { invoked: at.saturating_sub(lasted), returned: at });
            }
            EventKind::Invoked(invocation) => {
                self.calls.insert(invocation.call, history.calls.len());
                history.calls.push(Call {
                    request: invocation.body.as_ref().and_then(Payload::to_json),
                    invocation,
                    invoked: at,
                    outcome: Outcome::Unknown {
                        error: "the journal ends before the response".to_owned(),
                        gave_up_at: None,
                    },
                    excuse: None,
                    staleness: Nanoseconds::ZERO,
                    seq,
                });
            }
            EventKind::Excused { attempt: Attempt::Call(call), reason } => {
                if let Some(&index) = self.calls.get(&call) {
                    history.calls[index].excuse(reason);
                }
            }
            EventKind::MayBeStale { call, by } => {
                if let Some(&index) = self.calls.get(&call) {
                    history.calls[index].staleness = by;
                }
            }
            EventKind::Excused { attempt: Attempt::Connection(connection), reason } => {
                if let Some(connection) = self.connection(connection) {
                    connection.handshake.excuse(reason);
                }
            }
            EventKind::Returned {
                call,
                status,
                content_type,
                headers,
                throttled_s,
                body,
                truncated,
            } => {
                if let Some(&index) = self.calls.get(&call) {
                    let truncated = truncated || body.is_unbounded();
                    let json = body.to_json().filter(|_| !truncated);
                    history.calls[index].outcome = Outcome::Response {
                        returned: at,
                        status,
                        content_type,
                        headers,
                        throttled_s,
                        body,
                        json,
                        truncated,
                    };
                    let is_success = (200..300).contains(&status) && throttled_s.is_none();
                    if truncated && is_success && history.calls[index].operation().is_some() {
                        history.calls[index].excuse(Excuse::Truncated);
                    }
                }
            }
            EventKind::Failed { call, error, maybe_done } => {
                if let Some(&index) = self.calls.get(&call) {
                    history.calls[index].outcome = if maybe_done {
                        Outcome::Unknown { error, gave_up_at: Some(at) }
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
                    origin: None,
                    compression: Compression::Absent,
                    token_expires: None,
                    invalid_handshake: None,
                    probes: Vec::new(),
                    seq,
                });
            }
            EventKind::ForeignOrigin { connection, origin } => {
                if let Some(connection) = self.connection(connection) {
                    connection.origin = Some(origin);
                }
            }
            EventKind::CompressionOffered { connection } => {
                if let Some(connection) = self.connection(connection) {
                    connection.compression = Compression::Offered;
                }
            }
            EventKind::CompressionAccepted { connection } => {
                if let Some(connection) = self.connection(connection) {
                    connection.compression = Compression::Accepted;
                }
            }
            EventKind::LagMeasured(lag) => history.lag = Some(lag),
            EventKind::TokenExpires { connection, after } => {
                if let Some(connection) = self.connection(connection) {
                    connection.token_expires = Some(at.saturating_add(after));
                }
            }
            EventKind::HandshakeInvalid { connection, error } => {
                if let Some(connection) = self.connection(connection) {
                    connection.invalid_handshake = Some(error);
                }
            }
            EventKind::Probed { connection, probe } => {
                if let Some(connection) = self.connection(connection) {
                    connection.probes.push(RecordedProbe { probe, at, outcome: None, code: None });
                }
            }
            EventKind::ProbeEnded { connection, outcome, code } => {
                if let Some(probe) = self.connection(connection).and_then(|it| it.probes.last_mut())
                {
                    (probe.outcome, probe.code) = (Some(outcome), code);
                }
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
        if let Some(connection) = self.connection(connection) {
            connection.frames.push(Frame { at, direction, body, seq });
        }
    }

    /// The shared body with this content.
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
