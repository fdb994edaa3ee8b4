//! Headers of every request.

use hearback_history::escape::escape;
use hearback_history::{RecordedHeader, Recorder};
use reqwest::header::{HeaderName, HeaderValue};

use super::settings::ConnectionError;

/// Headers that belong to a single request or connection.
const RESERVED: [&str; 6] =
    ["connection", "content-length", "content-type", "te", "transfer-encoding", "upgrade"];

/// Beginning of the headers of the WebSocket protocol.
const RESERVED_PREFIX: &str = "sec-websocket-";

/// Ends of the names of headers with secrets.
const SECRET_SUFFIXES: [&str; 6] =
    ["authorization", "cookie", "key", "token", "secret", "password"];

/// A header of every request and handshake.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
    /// The name as the user wrote it.
    shown: String,
    text: String,
}

impl Header {
    /// Parses `Name: value`.
    pub(super) fn parse(text: &str) -> Result<Self, ConnectionError> {
        let invalid = |reason: String| Err(ConnectionError::Header(reason));
        // The text may be a secret without its name, and is not shown.
        let Some((shown, value)) = text.split_once(':') else {
            return invalid("write it as 'Name: value'".to_owned());
        };
        let shown = shown.trim();
        let Ok(name) = HeaderName::from_bytes(shown.as_bytes()) else {
            return invalid(format!("`{}` is not the name of a header", escape(shown, 60)));
        };
        if RESERVED.contains(&name.as_str()) || name.as_str().starts_with(RESERVED_PREFIX) {
            return invalid(format!("`{shown}` is set by hearback for each request"));
        }
        let value = value.trim_matches([' ', '\t']);
        let Ok(mut header) = HeaderValue::from_str(value) else {
            return invalid(format!(
                "the value of `{shown}` contains a line break or another character that a header cannot carry"
            ));
        };
        header.set_sensitive(is_secret(name.as_str()));
        Ok(Self { name, value: header, shown: shown.to_owned(), text: value.to_owned() })
    }

    pub(super) fn recorded(&self) -> RecordedHeader {
        let value = (!self.value.is_sensitive()).then(|| self.text.clone());
        RecordedHeader { name: self.shown.clone(), value }
    }

    pub(super) fn register(&self, recorder: &Recorder) {
        if self.value.is_sensitive() {
            let label = format!("value of {}", self.shown);
            recorder.register_secret(&self.text, &label);
            // A target may repeat the credentials without their scheme, `Bearer` or `Basic`.
            if let Some((_, credentials)) = self.text.split_once(' ') {
                recorder.register_secret(credentials, &label);
            }
        }
    }
}

/// Returns whether the name of a header suggests a secret value; the name is in lower case.
fn is_secret(name: &str) -> bool {
    SECRET_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(text: &str) -> Option<String> {
        Header::parse(text).unwrap().recorded().value
    }

    #[test]
    fn values_of_headers_with_secrets_are_not_recorded() {
        assert_eq!(recorded("X-Env:  staging "), Some("staging".to_owned()));
        let secret = ["Authorization", "COOKIE", "X-Api-Key", "CF-Access-Client-Secret", "a-token"];
        for name in secret {
            assert_eq!(recorded(&format!("{name}: abc")), None, "{name}");
        }
    }

    #[test]
    fn invalid_headers_are_rejected_without_their_values() {
        let error = |text: &str| Header::parse(text).map(drop).unwrap_err().to_string();
        assert!(error("hunter2").contains("write it as 'Name: value'"));
        assert!(error("a b: hunter2").contains("`a b` is not the name"));
        assert!(error("X: hunter2\n").contains("line break"));
        assert!(error("Sec-WebSocket-Key: hunter2").contains("set by hearback"));
        assert!(error("content-type: hunter2").contains("set by hearback"));
        for text in ["hunter2", "a b: hunter2", "X: hunter2\n", "te: hunter2"] {
            assert!(!error(text).contains("hunter2"));
        }
    }
}
