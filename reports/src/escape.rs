//! Escaping of text in reports, and the maximum length of its parts.

pub use hearback_history::escape::escape as shown;
pub(crate) use hearback_history::escape::is_hidden;

/// Maximum length of an expected value, actual value or reason, in characters; the JSON report is complete.
pub const LONGEST_TEXT: usize = 600;

/// Maximum length of a command, in characters; a command that was cut is useless.
pub const LONGEST_COMMAND: usize = 4_000;
