//! Socket connections and their frames.

use std::sync::Arc;

use hearback_contract::{ClientEvent, RoomId, ServerEvent};
use serde_json::Value;

use crate::credential::Credential;
use crate::event::CloseOrigin;
use crate::excuse::Excuse;
use crate::names::{ActorName, ConnectionId, ScenarioName};
use crate::nanoseconds::Nanoseconds;
use crate::payload::Payload;
use crate::probe::RecordedProbe;

/// Direction of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameDirection {
    /// To the target.
    Sent,
    /// From the target.
    Received,
}

/// Content of a frame.
///
/// Frames with the same content share one body, so broadcasts are parsed and checked once.
#[derive(Debug, PartialEq)]
pub struct Body {
    /// Position in [`History::bodies`](crate::History::bodies).
    pub number: usize,
    /// The content as sent.
    pub payload: Payload,
    /// The parsed content, if it is JSON.
    pub json: Option<Value>,
    /// The event of the target that it is, if it is a documented one.
    pub(crate) event: Option<ServerEvent>,
    /// The event of a client that it is, if it is a documented one.
    pub(crate) command: Option<ClientEvent>,
}

impl Body {
    pub(crate) fn new(number: usize, payload: Payload) -> Self {
        let json = payload.to_json();
        let kind = json.as_ref().and_then(|json| json.get("type")?.as_str());
        let (event, command) =
            (kind.and_then(|it| it.parse().ok()), kind.and_then(|it| it.parse().ok()));
        Self { number, event, command, json, payload }
    }

    /// Value of `type`, if the content is a JSON object with one.
    pub fn kind(&self) -> Option<&str> {
        self.json.as_ref()?.get("type")?.as_str()
    }
}

/// A frame on a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time at which it was sent or received.
    pub at: Nanoseconds,
    /// Direction.
    pub direction: FrameDirection,
    /// Content.
    pub body: Arc<Body>,
    /// Position in the journal.
    pub seq: u64,
}

impl Frame {
    /// Content, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.body.json.as_ref()
    }

    /// Value of `type`, if the content is a JSON object with one.
    pub fn kind(&self) -> Option<&str> {
        self.body.kind()
    }

    /// Type of the event, if the frame is a received, documented event.
    pub fn event(&self) -> Option<ServerEvent> {
        self.body.event.filter(|_| !self.is_sent())
    }

    /// Type of the event, if the frame is a sent, documented event.
    pub fn command(&self) -> Option<ClientEvent> {
        self.body.command.filter(|_| self.is_sent())
    }

    /// Content, if the frame is a received event of this type.
    pub fn received(&self, event: ServerEvent) -> Option<&Value> {
        if self.event() == Some(event) { self.json() } else { None }
    }

    /// Returns whether hearback sent it as an event of this type.
    pub fn sends(&self, command: ClientEvent) -> bool {
        self.command() == Some(command)
    }

    /// Returns whether hearback sent it.
    pub fn is_sent(&self) -> bool {
        self.direction == FrameDirection::Sent
    }
}

/// Outcome of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// The target answered 101.
    Accepted {
        /// Time of the response.
        at: Nanoseconds,
    },
    /// The target throttled the handshake, which is not a refusal.
    Throttled {
        /// Time of the response.
        at: Nanoseconds,
        /// HTTP status.
        status: u16,
    },
    /// The response says nothing about the API.
    Excused {
        /// Time of the response.
        at: Nanoseconds,
        /// The reason.
        reason: Excuse,
    },
    /// The target did not answer 101.
    Refused {
        /// Time of the response.
        at: Nanoseconds,
        /// HTTP status, if there was a response.
        status: Option<u16>,
        /// Error message.
        error: String,
    },
    /// The journal was cut off before.
    Pending,
}

impl Handshake {
    /// Discards a refusal, which says nothing about the API.
    pub(crate) fn excuse(&mut self, reason: Excuse) {
        if let Self::Refused { at, .. } | Self::Throttled { at, .. } = *self {
            *self = Self::Excused { at, reason };
        }
    }
}

