//! Comparison of the fields of two reads of one message.

use jiff::Timestamp;
use serde_json::Value;

/// Returns a field of a message. Senders and replies are reduced to their ids, because a reply may be an
/// object or an id.
pub(in crate::rules) fn part<'v>(message: &'v Value, field: &str) -> Option<&'v Value> {
    let value = message.get(field)?;
    match field {
        "sender" => value.get("id"),
        "reply_to" => Some(value.get("id").unwrap_or(value)),
        _ => Some(value),
    }
}

/// Returns whether two values of a field mean the same. A time may be written in more than one way.
pub(in crate::rules) fn is_same(field: &str, left: &Value, right: &Value) -> bool {
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    left == right
        || field.ends_with("_at") && time(left).is_some_and(|left| time(right) == Some(left))
}
