//! Distortions of JSON values.

use serde_json::{Value, json};

/// Adds one to a number.
pub(crate) fn increment(value: &mut Value) {
    if let Some(number) = value.as_i64() {
        *value = json!(number + 1);
    }
}

/// Replaces a value with a string that holds its JSON.
pub(crate) fn quote(value: &mut Value) {
    *value = json!(value.to_string());
}

/// Converts a string to upper case.
pub(crate) fn uppercase(value: &mut Value) {
    change_text(value, str::to_uppercase);
}

/// Removes the second half of a string.
pub(crate) fn halve(value: &mut Value) {
    change_text(value, |text| text.chars().take(text.chars().count() / 2).collect());
}

/// Removes the fraction of a second: `…:05.123456Z` becomes `…:05Z`.
pub(crate) fn drop_fraction(value: &mut Value) {
    change_text(value, |text| match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text.to_owned(),
    });
}

/// Adds one second to a date-time.
pub(crate) fn postpone(value: &mut Value) {
    change_text(value, |text| match text.parse::<jiff::Timestamp>() {
        Ok(moment) => (moment + jiff::SignedDuration::from_secs(1)).to_string(),
        Err(_) => text.to_owned(),
    });
}

/// Removes the zone of a date-time.
pub(crate) fn drop_zone(value: &mut Value) {
    change_text(value, |text| text.trim_end_matches('Z').to_owned());
}

/// Reverses an array.
pub(crate) fn reverse(value: &mut Value) {
    if let Value::Array(elements) = value {
        elements.reverse();
    }
}

/// Reverses the signature of a token.
pub(crate) fn break_signature(value: &mut Value) {
    change_text(value, |token| {
        let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
        format!("{signed}.{}", signature.chars().rev().collect::<String>())
    });
}

/// Replaces the message type `text` with `file`.
pub(crate) fn text_is_a_file(value: &mut Value) {
    if value == "text" {
        *value = json!("file");
    }
}

/// Replaces the message type `image` with `file`.
pub(crate) fn image_is_a_file(value: &mut Value) {
    if value == "image" {
        *value = json!("file");
    }
}

/// Replaces null with 0.
pub(crate) fn null_is_zero(value: &mut Value) {
    if value.is_null() {
        *value = json!(0);
    }
}

/// Replaces null with a UUID that identifies nothing.
pub(crate) fn null_is_an_id(value: &mut Value) {
    if value.is_null() {
        replace_id(value);
    }
}

/// Replaces a value with a UUID that identifies nothing.
pub(crate) fn replace_id(value: &mut Value) {
    *value = json!("00000000-0000-4000-8000-000000000000");
}

/// Changes a string.
pub(crate) fn change_text(value: &mut Value, change: impl FnOnce(&str) -> String) {
    if let Some(text) = value.as_str() {
        *value = json!(change(text));
    }
}
