//! Expansion of `$name` to UUIDs and of `@name` to examples.

use hearback_contract::examples;
use serde_json::Value;
use uuid::Uuid;

/// The UUID of `$name`.
pub fn id(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

/// Replaces each `$name` with its UUID.
pub(super) fn substitute(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        result.push_str(&rest[..start]);
        let name: String = rest[start + 1..]
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        match name.as_str() {
            "" => result.push('$'),
            "absent" => result.push_str("$absent"),
            _ => result.push_str(&id(&name)),
        }
        rest = &rest[start + 1 + name.len()..];
    }
    result.push_str(rest);
    result
}

/// Replaces each `$name` with its UUID and each `@name {…}` with an example.
pub(super) fn expand(text: &str) -> Result<String, String> {
    let text = substitute(text.trim());
    let mut result = String::new();
    let mut in_string = false;
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        if letter == '\\' && in_string {
            let end = rest.char_indices().nth(2).map_or(rest.len(), |(index, _)| index);
            result.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        if letter == '"' {
            in_string = !in_string;
        }
        if letter != '@' || in_string {
            result.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let end = rest[1..]
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .map_or(rest.len(), |index| index + 1);
        let name = &rest[1..end];
        let base = examples::fixture(name).ok_or_else(|| format!("unknown example @{name}"))?;
        let mut value = base.clone();
        rest = rest[end..].trim_start();
        if rest.starts_with('{') {
            let length = object_length(rest).ok_or("unbalanced braces")?;
            let overrides = expand(&rest[..length])?;
            let overrides = serde_json::from_str(&overrides).map_err(|error| error.to_string())?;
            merge(&mut value, overrides);
            rest = &rest[length..];
        }
        result.push_str(&value.to_string());
    }
    Ok(result)
}

/// Length of the object at the beginning of `text`; `None` if its braces are not balanced.
fn object_length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => depth += 1,
            '}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Replaces members of `value`, at any depth; `"$absent"` removes one.
fn merge(value: &mut Value, overrides: Value) {
    match (value, overrides) {
        (Value::Object(members), Value::Object(overrides)) => {
            for (key, replacement) in overrides {
                if replacement == "$absent" {
                    members.shift_remove(&key);
                } else {
                    merge(members.entry(key).or_insert(Value::Null), replacement);
                }
            }
        }
        (value, replacement) => *value = replacement,
    }
}
