//! Forms of ids: which texts can denote an existing object.

use hearback_history::synthetic_ids;
use serde_json::Value;

/// Returns whether the text has the form of a UUID, hyphenated or not, in any case.
pub(super) fn is_uuid(text: &str) -> bool {
    let digits: Vec<char> = canonical(text).chars().filter(|it| *it != '-').collect();
    digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit)
}

/// The text without the variations in which servers accept a UUID: case, braces and the URN prefix.
pub(super) fn canonical(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("urn:uuid:").unwrap_or(&text);
    text.trim_matches(['{', '}']).to_owned()
}

/// The form under which ids are compared: equal for all spellings of one UUID.
pub(super) fn key(text: &str) -> String {
    let canonical = canonical(text);
    if is_uuid(&canonical) { canonical.replace('-', "") } else { text.to_owned() }
}

/// Returns whether the text is an integer that a database may have assigned.
pub(super) fn is_assignable_number(text: &str) -> bool {
    text.trim().parse::<i64>().is_ok_and(|number| (1..synthetic_ids::NUMBER).contains(&number))
}

/// Returns whether the text was made up so that it denotes nothing.
pub(super) fn is_synthetic(text: &str) -> bool {
    synthetic_ids::is_uuid(text)
        || text.parse::<i64>().is_ok_and(|number| number >= synthetic_ids::NUMBER)
}

/// An id in a JSON value, as text.
pub(super) fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_uuid_have_one_key() {
        let id = "550e8400-e29b-41d4-a716-446655440000";
        for spelling in [
            id.to_uppercase(),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            id.replace('-', ""),
            format!(" {id} "),
        ] {
            assert!(is_uuid(&spelling), "{spelling}");
            assert_eq!(key(&spelling), key(id), "{spelling}");
        }
        for other in ["550e8400-e29b-41d4-a716-44665544000", "not-a-uuid", "", "17"] {
            assert!(!is_uuid(other), "{other}");
        }
    }

    #[test]
    fn only_positive_numbers_below_the_synthetic_ones_are_assignable() {
        for (text, expected) in [("1", true), ("0", false), ("-1", false), ("1.5", false)] {
            assert_eq!(is_assignable_number(text), expected, "{text}");
        }
        assert!(!is_assignable_number(&synthetic_ids::NUMBER.to_string()));
        assert!(is_synthetic(&synthetic_ids::NUMBER.to_string()));
    }
}
