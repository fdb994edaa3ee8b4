//! A problem of a file, before it is attached to the file.

use std::fmt::Display;
use std::ops::Range;

use hearback_contract::{Suggestions, UnknownId};
use serde::de::{self, Expected, Unexpected};

/// A problem, and its place in the file. Texts never quote a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    message: String,
    help: Option<String>,
    span: Option<Range<usize>>,
}

impl Problem {
    /// A problem without a place.
    pub fn new(message: impl Display) -> Self {
        Self { message: message.to_string(), help: None, span: None }
    }

    /// Adds advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds the place, in bytes, unless a more exact one is known.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// The advice.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The place, in bytes.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }
}

impl From<UnknownId> for Problem {
    fn from(unknown: UnknownId) -> Self {
        Self::new(format_args!("unknown {} `{}`", unknown.kind, unknown.name))
            .with_help(unknown.suggestions.help())
    }
}

impl de::Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("expected {}, found {}", wanted(expected), kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Float(number) => number.to_string(),
            other => kind(other).to_owned(),
        };
        Self::new(format_args!("expected {}, found {found}", wanted(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        UnknownId::new("key", field, expected.iter().copied()).into()
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        // The text may be a secret in the wrong place, so that only its neighbors are named.
        Self::new("unknown value")
            .with_help(Suggestions::new(variant, expected.iter().copied()).help())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format_args!("`{field}` is missing"))
    }
}

/// The expected type, in words that a user of the file knows.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    let digits = text.trim_start_matches(['i', 'u']);
    let is_number = digits.len() < text.len() && (digits == "size" || digits.parse::<u8>().is_ok());
    match text.as_str() {
        _ if is_number && text.starts_with('u') => "a whole number that is not negative".to_owned(),
        _ if is_number => "a whole number".to_owned(),
        "f64" | "f32" => "a number".to_owned(),
        text if text.starts_with("struct ") => "a table".to_owned(),
        _ => text,
    }
}

fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Str(_) => "a string",
        Unexpected::Seq => "an array",
        Unexpected::Map => "a table",
        _ => "another type",
    }
}
