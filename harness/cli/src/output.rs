//! Where text goes, and what it may look like there.

use std::io::{IsTerminal as _, Write as _};

use hearback_reports::Style;

/// Widest text; longer lines are hard to read.
const WIDEST: usize = 110;

/// The style of what is printed: colours on a terminal only, and never with NO_COLOR.
pub(crate) fn style(verbose: bool) -> Style {
    let is_terminal = std::io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { color: is_terminal && !no_color, width: width.unwrap_or(100).min(WIDEST), verbose }
}

/// Prints `text`; a reader that has gone away, as `head` does, is no error.
pub(crate) fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    let _gone = write!(output, "{text}{ended}").and_then(|()| output.flush());
}
