//! Redaction of the bodies of token operations, by key. Section *Getting JWT Tokens*.
//!
//! The recorder redacts registered texts. Passwords that are too short for that, and generated ones, are
//! redacted here: in the bodies of the token operations, the values of some keys are always secrets.

use std::collections::HashMap;

use hearback_history::{Payload, Recorder};
use serde_json::Value;

use crate::auth::session::LONGEST_TOKEN;

/// Keys of secrets in requests, with labels.
pub(crate) const IN_REQUESTS: Keys = &[("password", "password"), ("refresh", "refresh token")];

/// Keys of secrets in responses, with labels: the documented ones, and those of other APIs.
pub(crate) const IN_RESPONSES: Keys = &[
    ("access", "access token"),
    ("refresh", "refresh token"),
    ("access_token", "access token"),
    ("refresh_token", "refresh token"),
    ("accessToken", "access token"),
    ("refreshToken", "refresh token"),
    ("id_token", "token"),
    ("auth_token", "token"),
    ("token", "token"),
    ("jwt", "token"),
    ("key", "token"),
];

/// Minimum length in bytes of a token with an undocumented key.
const SHORTEST_UNDOCUMENTED: usize = 20;

/// Keys with labels.
pub(crate) type Keys = &'static [(&'static str, &'static str)];

/// Registers the secrets in the body of a token operation, and returns the body without them.
pub(crate) fn without_secrets(
    payload: Payload,
    keys: Keys,
    owner: &str,
    recorder: &Recorder,
) -> Payload {
    let Some(mut value) = payload.to_json() else { return payload };
    let mut redaction = Redaction { keys, owner, recorder, labels: HashMap::new() };
    redaction.visit(&mut value);
    if redaction.labels.is_empty() { payload } else { value.to_string().into() }
}

struct Redaction<'a> {
    keys: Keys,
    owner: &'a str,
    recorder: &'a Recorder,
    /// Label of each secret; equal secrets have the same, so that the history shows that they are equal.
    labels: HashMap<String, String>,
}

impl Redaction<'_> {
    fn visit(&mut self, value: &mut Value) {
        match value {
            Value::Object(object) => {
                let username = object.get("username").and_then(Value::as_str).map(str::to_owned);
                for (key, value) in object {
                    let documented = self.keys.iter().find(|(name, _)| name == key);
                    match (documented, value) {
                        (Some((key, name)), Value::String(text)) => {
                            // An empty text is not a secret, and must stay visible. The value of `refresh`
                            // may be an error message.
                            let is_token = !text.is_empty() && !text.contains(char::is_whitespace);
                            // A short value of an undocumented key may be an ordinary word.
                            let is_documented = matches!(*key, "access" | "refresh");
                            let is_long = text.len() >= SHORTEST_UNDOCUMENTED;
                            if *key == "password" || is_token && (is_documented || is_long) {
                                self.redact(text, name, username.as_deref());
                            }
                        }
                        (_, value) => self.visit(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.visit(item)),
            _ => {}
        }
    }

    fn redact(&mut self, text: &mut String, name: &str, username: Option<&str>) {
        let label = format!("{name} of {}", self.owner);
        // A password equal to the user name is redacted here only, since names must stay readable, and so is a token
        // that is too long to use: searching everything for it would take too long.
        if username != Some(text) && text.len() <= LONGEST_TOKEN {
            self.recorder.register_secret(text, &label);
        }
        let shown = self.labels.entry(text.clone()).or_insert_with(|| format!("[{label}]"));
        shown.clone_into(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_redacted_by_key_at_any_length() {
        let recorder = Recorder::new(Vec::new());
        let body = Payload::from(
            r#"{"username":"bob","password":"x","deep":[{"refresh":"long-enough"}]}"#,
        );
        assert_eq!(
            without_secrets(body, IN_REQUESTS, "bob", &recorder).as_text().unwrap(),
            r#"{"username":"bob","password":"[password of bob]","deep":[{"refresh":"[refresh token of bob]"}]}"#
        );
        assert_eq!(recorder.redacted("long-enough"), "[refresh token of bob]");
        assert_eq!(recorder.redacted("x"), "x");
    }

    #[test]
    fn other_bodies_are_unchanged() {
        let recorder = Recorder::new(Vec::new());
        for text in ["{ \"a\" : 1.0 }", "not json", "{\"password\": 5}"] {
            assert_eq!(
                without_secrets(text.into(), IN_REQUESTS, "bob", &recorder).as_text(),
                Some(text)
            );
        }
    }

    #[test]
    fn equal_tokens_have_equal_labels() {
        let recorder = Recorder::new(Vec::new());
        let body = Payload::from(r#"{"access":"the-same","refresh":"the-same"}"#);
        let shown = without_secrets(body, IN_RESPONSES, "bob", &recorder).to_json().unwrap();
        assert_eq!(shown["access"], shown["refresh"]);
        assert!(!shown.to_string().contains("the-same"));
    }

    #[test]
    fn a_password_equal_to_the_user_name_leaves_the_name_readable() {
        let recorder = Recorder::new(Vec::new());
        let body = Payload::from(r#"{"username":"alice","password":"alice"}"#);
        let shown = without_secrets(body, IN_REQUESTS, "alice", &recorder).to_json().unwrap();
        assert_eq!(shown["username"], "alice");
        assert_eq!(shown["password"], "[password of alice]");
        assert_eq!(recorder.redacted("alice"), "alice");
    }

    #[test]
    fn error_messages_are_not_tokens() {
        let recorder = Recorder::new(Vec::new());
        let text = r#"{"refresh":"This field is required."}"#;
        assert_eq!(
            without_secrets(text.into(), IN_RESPONSES, "bob", &recorder).as_text(),
            Some(text)
        );
    }

    #[test]
    fn tokens_are_redacted_with_keys_of_other_apis() {
        let recorder = Recorder::new(Vec::new());
        let token = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b";
        let body = Payload::from(format!(r#"{{"token":"{token}","key":"username"}}"#));
        assert_eq!(
            without_secrets(body, IN_RESPONSES, "bob", &recorder).as_text().unwrap(),
            r#"{"token":"[token of bob]","key":"username"}"#
        );
        assert_eq!(recorder.redacted(token), "[token of bob]");
    }

    proptest! {
        #[test]
        fn bodies_with_any_structure_are_recorded_without_tokens(
            token in "[A-Za-z0-9_-]{20,40}",
            key in prop::sample::select(IN_RESPONSES.to_vec()),
            other in "\\PC{0,10}",
            depth in 0..5_usize,
            is_array in any::<bool>(),
        ) {
            let recorder = Recorder::new(Vec::new());
            let mut body = json!({ key.0: token.as_str(), "other": other });
            for _ in 0..depth {
                body = if is_array { json!([other, body]) } else { json!({"inner": body}) };
            }
            let payload = without_secrets(body.to_string().into(), IN_RESPONSES, "bob", &recorder);
            prop_assert!(!payload.as_text().unwrap().contains(&token));
            let redacted = recorder.redacted(&token);
            prop_assert!(!redacted.contains(&token));
        }

        #[test]
        fn any_bytes_are_recorded(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let recorder = Recorder::new(Vec::new());
            let payload = Payload::from_bytes(bytes);
            let is_json = payload.to_json().is_some();
            let recorded = without_secrets(payload.clone(), IN_REQUESTS, "bob", &recorder);
            prop_assert!(is_json || recorded == payload);
        }
    }
}
