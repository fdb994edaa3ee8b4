//! The members of a JSON object, read by name and type.

use std::fmt::Display;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::uuid::parse_uuid;
use crate::refusal::Refusal;

/// Members that may be null, which means the same as absence.
const NULLABLE: [&str; 5] = ["name", "task", "property", "reply_to", "muted_until"];

/// A JSON object from a client. Members that are never read are ignored.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a request body or a frame; it must be a JSON object.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(text) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Refusal::invalid("A JSON object is expected.")),
            Err(_) => Err(Refusal::invalid("This is not JSON.")),
        }
    }

    /// The string with this name.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.read(name, "a string", Value::as_str)
    }

    /// The integer with this name.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.read(name, "an integer", Value::as_i64)
    }

    /// The boolean with this name.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, "true or false", Value::as_bool)
    }

    /// The UUID with this name.
    pub(crate) fn uuid(&self, name: &str) -> Result<Option<Uuid>, Refusal> {
        self.read(name, "a UUID", |value| value.as_str().and_then(parse_uuid))
    }

    /// The list of integers with this name.
    pub(crate) fn integers(&self, name: &str) -> Result<Option<Vec<i64>>, Refusal> {
        self.read(name, "a list of integers", |value| {
            value.as_array()?.iter().map(Value::as_i64).collect()
        })
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        expected: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) if NULLABLE.contains(&name) => Ok(None),
            Some(value) => convert(value)
                .map(Some)
                .ok_or_else(|| Refusal::invalid(format!("`{name}` must be {expected}."))),
        }
    }
}

/// The value, or a refusal that names the missing field.
pub(crate) fn required<T>(name: impl Display, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid(format!("`{name}` is required.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_by_type() {
        let fields =
            Fields::parse(br#"{"a": "x", "b": null, "c": [1, 2], "d": [1, "2"], "name": null}"#)
                .unwrap();
        assert_eq!(fields.text("a").unwrap(), Some("x"));
        assert_eq!(fields.text("name").unwrap(), None);
        assert_eq!(fields.text("missing").unwrap(), None);
        fields.text("b").unwrap_err();
        assert_eq!(fields.integers("c").unwrap(), Some(vec![1, 2]));
        fields.integers("d").unwrap_err();
        fields.boolean("a").unwrap_err();
        fields.uuid("a").unwrap_err();
    }

    #[test]
    fn only_objects_are_accepted() {
        for text in ["", "{", "[]", "\"a\"", "null", "{\"a\": \"\\ud800\"}"] {
            Fields::parse(text.as_bytes()).unwrap_err();
        }
    }
}