/// Compression of a connection (RFC 7692).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// The handshake does not offer it.
    #[default]
    Absent,
    /// The handshake offers it.
    Offered,
    /// The target accepted it.
    Accepted,
}

/// A connection, from its handshake to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Number of the connection.
    pub id: ConnectionId,
    /// Scenario that opened the connection.
    pub scenario: ScenarioName,
    /// Actor that opened the connection.
    pub actor: ActorName,
    /// The token sent.
    pub credential: Credential,
    /// Room id in the URL.
    pub room: RoomId,
    /// Time at which the handshake was sent.
    pub invoked: Nanoseconds,
    /// Outcome of the handshake.
    pub handshake: Handshake,
    /// Frames in both directions, in order.
    pub frames: Vec<Frame>,
    /// End of the connection; `None` if it was open until the end of the journal.
    pub closed: Option<Closing>,
    /// The `Origin` of the handshake, if it is that of another site.
    pub origin: Option<String>,
    /// Compression of its messages.
    pub compression: Compression,
    /// Time at which the token of the handshake expires, if that is soon.
    pub token_expires: Option<Nanoseconds>,
    /// Error message, if the response to the handshake is one that RFC 6455 forbids.
    pub invalid_handshake: Option<String>,
    /// Probes, in order.
    pub probes: Vec<RecordedProbe>,
    /// Position of the handshake in the journal.
    pub seq: u64,
}

/// End of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Time of the end.
    pub at: Nanoseconds,
    /// The side that ended the connection.
    pub by: CloseOrigin,
    /// Close code, if there was one.
    pub code: Option<u16>,
    /// Close reason or error message.
    pub reason: String,
    /// Position in the journal.
    pub seq: u64,
}

impl Closing {
    /// Close codes of a server that stops or is overloaded, or whose client reads too slowly.
    const UNAVAILABLE: [u16; 3] = [1001, 1012, 1013];

    /// Returns whether the close code means temporary unavailability, which is not a refusal.
    pub fn is_unavailability(&self) -> bool {
        self.code.is_some_and(Self::is_of_outage)
    }

    /// Returns whether a close code means temporary unavailability.
    pub fn is_of_outage(code: u16) -> bool {
        Self::UNAVAILABLE.contains(&code)
    }
}

impl Connection {
    /// First frame with `connection_established`, at any position.
    pub fn established(&self) -> Option<&Frame> {
        self.frames
            .iter()
            .find(|frame| frame.received(ServerEvent::ConnectionEstablished).is_some())
    }

    /// Received events of one type, with their frames, in order.
    pub fn received(&self, event: ServerEvent) -> impl Iterator<Item = (&Frame, &Value)> {
        self.frames.iter().filter_map(move |frame| Some((frame, frame.received(event)?)))
    }

    /// Sent frames, in order.
    pub fn sent(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(|frame| frame.is_sent())
    }

    /// Returns whether there was a response to the handshake, with any status.
    pub fn is_answered(&self) -> bool {
        matches!(
            self.handshake,
            Handshake::Accepted { .. }
                | Handshake::Throttled { .. }
                | Handshake::Excused { .. }
                | Handshake::Refused { status: Some(_), .. }
        )
    }

    /// Returns whether there was no response to the handshake for at least `timeout`; `false` if `timeout` is zero.
    pub fn is_unanswered(&self, timeout: Nanoseconds) -> bool {
        match self.handshake {
            Handshake::Refused { at, status: None, .. } => {
                !timeout.is_zero() && at.saturating_sub(self.invoked) >= timeout
            }
            _ => false,
        }
    }

    /// Returns whether the token of the handshake has, or may have, expired before `at`.
    pub fn may_have_expired(&self, at: Nanoseconds) -> bool {
        // Tokens expire in whole seconds, by the clock of the target.
        let rounding = Nanoseconds::from_millis(1_000);
        self.token_expires.is_some_and(|expires| expires <= at.saturating_add(rounding))
    }

    /// Time of the end; [`Nanoseconds::MAX`] if none was recorded.
    pub fn closed_at(&self) -> Nanoseconds {
        self.closed.as_ref().map_or(Nanoseconds::MAX, |closing| closing.at)
    }
}
