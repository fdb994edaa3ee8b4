//! How values go wrong.

use serde_json::{Value, json};

pub(super) fn increment(value: &mut Value) {
    if let Some(number) = value.as_i64() {
        *value = json!(number + 1);
    }
}

pub(super) fn quote(value: &mut Value) {
    *value = json!(value.to_string());
}

pub(super) fn uppercase(value: &mut Value) {
    change_text(value, str::to_uppercase);
}

pub(super) fn halve(value: &mut Value) {
    change_text(value, |text| text.chars().take(text.chars().count() / 2).collect());
}

/// The same moment, to the second: `…:05.123456Z` becomes `…:05Z`.
pub(super) fn drop_fraction(value: &mut Value) {
    change_text(value, |text| match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text.to_owned(),
    });
}

/// A second later.
pub(super) fn postpone(value: &mut Value) {
    change_text(value, |text| match text.parse::<jiff::Timestamp>() {
        Ok(moment) => (moment + jiff::SignedDuration::from_secs(1)).to_string(),
        Err(_) => text.to_owned(),
    });
}

pub(super) fn drop_zone(value: &mut Value) {
    change_text(value, |text| text.trim_end_matches('Z').to_owned());
}

pub(super) fn reverse(value: &mut Value) {
    if let Value::Array(elements) = value {
        elements.reverse();
    }
}

/// Makes a token one that was never signed so.
pub(super) fn tamper(value: &mut Value) {
    change_text(value, |token| {
        let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
        format!("{signed}.{}", signature.chars().rev().collect::<String>())
    });
}

pub(super) fn text_is_a_file(value: &mut Value) {
    if value == "text" {
        *value = json!("file");
    }
}

pub(super) fn image_is_a_file(value: &mut Value) {
    if value == "image" {
        *value = json!("file");
    }
}

pub(super) fn null_is_zero(value: &mut Value) {
    if value.is_null() {
        *value = json!(0);
    }
}

pub(super) fn null_is_an_id(value: &mut Value) {
    if value.is_null() {
        *value = json!("00000000-0000-4000-8000-000000000000");
    }
}

pub(super) fn change_text(value: &mut Value, change: impl FnOnce(&str) -> String) {
    if let Some(text) = value.as_str() {
        *value = json!(change(text));
    }
}
