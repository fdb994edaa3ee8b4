//! Sent frames that the specification does not allow.

use hearback_history::{Connection, Frame};

/// Longest frame, in bytes, that must not be rejected for its length (huge-frames).
pub const HUGE: usize = 64 * 1024;

/// The defect of an invalid frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvalidFrameKind {
    /// Text that is not a JSON object.
    MalformedJson,
    /// No `type`, or one that is not a string.
    MissingType,
    /// A `type` that is not documented.
    UnknownType,
    /// Missing or mistyped fields.
    InvalidFields,
    /// A `chat_message` with empty text.
    EmptyMessage,
    /// A receipt for, or a reply to, a message of another room or one that does not exist.
    ForeignReference,
    /// Binary, or longer than [`HUGE`].
    Hostile,
}

impl InvalidFrameKind {
    /// A noun phrase for reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "text that is not a JSON object",
            Self::MissingType => "an event without a `type` that is a string",
            Self::UnknownType => "an event of unknown type",
            Self::InvalidFields => "an event with missing or mistyped fields",
            Self::EmptyMessage => "a `chat_message` with empty text",
            Self::ForeignReference => "a reference to a message that is not in the room",
            Self::Hostile => "a binary or huge frame",
        }
    }
}

/// An invalid frame on an established connection with a valid token.
#[derive(Clone, Copy, Debug)]
pub struct InvalidFrame<'h> {
    /// The connection that it was sent on.
    pub connection: &'h Connection,
    /// The frame.
    pub frame: &'h Frame,
    /// The defect.
    pub kind: InvalidFrameKind,
}

/// Returns whether parsers disagree about the text: lone surrogates, `NaN`, numbers without a
/// double, a byte order mark, control characters in strings, deep nesting.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    let exponent = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1].eq_ignore_ascii_case(&b'e');
    text.contains("\\u")
        || text.contains("NaN")
        || text.contains("Infinity")
        || text.contains(|letter: char| letter == '\u{feff}' || letter.is_control())
        || text.as_bytes().windows(2).any(exponent)
        || text.matches(['[', '{']).count() > 100
}
