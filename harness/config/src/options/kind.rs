//! Types of options in TOML and JSON Schema, derived from their parsers.

use std::any::TypeId;
use std::time::Duration;

use clap::{Arg, ArgAction};
use serde::de::Error as _;
use serde_json::{Value, json};
use toml::de::DeValue;

use crate::Problem;
use crate::deserializer::Node;
use crate::variable::has_reference;

/// The TOML type of an option, or of one item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Flag,
    Integer,
    Number,
    Duration,
    Text,
}

impl Kind {
    pub(super) fn of(arg: &Arg) -> Self {
        let is_any = |types: &[TypeId]| {
            let parsed = arg.get_value_parser().type_id();
            types.iter().any(|it| parsed == *it)
        };
        if is_flag(arg) || is_any(&[TypeId::of::<bool>()]) {
            Self::Flag
        } else if is_any(&[
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<i64>(),
        ]) {
            Self::Integer
        } else if is_any(&[TypeId::of::<f64>()]) {
            Self::Number
        } else if is_any(&[TypeId::of::<Duration>()]) {
            Self::Duration
        } else {
            Self::Text
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Duration => "a number or a string",
            Self::Text => "a string",
        }
    }

    /// The text of a value of this type, as the command line takes it.
    fn text(self, value: &toml::Spanned<DeValue<'_>>) -> Result<String, Problem> {
        match (self, value.get_ref()) {
            (Self::Flag, DeValue::Boolean(flag)) => Ok(flag.to_string()),
            (Self::Integer | Self::Number | Self::Duration, DeValue::Integer(number)) => {
                let text = number.as_str();
                match i64::from_str_radix(text, number.radix()) {
                    Ok(number) => Ok(number.to_string()),
                    Err(_) => Ok(text.to_owned()),
                }
            }
            (Self::Number | Self::Duration, DeValue::Float(number)) => {
                Ok(number.as_str().to_owned())
            }
            (Self::Text | Self::Duration, DeValue::String(text)) => Ok(text.to_string()),
            (_, DeValue::String(text)) if has_reference(text) => Ok(text.to_string()),
            _ => {
                let found = Node::new("", value, None).unexpected();
                Err(Problem::invalid_type(found, &self.expected()).at(value.span()))
            }
        }
    }

    /// The texts of the value of an option: several for a list, which may be written as one value.
    pub(super) fn texts(
        self,
        arg: &Arg,
        value: &toml::Spanned<DeValue<'_>>,
    ) -> Result<Vec<String>, Problem> {
        match value.get_ref() {
            DeValue::Array(items) if is_list(arg) => {
                items.iter().map(|item| self.text(item)).collect()
            }
            _ => Ok(vec![self.text(value)?]),
        }
    }

    /// The JSON Schema of an option.
    pub(super) fn schema(self, arg: &Arg) -> Value {
        let choices: Vec<_> = arg
            .get_possible_values()
            .iter()
            .filter(|_| self == Self::Text)
            .map(|value| value.get_name().to_owned())
            .collect();
        let mut one = match self {
            Self::Flag => json!({ "type": "boolean" }),
            Self::Integer => json!({ "type": "integer" }),
            Self::Number => json!({ "type": "number" }),
            Self::Duration => json!({ "type": ["number", "string"] }),
            Self::Text if !choices.is_empty() => json!({ "enum": choices }),
            Self::Text => json!({ "type": "string" }),
        };
        if is_list(arg) {
            one = json!({ "anyOf": [one, { "type": "array", "items": one }] });
        }
        let mut schema = json!({ "description": description(arg) });
        if let (Some(schema), Value::Object(one)) = (schema.as_object_mut(), one) {
            schema.extend(one);
        }
        if let Some(default) = default(arg) {
            schema["default"] = match self {
                Self::Text => json!(default),
                _ => default.parse().unwrap_or_else(|_| json!(default)),
            };
        }
        schema
    }
}

/// Returns whether an option has no value on the command line.
pub(super) fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// Returns whether an option can be repeated.
pub(super) fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// The help of an option.
pub(super) fn description(arg: &Arg) -> String {
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}

/// The default that the command line declares; help may state others in words.
pub(super) fn default(arg: &Arg) -> Option<String> {
    if is_flag(arg) {
        return Some("false".to_owned());
    }
    let values: Vec<_> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
