//! Socket connections and their frames.

use std::sync::Arc;

use hearback_contract::ServerEvent;
use serde_json::Value;

use crate::event::{ActorName, CloseOrigin, ConnectionId, Credential, Nanoseconds, ScenarioName};
use crate::payload::Payload;

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameDirection {
    /// To the target.
    Sent,
    /// From the target.
    Received,
}

/// What a frame carried. A target tells many the same: frames with the same content share one body, so that
/// it is parsed, and looked at, once.
#[derive(Debug, PartialEq)]
pub struct Body {
    /// Its position in [`History::bodies`](crate::History::bodies).
    pub number: usize,
    /// As it was on the wire.
    pub payload: Payload,
    /// Parsed, if it is JSON.
    pub json: Option<Value>,
}

impl Body {
    pub(crate) fn new(number: usize, payload: Payload) -> Self {
        Self { number, json: payload.to_json(), payload }
    }

    /// The value of `type`, if it is a JSON object that has one.
    pub fn kind(&self) -> Option<&str> {
        self.json.as_ref()?.get("type")?.as_str()
    }
}

/// A frame on a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// When it was handed over or received.
    pub at: Nanoseconds,
    /// Which way.
    pub direction: FrameDirection,
    /// What it carried.
    pub body: Arc<Body>,
    /// The documented event that it is, if it was received and is one.
    pub event: Option<ServerEvent>,
    /// Position in the journal.
    pub seq: u64,
}

impl Frame {
    /// Its content, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.body.json.as_ref()
    }

    /// The value of `type`, if the frame is a JSON object that has one.
    pub fn kind(&self) -> Option<&str> {
        self.body.kind()
    }

    /// The frame's content, if it was received and is a documented event of that type.
    pub fn received(&self, event: ServerEvent) -> Option<&Value> {
        if self.event == Some(event) { self.json() } else { None }
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
    /// Put off, which is no refusal.
    Throttled {
        /// When.
        at: Nanoseconds,
        /// The HTTP status.
        status: u16,
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
    /// The scenario that opened it.
    pub scenario: ScenarioName,
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

impl Closing {
    /// Close codes that say that the server stops or is overloaded, or that the client reads too slowly.
    const UNAVAILABLE: [u16; 3] = [1001, 1012, 1013];

    /// Whether the target said that it cannot go on just now, which refuses nothing.
    pub fn is_unavailability(&self) -> bool {
        self.code.is_some_and(|code| Self::UNAVAILABLE.contains(&code))
    }
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

    /// Whether the handshake was answered, with 101 or another status.
    pub fn is_answered(&self) -> bool {
        matches!(
            self.handshake,
            Handshake::Accepted { .. }
                | Handshake::Throttled { .. }
                | Handshake::Refused { status: Some(_), .. }
        )
    }

    /// Whether an answer to the handshake was waited for so long in vain; never for no time at all.
    pub fn is_unanswered(&self, timeout: Nanoseconds) -> bool {
        match self.handshake {
            Handshake::Refused { at, status: None, .. } => {
                timeout > 0 && at.saturating_sub(self.invoked) >= timeout
            }
            _ => false,
        }
    }

    /// When it ended, as far as is known; `Nanoseconds::MAX` while open.
    pub fn closed_at(&self) -> Nanoseconds {
        self.closed.as_ref().map_or(Nanoseconds::MAX, |closing| closing.at)
    }
}
