//! field_comparison

use jiff::Timestamp;
use serde_json::Value;

/// A field of a message, reduced to the id where it is an object: a reply may be embedded or named.
pub(in crate::rules) fn part<'v>(message: &'v Value, field: &str) -> Option<&'v Value> {
    let value = message.get(field)?;
    match field {
        "sender" => value.get("id"),
        "reply_to" => Some(value.get("id").unwrap_or(value)),
        _ => Some(value),
    }
}

/// Whether two values of a field mean the same: one time can be written in more than one way.
pub(in crate::rules) fn is_same(field: &str, left: &Value, right: &Value) -> bool {
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    left == right
        || field.ends_with("_at") && time(left).is_some_and(|left| time(right) == Some(left))
}
