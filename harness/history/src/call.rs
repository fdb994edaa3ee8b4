//! Calls: requests with their outcomes.

use std::sync::Arc;

use hearback_contract::{MessageRef, Operation, ParticipantId, RoomRef};
use serde_json::Value;

use crate::event::Invocation;
use crate::excuse::Excuse;
use crate::names::CallId;
use crate::nanoseconds::Nanoseconds;
use crate::payload::Payload;

/// The time during which something was in flight; it took effect at some moment in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Beginning.
    pub invoked: Nanoseconds,
    /// End; [`Nanoseconds::MAX`] if no end was recorded.
    pub returned: Nanoseconds,
}

impl Interval {
    /// Returns whether this ended before `other` began.
    pub fn precedes(self, other: Self) -> bool {
        self.returned < other.invoked
    }

    /// Returns whether neither ended before the other began.
    pub fn overlaps(self, other: Self) -> bool {
        !self.precedes(other) && !other.precedes(self)
    }
}

/// Outcome of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A response was read.
    Response {
        /// Time of the response.
        returned: Nanoseconds,
        /// HTTP status.
        status: u16,
        /// Content type as received.
        content_type: Option<String>,
        /// Further headers that were recorded, by lower-case name.
        headers: Vec<(String, String)>,
        /// Seconds to wait, if the target throttled the request.
        throttled_s: Option<f64>,
        /// The body as received.
        body: Payload,
        /// The body, if it is JSON.
        json: Option<Value>,
        /// True if the body exceeded the size limit and was cut.
        truncated: bool,
    },
    /// There was no response, and the target did not process the request.
    Failed {
        /// Error message.
        error: String,
    },
    /// There was no response, and the target may have processed the request.
    Unknown {
        /// Error message.
        error: String,
        /// Time at which hearback stopped waiting; `None` if the journal was cut off before.
        gave_up_at: Option<Nanoseconds>,
    },
}

/// A request with its outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The request.
    pub invocation: Arc<Invocation>,
    /// Body of the request, if it is JSON.
    pub request: Option<Value>,
    /// Time of the invocation.
    pub invoked: Nanoseconds,
    /// Outcome.
    pub outcome: Outcome,
    /// Reason why the response is not part of the outcome, if it is not.
    pub excuse: Option<Excuse>,
    /// Longest time between the state that the response shows and the request; zero unless reads lag behind writes.
    pub staleness: Nanoseconds,
    /// Position of the invocation in the journal.
    pub seq: u64,
}

impl Call {
    /// Discards the outcome, which says nothing about the API.
    pub(crate) fn excuse(&mut self, reason: Excuse) {
        self.excuse = Some(reason);
        let error = match &self.outcome {
            Outcome::Response { status, .. } => format!("{status}: {reason}"),
            Outcome::Failed { error } | Outcome::Unknown { error, .. } => error.clone(),
        };
        self.outcome = match reason.maybe_done() && !matches!(self.outcome, Outcome::Failed { .. })
        {
            true => Outcome::Unknown { error, gave_up_at: None },
            false => Outcome::Failed { error },
        };
    }

    /// Number of the call.
    pub fn id(&self) -> CallId {
        self.invocation.call
    }

    /// The documented operation; `None` for other requests.
    pub fn operation(&self) -> Option<Operation> {
        self.invocation.operation
    }

    /// Time during which the call took effect: while it was in flight, or before if its response may be stale.
    pub fn interval(&self) -> Interval {
        let returned = match self.outcome {
            Outcome::Response { returned, .. } => returned,
            // Never processed: it ends where it began.
            Outcome::Failed { .. } => self.invoked,
            Outcome::Unknown { .. } => Nanoseconds::MAX,
        };
        Interval { invoked: self.invoked.saturating_sub(self.staleness), returned }
    }

    /// Returns whether there was no response for at least `timeout`; `false` if `timeout` is zero.
    pub fn is_unanswered(&self, timeout: Nanoseconds) -> bool {
        match self.outcome {
            Outcome::Unknown { gave_up_at: Some(gave_up_at), .. } => {
                !timeout.is_zero() && gave_up_at.saturating_sub(self.invoked) >= timeout
            }
            _ => false,
        }
    }

