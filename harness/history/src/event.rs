//! Events of a run, as the journal holds them: one JSON object per line.

use std::sync::Arc;

use hearback_contract::{Operation, RequirementId, RoomId, UserId};
use serde::{Deserialize, Serialize};

use crate::credential::Credential;
use crate::excuse::{Attempt, Excuse};
use crate::expectation::ExpectationResult;
use crate::lag::MeasuredLag;
use crate::names::{ActorName, CallId, ConnectionId, ScenarioName};
use crate::nanoseconds::Nanoseconds;
use crate::obstacle::Obstacle;
use crate::payload::Payload;
use crate::probe::{Probe, ProbeOutcome};
use crate::repetition::Repetitions;
use crate::reproduction::Reproduction;
use crate::room_creation::{OrphanedRoom, RoomCreation};
use crate::run::{RunEnd, RunStart, ScenarioEnd};

/// A request as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Number of the call.
    pub call: CallId,
    /// Scenario that sent the request.
    pub scenario: ScenarioName,
    /// Actor that sent the request.
    pub actor: ActorName,
    /// The documented operation; `None` for other requests, such as fetching an attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The token sent.
    pub credential: Credential,
    /// HTTP method.
    pub method: String,
    /// Path below the base URL, or the whole URL of requests without an operation.
    pub path: String,
    /// Values of the path parameters, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_parameters: Vec<String>,
    /// Query parameters, decoded, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Content type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body. A form is a JSON object of its fields, a file `{name, content_type, base64}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Payload>,
    /// Number of the attempt, from 1; more than 1 after throttling.
    #[serde(default = "first_attempt", skip_serializing_if = "is_first_attempt")]
    pub attempt: u32,
}

fn first_attempt() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first_attempt(attempt: &u32) -> bool {
    *attempt == 1
}

