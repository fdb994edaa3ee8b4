//! Placeholders, `{name.path}`, in the texts of a scenario.
//!
//! A text that consists of one placeholder becomes the value itself, with its type; within a longer text
//! the value is inserted as text. Everything that is not a placeholder stays unchanged: `{"type"` is text.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::Value;

use crate::characters;

/// The values of placeholders, by name.
pub type Variables = IndexMap<String, Value>;

/// The path of a placeholder without a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("undefined variable `{{{0}}}`")]
pub struct UndefinedVariable(pub String);

/// Replaces the placeholders in every text of `value`, including the names of members.
///
/// # Errors
/// If a placeholder has no value.
pub fn resolve(value: &Value, variables: &Variables) -> Result<Value, UndefinedVariable> {
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

/// Replaces the placeholders in `text`; the result is text.
///
/// # Errors
/// If a placeholder has no value.
pub fn text(text: &str, variables: &Variables) -> Result<String, UndefinedVariable> {
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

fn resolve_text(text: &str, variables: &Variables) -> Result<Value, UndefinedVariable> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = placeholder_length(&rest[start..]) else {
            result.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        let path = &rest[start + 1..start + length - 1];
        let value = lookup(path, variables).ok_or_else(|| UndefinedVariable(path.to_owned()))?;
        if start == 0 && length == rest.len() && result.is_empty() {
            return Ok(value.into_owned());
        }
        result.push_str(&rest[..start]);
        result.push_str(&as_text(&value));
        rest = &rest[start + length..];
    }
    result.push_str(rest);
    Ok(Value::String(result))
}

/// Length in bytes, including the braces, of the placeholder that `text` begins with.
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

fn lookup<'a>(path: &str, variables: &'a Variables) -> Option<Cow<'a, Value>> {
    let (name, members) = path.split_once('.').unwrap_or((path, ""));
    let Some(mut value) = variables.get(name) else {
        return characters::text(members).filter(|_| name == characters::NAME).map(Cow::Owned);
    };
    for part in members.split('.').filter(|part| !part.is_empty()) {
        value = match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(part)?,
        };
    }
    Some(Cow::Borrowed(value))
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
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
    fn texts_of_a_length_are_generated() {
        assert_eq!(text("a{characters.cjk.2}b", &variables()).unwrap(), "a漢字b");
        let undefined = UndefinedVariable("characters.cjk".to_owned());
        assert_eq!(text("{characters.cjk}", &variables()), Err(undefined));
    }

    #[test]
    fn text_without_placeholders_is_unchanged() {
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
    fn undefined_variables_are_errors() {
        assert_eq!(
            text("to {room.name}", &variables()),
            Err(UndefinedVariable("room.name".to_owned()))
        );
    }
    #[test]
    fn inserted_values_are_not_resolved_again() {
        let variables: Variables = [("a".to_owned(), json!("{a}{a}"))].into_iter().collect();
        assert_eq!(text("{a} {{a}}", &variables).unwrap(), "{a}{a} {{a}{a}}");
    }

    /// Texts in which placeholders, and parts of placeholders, are frequent.
    fn texts() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "{",
            "}",
            "{a}",
            "{a.0}",
            "{a.b.c}",
            "{b",
            "a}",
            ".",
            "{}",
            "{A}",
            "é",
            "{a.99999999999999999999}",
        ]);
        let parts = prop_oneof![parts.prop_map(str::to_owned), any::<String>()];
        prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn arbitrary_texts_never_panic(template in texts(), inserted in texts()) {
            let a = json!([inserted, { "b": { "c": inserted } }]);
            let variables: Variables = [("a".to_owned(), a)].into_iter().collect();
            let paths: Vec<_> = placeholders(&template).map(str::to_owned).collect();
            match text(&template, &variables) {
                Ok(resolved) if paths.is_empty() => prop_assert_eq!(resolved, template),
                Ok(resolved) => prop_assert!(!resolved.is_empty() || inserted.is_empty()),
                Err(UndefinedVariable(path)) => prop_assert!(paths.contains(&path)),
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let template = String::from_utf8_lossy(&bytes);
            let defined: Variables =
                placeholders(&template).map(|path| (path.to_owned(), json!(1))).collect();
            let _any_result = text(&template, &defined);
        }
    }
}
