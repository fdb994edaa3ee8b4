//! Requests, and when they were in flight.

use hearback_contract::Operation;
use serde_json::Value;

use crate::event::{CallId, Invocation, Nanoseconds};
use crate::payload::Payload;

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
        /// When it was given up; never, if the record ends before.
        given_up: Option<Nanoseconds>,
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

    /// Whether an answer was waited for so long in vain; never for no time at all.
    pub fn is_unanswered(&self, timeout: Nanoseconds) -> bool {
        match self.outcome {
            Outcome::Unknown { given_up: Some(given_up), .. } => {
                timeout > 0 && given_up.saturating_sub(self.invoked) >= timeout
            }
            _ => false,
        }
    }

    /// The status, where the request was answered and not throttled.
    ///
    /// Success in a body that cannot be read is none: a proxy's login page says nothing of the API.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Response { status: 200..300, .. } if self.is_unreadable() => None,
            Outcome::Response { status, throttled_s: None, .. } => Some(status),
            _ => None,
        }
    }

    /// Whether a documented operation was answered with a whole body that is no JSON.
    pub fn is_unreadable(&self) -> bool {
        let Outcome::Response { body, json: None, truncated: false, .. } = &self.outcome else {
            return false;
        };
        self.operation().is_some() && !body.is_empty()
    }

    /// Whether it was answered with nothing but a status.
    pub fn is_bodiless(&self) -> bool {
        matches!(&self.outcome, Outcome::Response { body, truncated: false, .. } if body.is_empty())
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
        match self.outcome {
            Outcome::Response { status, throttled_s: None, .. } => {
                matches!(status, 200..300 | 500..)
            }
            Outcome::Unknown { .. } => true,
            Outcome::Response { .. } | Outcome::Failed { .. } => false,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_touch_in_time_overlap() {
        let of = |invoked, returned| Interval { invoked, returned };
        assert!(of(0, 5).overlaps(of(5, 9)));
        assert!(of(0, 4).precedes(of(5, 9)));
        assert!(!of(5, 9).precedes(of(0, 4)));
    }
}
