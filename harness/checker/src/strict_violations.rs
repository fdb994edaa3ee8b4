//! Schema violations that no server can convert into a valid value.
//!
//! Servers may convert values: some read `"5"` as a number, `5` as text, 1 as true, and an optional
//! value that is null or empty as absent (lenient-values). Such violations must not be blamed on a
//! server that accepts them.

use hearback_contract::schemas::{Schema, SchemaViolation};
use serde_json::Value;

/// Words that some servers read as a boolean.
const BOOLEAN_WORDS: [&str; 14] =
    ["true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0", "null", "none"];

/// Required fields without which some servers take a default (missing-fields).
const DEFAULTED: [&str; 2] = ["room_type", "muted"];

/// The first violation of the schema that every server must reject. Missing and empty values, and
/// unknown words of an enumeration, do not count.
pub(crate) fn strict_violation(schema: &Schema, instance: &Value) -> Option<SchemaViolation> {
    if schema.is_valid(instance) {
        return None;
    }
    schema.violations(instance).into_iter().find(|schema_violation| {
        let declared = declared(schema.json, &schema_violation.pointer);
        declared.zip(instance.pointer(&schema_violation.pointer)).is_some_and(
            |((declared, is_required), value)| {
                is_strict(declared, is_required, &schema_violation.keyword, value)
            },
        )
    })
}

/// The schema of the value at `pointer`, and whether the value is required by every server.
fn declared<'s>(schema: &'s Value, pointer: &str) -> Option<(&'s Value, bool)> {
    let mut at = (schema, true);
    for step in pointer.split('/').skip(1) {
        let required = at.0.get("required").and_then(Value::as_array);
        at = match at.0.get("properties").and_then(|members| members.get(step)) {
            Some(member) => {
                let is_required = required.is_some_and(|names| names.iter().any(|it| it == step));
                (member, is_required && !DEFAULTED.contains(&step))
            }
            None => (at.0.get("items")?, true),
        };
    }
    Some(at)
}

fn is_strict(declared: &Value, is_required: bool, keyword: &str, value: &Value) -> bool {
    if value.is_null() || !is_required && is_empty(value) {
        return false;
    }
    let is_composed = value.is_array() || value.is_object();
    let format = declared["format"].as_str();
    match (keyword, value) {
        ("type", _) => match (type_of(declared), value) {
            ("object", _) => true,
            ("string", _) => is_composed || format == Some("uuid"),
            ("integer", Value::String(text)) => text.trim().parse::<f64>().is_err(),
            ("boolean", Value::String(text)) => {
                !BOOLEAN_WORDS.contains(&text.trim().to_lowercase().as_str())
            }
            ("array", Value::String(text)) => text.trim().parse::<f64>().is_err(),
            ("array", _) => true,
            _ => is_composed,
        },
        ("format", Value::String(text)) => format == Some("uuid") && !may_be_uuid(text),
        _ => false,
    }
}

/// The declared type other than null.
fn type_of(declared: &Value) -> &str {
    match &declared["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    }
    .unwrap_or_default()
}

/// Returns whether a dynamically typed server treats the value as false.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Returns whether some UUID parser accepts the text: without hyphens, in braces, or as a URN.
pub(crate) fn may_be_uuid(text: &str) -> bool {
    let text = text.trim().trim_start_matches("urn:uuid:");
    let digits = text.chars().filter(|letter| !matches!(letter, '-' | '{' | '}'));
    let digits: Vec<_> = digits.collect();
    digits.len() == 32 && digits.iter().all(|letter| letter.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use hearback_contract::{Operation, schemas};
    use serde_json::json;

    use super::*;

    #[test]
    fn only_values_that_cannot_be_converted_are_violations() {
        const ID: &str = "550e8400-e29b-41d4-a716-446655440000";
        let message = |field: &str, value: Value| {
            let mut message = json!({ "room": ID, "content": "a" });
            message[field] = value;
            (Operation::MessagesSend, message)
        };
        let room = |ids: Value| {
            (Operation::RoomsCreate, json!({ "room_type": "group", "participant_ids": ids }))
        };
        let mute = |muted: Value| (Operation::ParticipantsMute, json!({ "muted": muted }));
        let cases = [
            (message("content", json!({"a": 1})), Some(("/content", "type"))),
            (message("content", json!([])), Some(("/content", "type"))),
            (message("content", json!(42)), None),
            (message("content", json!("")), None),
            (message("room", json!("not-a-uuid")), Some(("/room", "format"))),
            (message("room", json!("")), Some(("/room", "format"))),
            (message("room", json!(7)), Some(("/room", "type"))),
            (message("room", json!("550e8400e29b41d4a716446655440000")), None),
            (message("reply_to", json!("first")), Some(("/reply_to", "format"))),
            (message("reply_to", json!("")), None),
            (message("reply_to", json!([])), None),
            (message("reply_to", json!([1])), Some(("/reply_to", "type"))),
            (message("message_type", json!("video")), None),
            (message("colour", json!([1])), None),
            (room(json!(["bob"])), Some(("/participant_ids/0", "type"))),
            (room(json!(["5"])), None),
            (room(json!([1.5])), None),
            (room(json!([null])), None),
            (room(json!("all")), Some(("/participant_ids", "type"))),
            (room(json!("")), None),
            (mute(json!("maybe")), Some(("/muted", "type"))),
            (mute(json!({"a": 1})), Some(("/muted", "type"))),
            (mute(json!([true])), Some(("/muted", "type"))),
            (mute(json!({})), None),
            (mute(json!("")), None),
            (mute(json!("yes")), None),
            (mute(json!(1)), None),
            (mute(json!(null)), None),
        ];
        for ((operation, body), expected) in cases {
            let schema = schemas::request(operation).unwrap();
            let found = strict_violation(schema, &body);
            let found = found.as_ref().map(|it| (it.pointer.as_str(), it.keyword.as_str()));
            assert_eq!(found, expected, "{operation} {body}");
        }
    }
}
