//! Violations of a JSON Schema.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// The format of date-times in schemas.
const DATE_TIME: &str = "date-time";

/// Maximum length of a [`SchemaViolation::message`], in characters.
const MESSAGE_LENGTH: usize = 200;

/// Maximum length of a quoted string, in characters: enough to recognize it, too short to leak a token.
const QUOTE_LENGTH: usize = 32;

/// One violation of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaViolation {
    /// JSON Pointer to the invalid part of the value; empty for the whole value.
    pub pointer: String,
    /// The name of the violated model, such as `chat_room`; empty if the schema belongs to one operation or event.
    pub model: String,
    /// The violated member of the model, with dots between the members of nested objects; empty for the whole value.
    pub member: String,
    /// The violated keyword, such as `required`.
    pub keyword: String,
    /// True if the format of a date-time is violated.
    pub is_of_date_time: bool,
    /// The explanation, with long values truncated; at most 200 characters.
    pub message: String,
}

impl From<&ValidationError<'_>> for SchemaViolation {
    fn from(error: &ValidationError<'_>) -> Self {
        let message = error.masked_with(quoted(error.instance())).to_string();
        let (model, member) = place(error);
        Self {
            model,
            member,
            pointer: error.instance_path().as_str().to_owned(),
            keyword: error.kind().keyword().to_owned(),
            is_of_date_time: matches!(
                error.kind(),
                ValidationErrorKind::Format { format } if format == DATE_TIME
            ),
            message: truncated(&message, MESSAGE_LENGTH),
        }
    }
}

/// The name of the violated model, and the violated member of it.
fn place(error: &ValidationError<'_>) -> (String, String) {
    let location = error.absolute_keyword_location().map_or("", |location| location.as_str());
    let (file, path) = location.split_once('#').unwrap_or((location, ""));
    let model = file.rsplit_once("/models/").and_then(|(_, name)| name.strip_suffix(".json"));
    let mut steps = path.split('/').skip(1);
    let mut members = Vec::new();
    while let Some(step) = steps.next() {
        if step == "properties" {
            members.extend(steps.next());
        }
    }
    let missing = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        _ => None,
    };
    members.extend(missing);
    (model.unwrap_or_default().to_owned(), members.join("."))
}

impl fmt::Display for SchemaViolation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => formatter.write_str(&self.message),
            pointer => write!(formatter, "{pointer}: {}", self.message),
        }
    }
}

/// A value as quoted in a message.
fn quoted(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => Value::from(truncated(text, QUOTE_LENGTH)).to_string(),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
    }
}

/// `text`, with its end replaced by `…` if it is longer than `length` characters.
pub(super) fn truncated(text: &str, length: usize) -> String {
    if text.chars().nth(length).is_none() {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schemas::{Schema, error, find, model};

    #[test]
    fn messages_name_the_value_and_the_constraint() {
        let violations = error().violations(&json!({ "error": 7 }));
        let texts: Vec<String> = violations.iter().map(SchemaViolation::to_string).collect();
        assert!(texts.contains(&"/error: 7 is not of type \"string\"".to_owned()), "{texts:?}");
        assert!(texts.contains(&"\"detail\" is a required property".to_owned()), "{texts:?}");
    }

    #[test]
    fn the_same_defect_has_the_same_place_in_every_document() {
        let fixture = |name: &str| crate::examples::fixture(name).unwrap().clone();
        let places = |schema: &Schema, value: &Value| {
            let violations = schema.violations(value).into_iter();
            violations.map(|it| (it.model, it.member, it.keyword)).collect::<Vec<_>>()
        };
        let expected = |member: &str, keyword: &str| {
            vec![("user_brief".to_owned(), member.to_owned(), keyword.to_owned())]
        };
        let mut user = fixture("user");
        user["full_name"] = json!(7);
        let (mut room, mut message) = (fixture("room"), fixture("message"));
        room["created_by"] = user.clone();
        message["sender"] = user.clone();
        let page = json!({ "count": 1, "next": null, "previous": null, "results": [message] });
        for (schema, value) in [
            (model("chat_room").unwrap(), &room),
            (model("chat_message").unwrap(), &message),
            (find("rest/messages.list.200.json").unwrap(), &page),
        ] {
            assert_eq!(places(schema, value), expected("full_name", "type"), "{}", schema.id);
        }
        room["created_by"] = json!({ "id": 1, "username": "alice", "full_name": "Alice" });
        assert_eq!(places(model("chat_room").unwrap(), &room), expected("email", "required"));
    }

    #[test]
    fn long_values_are_truncated() {
        let secret = "x".repeat(10_000);
        let mut message = crate::examples::fixture("message").unwrap().clone();
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
    fn truncation_counts_characters() {
        assert_eq!(truncated("日本語", 3), "日本語");
        assert_eq!(truncated("日本語です", 3), "日本…");
    }
}
