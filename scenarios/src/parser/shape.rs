//! Whether values have the shape that their keys ask for.

use std::time::Duration;

use hearback_contract::{RequirementId, ServerEvent};
use serde_json::Value;

use super::Reader;
use crate::grammar::{CREDENTIALS, Key, ROOMS, Shape};
use crate::scope::suggestion;
use crate::syntax::{Content, Node};
use crate::template;

/// The longest wait that makes sense; longer ones are slips.
const LONGEST: Duration = Duration::from_secs(600);

impl Reader<'_> {
    /// Whether the value fits its key; reports why not.
    pub(super) fn fits(&mut self, key: &Key, node: &Node) -> bool {
        if let Some(needed) = needed(key.shape, node) {
            let message = format!("`{}` takes {needed}", key.name);
            self.error(node.place, message, key.description);
            return false;
        }
        let text = node.as_text().unwrap_or_default();
        match key.shape {
            Shape::ServerEvent if text.parse::<ServerEvent>().is_err() => {
                let events = ServerEvent::ALL.iter().map(|event| event.id());
                let message = format!("no documented event has the type `{text}`");
                self.error(node.place, message, suggestion(text, events, "the server sends"));
                false
            }
            Shape::Credential => self.one_of(node, text, CREDENTIALS, "kind of token"),
            Shape::Room => self.one_of(node, text, ROOMS, "kind of room to begin with"),
            Shape::Requirement => match text.parse::<RequirementId>() {
                Ok(_) => true,
                Err(error) => {
                    self.unknown_requirement(node.place, &error);
                    false
                }
            },
            _ => true,
        }
    }

    fn one_of(&mut self, node: &Node, text: &str, allowed: &[&str], what: &str) -> bool {
        let is_right = allowed.contains(&text) || template::placeholders(text).next().is_some();
        if !is_right {
            let help = suggestion(text, allowed.iter().copied(), "allowed here");
            self.error(node.place, format!("`{text}` is no {what}"), help);
        }
        is_right
    }
}

/// What a value of this shape would be, if `node` is none.
fn needed(shape: Shape, node: &Node) -> Option<&'static str> {
    let is_mapping = || node.as_mapping().is_some();
    let is_list = || node.as_list().is_some();
    let scalar = match &node.content {
        Content::Scalar(value) => Some(value),
        _ => None,
    };
    let (fits, needed) = match shape {
        Shape::Any => (true, ""),
        Shape::Text => (node.as_text().is_some(), "a text; a number is one in quotes"),
        Shape::Scalar => (
            scalar.is_some_and(|value| value.is_string() || value.is_number()),
            "a text or a number",
        ),
        Shape::Name => (
            node.as_text().is_some_and(is_name),
            "a name of letters, digits, `-` and `_` that begins with a small letter",
        ),
        Shape::Count => (
            scalar.and_then(Value::as_u64).is_some_and(|count| count > 0),
            "a whole number, 1 or more",
        ),
        Shape::Flag => (scalar.is_some_and(Value::is_boolean), "true or false"),
        Shape::Duration => {
            (node.as_text().and_then(duration).is_some(), "a time such as 2s or 500ms")
        }
        Shape::ServerEvent | Shape::Credential | Shape::Requirement | Shape::Room => {
            (node.as_text().is_some(), "a text")
        }
        Shape::Mapping | Shape::Fields | Shape::File | Shape::Variants => {
            (is_mapping(), "names and values")
        }
        Shape::Loop => (
            node.as_mapping().is_some_and(|entries| entries.len() == 1),
            "one name and its values, { name: [a, b] }",
        ),
        Shape::Requirements => (is_list(), "a list of requirements"),
        Shape::Actors => (is_list(), "a list of names"),
        Shape::Steps => (is_list(), "a list of steps"),
        Shape::Branches => (
            node.as_list().is_some_and(|items| items.iter().all(|item| item.as_list().is_some())),
            "a list of lists of steps",
        ),
    };
    (!fits).then_some(needed)
}

/// Whether something can be kept under this name and be had by `{name}` again.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}

/// `2s`, `1.5s`, `500ms`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let seconds = number.trim().parse::<f64>().ok()? * unit;
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero() && *time <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("2s"), Some(Duration::from_secs(2)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1_500)));
        for wrong in ["2", "s", "-1s", "0s", "2h", "601s", "NaNs", "infs"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