    /// Status of the response; `None` if the request was throttled or there was no response.
    ///
    /// Also `None` for success with an unreadable body, such as the login page of a proxy.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Response { status: 200..300, .. } if self.is_unreadable() => None,
            Outcome::Response { status, throttled_s: None, .. } => Some(status),
            _ => None,
        }
    }

    /// Value of a header of the response; `None` if it is absent or was not recorded.
    pub fn header(&self, name: &str) -> Option<&str> {
        let Outcome::Response { headers, .. } = &self.outcome else { return None };
        headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether the response to a documented operation has a complete body that is not JSON.
    pub fn is_unreadable(&self) -> bool {
        let Outcome::Response { body, json: None, truncated: false, .. } = &self.outcome else {
            return false;
        };
        self.operation().is_some() && !body.is_empty()
    }

    /// Returns whether the response has an empty body.
    pub fn is_bodiless(&self) -> bool {
        matches!(&self.outcome, Outcome::Response { body, truncated: false, .. } if body.is_empty())
    }

    /// Returns whether the response has a 2xx status.
    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Returns whether the response has a 4xx status and is not a throttle.
    pub fn refused(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// Returns whether the target may have processed the request: after success, a 5xx status, or an unknown outcome.
    pub fn maybe_done(&self) -> bool {
        match self.outcome {
            Outcome::Response { status, throttled_s: None, .. } => {
                matches!(status, 200..300 | 500..)
            }
            Outcome::Unknown { .. } => true,
            Outcome::Response { .. } | Outcome::Failed { .. } => false,
        }
    }

    /// Body of the response, if it is JSON.
    pub fn response(&self) -> Option<&Value> {
        match &self.outcome {
            Outcome::Response { json, throttled_s: None, .. } => json.as_ref(),
            _ => None,
        }
    }

    /// Body of a successful response, if it is JSON.
    pub fn success(&self) -> Option<&Value> {
        self.response().filter(|_| self.succeeded())
    }

    /// First value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        let mut pairs = self.invocation.query.iter();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether the request has no body, or one that is declared as JSON or as a form with files. A server
    /// may read a body of another type as empty.
    pub fn has_documented_type(&self) -> bool {
        self.invocation.content_type.as_deref().is_none_or(|content_type| {
            content_type.starts_with("application/json")
                || content_type.starts_with("multipart/form-data")
        })
    }

    /// First path parameter: id of the room, message or participant that the operation concerns.
    pub fn subject(&self) -> Option<&str> {
        self.invocation.path_parameters.first().map(String::as_str)
    }

    /// Room in the path, if the operation concerns one room.
    pub fn room_in_path(&self) -> Option<RoomRef<'_>> {
        use Operation::{RoomsArchive, RoomsGet, RoomsLeave, RoomsMarkRead, RoomsStats};
        match self.operation()? {
            RoomsGet | RoomsMarkRead | RoomsLeave | RoomsArchive | RoomsStats => {
                self.subject().map(RoomRef::new)
            }
            _ => None,
        }
    }

    /// Message in the path, if the operation concerns one message.
    pub fn message_in_path(&self) -> Option<MessageRef<'_>> {
        use Operation::{MessagesDelete, MessagesEdit, MessagesGet, MessagesMarkRead};
        match self.operation()? {
            MessagesGet | MessagesEdit | MessagesDelete | MessagesMarkRead => {
                self.subject().map(MessageRef::new)
            }
            _ => None,
        }
    }

    /// Participant in the path, if the operation concerns one participant and the id is an integer.
    pub fn participant_in_path(&self) -> Option<ParticipantId> {
        match self.operation()? {
            Operation::ParticipantsRemove | Operation::ParticipantsMute => {
                self.subject()?.parse().ok()
            }
            _ => None,
        }
    }

    /// Room in the query: the value of `room`.
    pub fn room_in_query(&self) -> Option<RoomRef<'_>> {
        self.query("room").map(RoomRef::new)
    }

    /// Room in the body of the request: the value of `room`.
    pub fn room_in_request(&self) -> Option<RoomRef<'_>> {
        self.request.as_ref()?.get("room").and_then(RoomRef::from_json)
    }

    /// Message in the body of a successful response: the value of `id`.
    pub fn message_in_response(&self) -> Option<MessageRef<'_>> {
        self.success()?.get("id").and_then(MessageRef::from_json)
    }

    /// Items of a successful list response: `results` of the envelope, or a plain array.
    pub fn items(&self) -> Option<&Vec<Value>> {
        let body = self.success()?;
        body.get("results").unwrap_or(body).as_array()
    }

    /// Returns whether the request carried a valid token.
    pub fn is_authorized(&self) -> bool {
        self.invocation.credential.kind.is_valid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_touch_overlap() {
        let of = |invoked, returned| Interval {
            invoked: Nanoseconds::new(invoked),
            returned: Nanoseconds::new(returned),
        };
        assert!(of(0, 5).overlaps(of(5, 9)));
        assert!(of(0, 4).precedes(of(5, 9)));
        assert!(!of(5, 9).precedes(of(0, 4)));
    }
}
