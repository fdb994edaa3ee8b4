//! Keeping the secrets of token requests out of the record, by where they stand.
//!
//! The recorder replaces texts that it was told of. A password that is too short for that, or one that a
//! generator made up, is caught here: in the bodies of the token operations, the values of these keys are
//! secrets whatever they are. Section *Getting JWT Tokens*.

use std::collections::HashMap;

use hearback_history::{Payload, Recorder};
use serde_json::Value;

/// Keys whose values are secrets in a request, and what they are.
pub(crate) const IN_REQUESTS: Keys = &[("password", "password"), ("refresh", "refresh token")];

/// Keys whose values are secrets in a response: the documented ones, and what others call theirs.
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

/// Shorter texts under undocumented keys are no tokens, in bytes.
const SHORTEST_UNDOCUMENTED: usize = 20;

/// Keys, and what their values are called.
pub(crate) type Keys = &'static [(&'static str, &'static str)];

/// Registers every secret in a body of a token operation, and returns the body without them.
pub(crate) fn without_secrets(
    payload: Payload,
    keys: Keys,
    of: &str,
    recorder: &Recorder,
) -> Payload {
    let Some(mut value) = payload.to_json() else { return payload };
    let mut hiding = Hiding { keys, of, recorder, labels: HashMap::new() };
    hiding.visit(&mut value);
    if hiding.labels.is_empty() { payload } else { Payload::Text(value.to_string()) }
}

struct Hiding<'a> {
    keys: Keys,
    of: &'a str,
    recorder: &'a Recorder,
    /// What stands for each secret: the same for the same one, so that the record shows that they are.
    labels: HashMap<String, String>,
}

impl Hiding<'_> {
    fn visit(&mut self, value: &mut Value) {
        match value {
            Value::Object(object) => {
                let username = object.get("username").and_then(Value::as_str).map(str::to_owned);
                for (key, value) in object {
                    let what = self.keys.iter().find(|(name, _)| name == key);
                    match (what, value) {
                        (Some((name, what)), Value::String(text)) => {
                            // Nothing is no secret, and that nothing was given must show.
                            // Under `refresh` a response may explain what is wrong with it.
                            let is_token = !text.is_empty() && !text.contains(char::is_whitespace);
                            // What others call so may be a word as any other, if it is short.
                            let is_named = matches!(*name, "access" | "refresh");
                            let is_long = text.len() >= SHORTEST_UNDOCUMENTED;
                            if *name == "password" || is_token && (is_named || is_long) {
                                self.hide(text, what, username.as_deref());
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

    fn hide(&mut self, text: &mut String, what: &str, username: Option<&str>) {
        let label = format!("{what} of {}", self.of);
        // A password that is the user name is hidden here, but names must stay readable elsewhere.
        if username != Some(text) {
            self.recorder.register_secret(text, &label);
        }
        let shown = self.labels.entry(text.clone()).or_insert_with(|| format!("[{label}]"));
        shown.clone_into(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_by_position_however_short() {
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
    fn other_bodies_stay_as_they_are_on_the_wire() {
        let recorder = Recorder::new(Vec::new());
        for text in ["{ \"a\" : 1.0 }", "no json", "{\"password\": 5}"] {
            assert_eq!(
                without_secrets(text.into(), IN_REQUESTS, "bob", &recorder).as_text(),
                Some(text)
            );
        }
    }

    #[test]
    fn equal_tokens_stay_recognisably_equal() {
        let recorder = Recorder::new(Vec::new());
        let body = Payload::from(r#"{"access":"the-same","refresh":"the-same"}"#);
        let shown = without_secrets(body, IN_RESPONSES, "bob", &recorder).to_json().unwrap();
        assert_eq!(shown["access"], shown["refresh"]);
        assert!(!shown.to_string().contains("the-same"));
    }

    #[test]
    fn a_password_that_is_the_user_name_leaves_the_name_readable() {
        let recorder = Recorder::new(Vec::new());
        let body = Payload::from(r#"{"username":"alice","password":"alice"}"#);
        let shown = without_secrets(body, IN_REQUESTS, "alice", &recorder).to_json().unwrap();
        assert_eq!(shown["username"], "alice");
        assert_eq!(shown["password"], "[password of alice]");
        assert_eq!(recorder.redacted("alice"), "alice");
    }

    #[test]
    fn an_explanation_is_no_token() {
        let recorder = Recorder::new(Vec::new());
        let text = r#"{"refresh":"This field is required."}"#;
        assert_eq!(
            without_secrets(text.into(), IN_RESPONSES, "bob", &recorder).as_text(),
            Some(text)
        );
    }

    #[test]
    fn tokens_are_hidden_under_the_names_that_others_give_them() {
        let recorder = Recorder::new(Vec::new());
        let token = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b";
        let body = Payload::from(format!(r#"{{"token":"{token}","key":"username"}}"#));
        assert_eq!(
            without_secrets(body, IN_RESPONSES, "bob", &recorder).as_text().unwrap(),
            r#"{"token":"[token of bob]","key":"username"}"#
        );
        assert_eq!(recorder.redacted(token), "[token of bob]");
    }
}
