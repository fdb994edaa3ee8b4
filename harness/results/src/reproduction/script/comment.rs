//! Comments of scripts.

use hearback_history::escape::escape;

/// A comment of one line, whatever the text is. It is complete, because it may be a command.
pub(in crate::reproduction) fn comment(text: &str) -> String {
    format!("# {}", escape(text, usize::MAX))
}
