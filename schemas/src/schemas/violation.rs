//! One way in which a value does not fit its schema.

use std::fmt;

use jsonschema::ValidationError;
use serde_json::Value;

/// Most characters of a [`SchemaViolation::message`].
const MESSAGE_LENGTH: usize = 200;

/// Most characters of a string quoted in a message: enough to recognise, too few to leak a token.
const QUOTE_LENGTH: usize = 32;

/// One way in which a value does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaViolation {
    /// JSON Pointer to the offending part of the value; empty for the whole.
    pub pointer: String,
    /// The keyword that it breaks, such as `required`.
    pub keyword: String,
    /// What is wrong, with long values shortened; at most 200 characters.
    pub message: String,
}

impl From<&ValidationError<'_>> for SchemaViolation {
    fn from(error: &ValidationError<'_>) -> Self {
        let message = error.masked_with(quoted(error.instance())).to_string();
        Self {
            pointer: error.instance_path().as_str().to_owned(),
            keyword: error.kind().keyword().to_owned(),
            message: shortened(&message, MESSAGE_LENGTH),
        }
    }
}

impl fmt::Display for SchemaViolation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => formatter.write_str(&self.message),
            pointer => write!(formatter, "{pointer}: {}", self.message),
        }
    }
}

/// A value as it may stand in a message.
fn quoted(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => Value::from(shortened(text, QUOTE_LENGTH)).to_string(),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
    }
}

/// `text`, its end replaced by `…` if it has more than `length` characters.
pub(super) fn shortened(text: &str, length: usize) -> String {
    if text.chars().nth(length).is_none() {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schemas::{error, model};

    #[test]
    fn messages_name_the_value_and_the_rule() {
        let violations = error().violations(&json!({ "error": 7 }));
        let texts: Vec<String> = violations.iter().map(SchemaViolation::to_string).collect();
        assert!(texts.contains(&"/error: 7 is not of type \"string\"".to_owned()), "{texts:?}");
        assert!(texts.contains(&"\"detail\" is a required property".to_owned()), "{texts:?}");
    }

    #[test]
    fn long_values_are_shortened() {
        let secret = "x".repeat(10_000);
        let mut message = crate::examples::base("message").unwrap().clone();
        message["id"] = json!(secret);
        message["read_by"] = json!({ secret.as_str(): "2025-10-19T14:31:00Z" });
        message["sender"] = json!([secret]);
        let violations = model("chat_message").unwrap().violations(&message);
        assert_eq!(violations.len(), 3, "{violations:?}");
        for violation in violations {
            assert!(violation.message.chars().count() <= MESSAGE_LENGTH, "{violation:?}");
        }
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shortened("日本語", 3), "日本語");
        assert_eq!(shortened("日本語です", 3), "日本…");
    }
}
