//! `{name.path}` in the texts of a scenario.
//!
//! A text that is nothing but one placeholder becomes the value itself, whatever its type; inside a
//! longer text the value is written out. What is not a placeholder stays: `{"type"` is just text.

use indexmap::IndexMap;
use serde_json::Value;

/// The values that placeholders stand for, by name.
pub type Variables = IndexMap<String, Value>;

/// A placeholder for which there is no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{{{0}}}` has no value here")]
pub struct Unresolved(pub String);

/// Replaces the placeholders in every text of `value`, the names of members included.
///
/// # Errors
/// If a placeholder has no value.
pub fn resolve(value: &Value, variables: &Variables) -> Result<Value, Unresolved> {
    Ok(match value {
        Value::String(text) => resolve_text(text, variables)?,
        Value::Array(items) => {
            items.iter().map(|item| resolve(item, variables)).collect::<Result<_, _>>()?
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                Ok((as_text(&resolve_text(name, variables)?), resolve(member, variables)?))
            })
            .collect::<Result<_, _>>()?,
        other => other.clone(),
    })
}

/// Replaces the placeholders in `text`; the result is text again.
///
/// # Errors
/// If a placeholder has no value.
pub fn text(text: &str, variables: &Variables) -> Result<String, Unresolved> {
    resolve_text(text, variables).map(|value| as_text(&value))
}

/// The paths of the placeholders in `text`, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices('{').map(|(start, _)| start);
    starts.filter_map(|start| {
        let length = placeholder_length(&text[start..])?;
        Some(&text[start + 1..start + length - 1])
    })
}

fn resolve_text(text: &str, variables: &Variables) -> Result<Value, Unresolved> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = placeholder_length(&rest[start..]) else {
            result.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        let path = &rest[start + 1..start + length - 1];
        let value = lookup(path, variables).ok_or_else(|| Unresolved(path.to_owned()))?;
        if start == 0 && length == rest.len() && result.is_empty() {
            return Ok(value.clone());
        }
        result.push_str(&rest[..start]);
        result.push_str(&as_text(value));
        rest = &rest[start + length..];
    }
    result.push_str(rest);
    Ok(Value::String(result))
}

/// Length of the placeholder that `text` begins with, braces included.
fn placeholder_length(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let path = &text[1..end];
    let is_path = path.starts_with(|letter: char| letter.is_ascii_lowercase())
        && path.split('.').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
        });
    is_path.then_some(end + 1)
}

fn lookup<'a>(path: &str, variables: &'a Variables) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = variables.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(part)?,
        };
    }
    Some(value)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables() -> Variables {
        [
            ("room".to_owned(), json!({"id": "r", "participants": [{"id": 7}]})),
            ("n".to_owned(), json!(3)),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_lone_placeholder_keeps_its_type() {
        let value = json!({"a": "{n}", "b": "x{n}", "c": ["{room.participants.0.id}"]});
        assert_eq!(resolve(&value, &variables()).unwrap(), json!({"a": 3, "b": "x3", "c": [7]}));
    }

    #[test]
    fn what_is_no_placeholder_stays() {
        for literal in [r#"{"type": "typing""#, "{", "{}", "{ n }", "{A}"] {
            assert_eq!(text(literal, &variables()).unwrap(), literal);
        }
    }

    #[test]
    fn placeholders_are_found_in_order() {
        let paths: Vec<_> = placeholders("{a.b} and {c}, {{d}} but { e }").collect();
        assert_eq!(paths, ["a.b", "c", "d"]);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert_eq!(text("to {room.name}", &variables()), Err(Unresolved("room.name".to_owned())));
    }
}
