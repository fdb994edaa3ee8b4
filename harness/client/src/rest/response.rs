//! What the target answered.

use std::fmt;

use hearback_history::Recorder;
use serde_json::Value;

use crate::escape::excerpt;
use crate::failure::{Failure, FailureKind};

/// An answer, or why there is none. It may hold tokens; what is recorded of it does not.
#[derive(Clone, Default)]
pub struct Response {
    /// HTTP status; `None` if no response came, nothing was sent, or the target kept throttling.
    pub status: Option<u16>,
    /// The body, if it is whole and JSON.
    pub json: Option<Value>,
    /// Why there is no status, for people.
    pub error: Option<String>,
    /// Why the connection failed, where it did.
    pub failure: Option<Failure>,
    /// The body's bytes, up to the limit.
    pub body: Vec<u8>,
    /// Whether the body was longer than the limit.
    pub truncated: bool,
    /// The `Server` header.
    pub server: Option<String>,
}

impl Response {
    /// A response that says only that nothing was sent, and why.
    pub(crate) fn unsent(reason: impl fmt::Display) -> Self {
        Self { error: Some(reason.to_string()), ..Self::default() }
    }

    /// A response that says only why none came.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { error: Some(failure.text.clone()), failure: Some(failure), ..Self::default() }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The value at a JSON pointer, `/sender/id`.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.as_ref()?.pointer(pointer)
    }

    /// The text at a JSON pointer.
    pub fn text_at(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// The integer at a JSON pointer.
    pub fn integer_at(&self, pointer: &str) -> Option<i64> {
        self.at(pointer)?.as_i64()
    }

    /// What keeps it from being the success that was needed, in few words.
    pub fn shortcoming(&self) -> String {
        match (self.status, &self.failure, &self.error) {
            (Some(status), ..) => format!("answered {status}"),
            (None, Some(Failure { kind: FailureKind::TimedOut, .. }), _) => {
                "not answered".to_owned()
            }
            (None, _, Some(error)) => error.clone(),
            (None, _, None) => "not answered".to_owned(),
        }
    }

    /// The status and the first `limit` characters of the body, or the error; safe to print, but not redacted.
    pub fn describe(&self, limit: usize) -> String {
        self.described(limit, str::to_owned)
    }

    /// The same without secrets. They are taken out first: a secret that is cut is not known any more.
    pub fn describe_redacted(&self, limit: usize, recorder: &Recorder) -> String {
        self.described(limit, |text| recorder.redacted(text))
    }

    fn described(&self, limit: usize, safe: impl Fn(&str) -> String) -> String {
        match (self.status, &self.error) {
            (Some(status), _) => {
                let body = String::from_utf8_lossy(&self.body);
                format!("{status}: {}", excerpt(&safe(&body), limit))
            }
            (None, Some(error)) => excerpt(&safe(error), limit),
            (None, None) => "no answer".to_owned(),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("error", &self.error)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_by_pointer() {
        let response = Response {
            status: Some(201),
            json: Some(json!({"id": "x", "sender": {"id": 3}})),
            ..Response::default()
        };
        assert!(response.is_success());
        assert_eq!(response.text_at("/id"), Some("x"));
        assert_eq!(response.integer_at("/sender/id"), Some(3));
        assert_eq!(response.at("/sender/name"), None);
    }

    #[test]
    fn a_token_is_taken_out_before_it_is_cut() {
        let token = format!("eyJ{0}.{0}.{0}", "a1".repeat(40));
        let body = format!("\u{feff}{{\"access\":\"{token}\"}}").into_bytes();
        let response = Response { status: Some(200), body, ..Response::default() };
        let told = response.describe_redacted(100, &Recorder::new(Vec::new()));
        assert_eq!(told, "200: \\u{feff}{\"access\":\"[token]\"}");
    }

    #[test]
    fn a_token_is_not_shown_by_debug() {
        let response = Response { json: Some(json!({"access": "s3cret"})), ..Response::default() };
        assert!(!format!("{response:?}").contains("s3cret"));
    }
}
