//! Responses of the target.

use std::fmt;

use hearback_history::CallId;
use hearback_history::Recorder;
use hearback_history::escape::escape;
use serde_json::Value;

use crate::failure::{Failure, FailureKind};

/// A response, or the reason why there is none. It may contain tokens, which are not recorded.
#[derive(Clone, Default)]
pub struct Response {
    /// HTTP status; `None` if no response came, nothing was sent, or the target kept throttling.
    pub status: Option<u16>,
    /// The body, if it is complete and JSON.
    pub json: Option<Value>,
    /// Reason why there is no response, for people.
    pub error: Option<String>,
    /// The failure of the connection, if it failed.
    pub failure: Option<Failure>,
    /// The body, up to the size limit.
    pub body: Vec<u8>,
    /// True if the body exceeded the size limit, or was not read because of its encoding.
    pub truncated: bool,
    /// The encoding because of which the body was not read; requests accept none.
    pub encoding: Option<&'static str>,
    /// True if there is a `Retry-After` header.
    pub has_retry_after: bool,
    /// The `Server` header.
    pub server: Option<String>,
    /// The `Date` header.
    pub date: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `WWW-Authenticate` header.
    pub challenge: Option<String>,
    /// Number of the call, if the request was sent.
    pub call: Option<CallId>,
}

impl Response {
    /// The result of a request that was not sent.
    pub(crate) fn unsent(reason: impl fmt::Display) -> Self {
        Self { error: Some(reason.to_string()), ..Self::default() }
    }

    /// The result of a request without a response.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { error: Some(failure.text.clone()), failure: Some(failure), ..Self::default() }
    }

    /// Returns whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Returns whether it is a refusal that demands basic authentication.
    pub fn demands_basic_authentication(&self) -> bool {
        let scheme = self.challenge.as_deref().unwrap_or_default().trim_start().get(..5);
        self.status == Some(401)
            && scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
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

    /// A short reason why this is not the success that a scenario needs.
    pub fn shortcoming(&self) -> String {
        match (self.status, &self.failure, &self.error) {
            (Some(_), ..) if self.encoding.is_some() => {
                format!("answered {}", self.describe(0))
            }
            (Some(status), ..) if self.truncated => {
                format!("answered {status} with a body that exceeds the bounds of hearback")
            }
            (Some(status), ..) => format!("answered {status}"),
            (None, Some(Failure { kind: FailureKind::TimedOut, .. }), _) => {
                "not answered".to_owned()
            }
            (None, _, Some(error)) => error.clone(),
            (None, _, None) => "not answered".to_owned(),
        }
    }

    /// The status and at most `longest` characters of the body, or the error; escaped, but not redacted.
    pub fn describe(&self, longest: usize) -> String {
        self.described(longest, str::to_owned)
    }

    /// The same without secrets; they are redacted first, since a secret that was cut is not recognized.
    pub fn describe_redacted(&self, longest: usize, recorder: &Recorder) -> String {
        self.described(longest, |text| recorder.redacted(text))
    }

    fn described(&self, longest: usize, redact: impl Fn(&str) -> String) -> String {
        match (self.status, &self.error) {
            (Some(status), _) => {
                if let Some(encoding) = self.encoding {
                    return format!(
                        "{status}: a body in the encoding {encoding}, which the request does not accept"
                    );
                }
                let body = String::from_utf8_lossy(&self.body);
                format!("{status}: {}", escape(&redact(&body), longest))
            }
            (None, Some(error)) => escape(&redact(error), longest),
            (None, None) => "no response".to_owned(),
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
    fn tokens_are_redacted_before_the_body_is_cut() {
        let token = format!("eyJ{0}.{0}.{0}", "a1".repeat(40));
        let body = format!("\u{feff}{{\"access\":\"{token}\"}}").into_bytes();
        let response = Response { status: Some(200), body, ..Response::default() };
        let text = response.describe_redacted(100, &Recorder::new(Vec::new()));
        assert_eq!(text, "200: \\u{feff}{\"access\":\"[token]\"}");
    }

    #[test]
    fn debug_output_has_no_tokens() {
        let response = Response { json: Some(json!({"access": "s3cret"})), ..Response::default() };
        assert!(!format!("{response:?}").contains("s3cret"));
    }
}
