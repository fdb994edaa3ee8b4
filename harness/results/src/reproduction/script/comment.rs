//! Comments of scripts.

use hearback_history::escape::escape;

/// Longest text in a comment, in characters.
const LONGEST: usize = 300;

/// A comment of one line, whatever the text is.
pub(in crate::reproduction) fn comment(text: &str) -> String {
    format!("# {}", escape(text, LONGEST))
}
