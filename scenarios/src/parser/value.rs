//! Checks that values have the kind that their keys take.

use std::time::Duration;

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{RequirementId, ServerEvent};
use hearback_history::Probe;
use serde_json::Value;

use super::Parser;
use crate::grammar::{CREDENTIALS, Key, METHODS, ROOMS, ValueKind};
use crate::syntax::{Content, Node};
use crate::template;

/// The longest accepted duration.
const MAX_DURATION: Duration = Duration::from_secs(600);

impl Parser<'_> {
    /// Returns true if the value is valid for its key, and reports it otherwise.
    pub(super) fn is_valid(&mut self, key: &Key, node: &Node) -> bool {
        if let Some(expected) = expected_instead(key.kind, node) {
            let message = format!("invalid value of `{}`: expected {expected}", key.name);
            self.error(node.span, message, format!("`{}`: {}", key.name, key.description));
            return false;
        }
        let text = node.as_text().unwrap_or_default();
        match key.kind {
            ValueKind::ServerEvent if text.parse::<ServerEvent>().is_err() => {
                let events = ServerEvent::ALL.iter().map(|event| event.id());
                self.unknown(node.span, "event", text, events);
                false
            }
            ValueKind::Credential => self.is_one_of(node, text, CREDENTIALS, "kind of token"),
            ValueKind::Room => self.is_one_of(node, text, ROOMS, "kind of room"),
            ValueKind::Method => self.is_known(node, text, METHODS, "method"),
            ValueKind::Operation => {
                let operations: Vec<_> = OPERATIONS.iter().map(|row| row.id).collect();
                self.is_known(node, text, &operations, "operation")
            }
            ValueKind::Probe => self.is_known(node, text, &Probe::ALL.map(Probe::as_str), "probe"),
            ValueKind::Requirement => match text.parse::<RequirementId>() {
                Ok(_) => true,
                Err(error) => {
                    self.unknown_requirement(node.span, &error);
                    false
                }
            },
            _ => true,
        }
    }

    fn is_known(&mut self, node: &Node, text: &str, allowed: &[&str], kind: &'static str) -> bool {
        let is_valid = allowed.contains(&text);
        if !is_valid {
            self.unknown(node.span, kind, text, allowed.iter().copied());
        }
        is_valid
    }

    fn is_one_of(&mut self, node: &Node, text: &str, allowed: &[&str], kind: &'static str) -> bool {
        let is_valid = allowed.contains(&text) || template::placeholders(text).next().is_some();
        if !is_valid {
            self.unknown(node.span, kind, text, allowed.iter().copied());
        }
        is_valid
    }
}

/// A description of the expected values, if `node` has another kind.
fn expected_instead(kind: ValueKind, node: &Node) -> Option<&'static str> {
    let is_mapping = || node.as_mapping().is_some();
    let is_list = || node.as_list().is_some();
    let scalar = match &node.content {
        Content::Scalar(value) => Some(value),
        _ => None,
    };
    let (is_valid, expected) = match kind {
        ValueKind::Any => (true, ""),
        ValueKind::Text => (node.as_text().is_some(), "text; put a number in quotes"),
        ValueKind::Scalar => {
            (scalar.is_some_and(|value| value.is_string() || value.is_number()), "text or a number")
        }
        ValueKind::Name => (
            node.as_text().is_some_and(is_name),
            "a name: letters, digits, `-` and `_`, beginning with a lower-case letter",
        ),
        ValueKind::Count => {
            (scalar.and_then(Value::as_u64).is_some_and(|count| count > 0), "a positive integer")
        }
        ValueKind::Flag => (scalar.is_some_and(Value::is_boolean), "true or false"),
        ValueKind::Duration => (
            node.as_text().and_then(duration).is_some(),
            "a duration such as 2s or 500ms, at most 600s",
        ),
        ValueKind::ServerEvent
        | ValueKind::Credential
        | ValueKind::Requirement
        | ValueKind::Method
        | ValueKind::Operation
        | ValueKind::Probe
        | ValueKind::Room => (node.as_text().is_some(), "text"),
        ValueKind::Mapping | ValueKind::Fields | ValueKind::File | ValueKind::Variants => {
            (is_mapping(), "a mapping")
        }
        ValueKind::Loop => (
            node.as_mapping().is_some_and(|entries| entries.len() == 1),
            "one variable and its values: { name: [a, b] }",
        ),
        ValueKind::Requirements => (is_list(), "a list of requirements"),
        ValueKind::Actors => (is_list(), "a list of names"),
        ValueKind::Steps => (is_list(), "a list of steps"),
        ValueKind::StepLists => (
            node.as_list().is_some_and(|items| items.iter().all(|item| item.as_list().is_some())),
            "a list of lists of steps",
        ),
    };
    (!is_valid).then_some(expected)
}

/// True for valid names, those for which `{name}` is a placeholder.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}

/// Parses a duration such as `2s`, `1.5s` or `500ms`; positive, and at most 600 s.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let seconds = number.trim().parse::<f64>().ok()? * unit;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero() && *time <= MAX_DURATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_require_a_unit_and_are_bounded() {
        assert_eq!(duration("2s"), Some(Duration::from_secs(2)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1_500)));
        for invalid in ["2", "s", "-1s", "0s", "2h", "601s", "NaNs", "infs"] {
            assert_eq!(duration(invalid), None, "{invalid}");
        }
    }
}
