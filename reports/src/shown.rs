//! Text that the target or a user wrote, escaped and cut for showing; only the JSON report is complete.

use hearback_history::escape::escape;

/// Maximum length of a text, in characters.
const LONGEST_TEXT: usize = 600;

/// Maximum length of a shell command, in characters. Commands are rarely cut, because a cut one is useless.
pub(crate) const LONGEST_COMMAND: usize = 4_000;

/// `text` on one line, with hidden characters escaped, cut after 600 characters.
pub fn shown(text: &str) -> String {
    escape(text, LONGEST_TEXT)
}

/// A shell command, escaped like [`shown`] text, cut after 4,000 characters.
pub(crate) fn shown_command(command: &str) -> String {
    escape(command, LONGEST_COMMAND)
}