/// The side that ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseOrigin {
    /// hearback closed it.
    Client,
    /// The target closed it with a close frame.
    Server,
    /// The connection broke: reset, end of stream without a close frame, protocol error.
    Broken,
    /// The target sent text that is not UTF-8, after which nothing more was read.
    InvalidText,
    /// The target sent a frame that RFC 6455 forbids, after which nothing more was read.
    InvalidFrame,
}

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run began.
    RunStarted(Box<RunStart>),
    /// An actor joined the run, or its user was learned.
    ActorKnown {
        /// Name of the actor, with which it logs in.
        actor: ActorName,
        /// User id at the target, if known.
        user_id: Option<UserId>,
        /// Username in responses of the target, if known; it may differ from the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
    },
    /// A scenario began.
    ScenarioStarted {
        /// Name of the scenario.
        scenario: ScenarioName,
        /// Roles of the scenario, in its order, with the actors that play them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        actors: Vec<(String, ActorName)>,
        /// Requirements that the scenario exercises if the target conforms to the specification.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requirements: Option<Vec<RequirementId>>,
    },
    /// Something kept a scenario from exercising its requirements.
    ScenarioImpeded {
        /// Name of the scenario.
        scenario: ScenarioName,
        /// The first reason.
        obstacle: Obstacle,
    },
    /// The steps of a scenario ended; its actors read every view of its rooms, which are then archived.
    AuditStarted {
        /// Name of the scenario.
        scenario: ScenarioName,
    },
    /// A scenario ended.
    ScenarioEnded {
        /// Name of the scenario.
        scenario: ScenarioName,
        /// The way it ended.
        end: ScenarioEnd,
    },
    /// A scenario could not exercise a requirement.
    NotExercised {
        /// Requirement that was not exercised.
        requirement: RequirementId,
        /// Reason.
        reason: Obstacle,
    },
    /// A room was created, and its response proves that it is new.
    RoomCreated(Box<RoomCreation>),
    /// A creation was answered with a room that existed before the run.
    ExistingRoomReturned {
        /// Id of the room.
        room: RoomId,
    },
    /// A room that the run created was archived.
    RoomArchived {
        /// Id of the room.
        room: RoomId,
    },
    /// The cleanup ended.
    CleanedUp {
        /// Rooms of the run that are still active, or whose state is not known.
        left: Vec<OrphanedRoom>,
    },
    /// A request is about to be sent.
    Invoked(Arc<Invocation>),
    /// A response was read.
    Returned {
        /// Call that the response answers.
        call: CallId,
        /// HTTP status.
        status: u16,
        /// Content type as received.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Further headers that rules check, by lower-case name, if the request has no documented operation.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<(String, String)>,
        /// Seconds to wait, if the target throttled the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        throttled_s: Option<f64>,
        /// The body, up to the size limit.
        body: Payload,
        /// True if the body exceeded the size limit, or was not read because of its encoding.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        truncated: bool,
    },
    /// A request failed without a response.
    Failed {
        /// Call that failed.
        call: CallId,
        /// Error message.
        error: String,
        /// True if the target may have processed the request.
        maybe_done: bool,
    },
    /// An earlier response, or its absence, says nothing about the API.
    Excused {
        /// The request or handshake.
        attempt: Attempt,
        /// The reason.
        reason: Excuse,
    },
    /// An earlier response may show the state of a time before its request, since reads lag behind writes.
    MayBeStale {
        /// The request.
        call: CallId,
        /// Longest time between that state and the request.
        by: Nanoseconds,
    },
    /// A handshake is about to be sent.
    Connecting {
        /// Number of the connection.
        connection: ConnectionId,
        /// Scenario that opens the connection.
        scenario: ScenarioName,
        /// Actor that opens the connection.
        actor: ActorName,
        /// The token sent.
        credential: Credential,
        /// Room id in the URL.
        room: RoomId,
    },
    /// The handshake has the origin of another site.
    ForeignOrigin {
        /// The connection.
        connection: ConnectionId,
        /// Its `Origin` header.
        origin: String,
    },
    /// The handshake offers compression (RFC 7692).
    CompressionOffered {
        /// The connection.
        connection: ConnectionId,
    },
    /// The response to the handshake accepts compression.
    CompressionAccepted {
        /// The connection.
        connection: ConnectionId,
    },
    /// The token of the handshake expires soon.
    TokenExpires {
        /// The connection.
        connection: ConnectionId,
        /// Time from the handshake to the expiry.
        after: Nanoseconds,
    },
    /// The response to the handshake is one that RFC 6455 forbids.
    HandshakeInvalid {
        /// The connection.
        connection: ConnectionId,
        /// Error message.
        error: String,
    },
    /// The handshake was answered with 101.
    Connected {
        /// The connection.
        connection: ConnectionId,
    },
    /// The handshake failed.
    ConnectFailed {
        /// The connection.
        connection: ConnectionId,
        /// HTTP status, if there was a response.
        status: Option<u16>,
        /// Seconds to wait, if the target throttled the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        throttled_s: Option<f64>,
        /// Error message.
        error: String,
    },
    /// A frame was passed to the connection.
    Sent {
        /// The connection.
        connection: ConnectionId,
        /// The frame.
        frame: Payload,
    },
    /// A frame was received.
    Received {
        /// The connection.
        connection: ConnectionId,
        /// The frame.
        frame: Payload,
    },
    /// Frames were sent that show how the target handles a part of RFC 6455.
    Probed {
        /// The connection.
        connection: ConnectionId,
        /// The frames.
        probe: Probe,
    },
    /// The target reacted to a probe, or did not.
    ProbeEnded {
        /// The connection.
        connection: ConnectionId,
        /// The outcome.
        outcome: ProbeOutcome,
        /// Close code in the answer to a close frame; `None` without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
    },
    /// A connection ended.
    Closed {
        /// The connection.
        connection: ConnectionId,
        /// The side that ended the connection.
        by: CloseOrigin,
        /// Close code, if there was one.
        code: Option<u16>,
        /// Close reason or error message.
        reason: String,
    },
    /// Reads show writes late.
    LagMeasured(MeasuredLag),
    /// hearback itself did not run for a time that ends now: it was suspended, or had no processor.
    Stalled {
        /// Length of that time.
        lasted: Nanoseconds,
    },
    /// An expectation of a scenario was checked.
    ExpectationChecked(Box<ExpectationResult>),
    /// Scenarios that showed violations are repeated; events up to [`Repeated`](Self::Repeated) are not checked.
    Repeating,
    /// The repetitions ended.
    Repeated {
        /// The outcome for each violation.
        repetitions: Vec<Repetitions>,
    },
    /// Reproduction of a violation begins; events up to [`Reproduced`](Self::Reproduced) are not checked.
    Reproducing {
        /// The violated requirement.
        requirement: RequirementId,
        /// Scenario that found the violation.
        scenario: ScenarioName,
    },
    /// Reproduction of a violation ended.
    Reproduced(Box<Reproduction>),
    /// The run ended.
    RunEnded(RunEnd),
}

/// An event with its position and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the journal, from 0.
    pub seq: u64,
    /// Time since the run began.
    pub at: Nanoseconds,
    /// The event.
    #[serde(flatten)]
    pub kind: EventKind,
}
