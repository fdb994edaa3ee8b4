//! The lengths to which text of users and targets is cut, and escaping to these lengths.

pub use hearback_history::escape::escape as shown;

/// Maximum length of an expected or actual value or a reason, in characters; the JSON report is complete.
pub const LONGEST_TEXT: usize = 600;
