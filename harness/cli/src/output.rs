//! Where text goes, and what it may look like there.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use hearback_reports::Style;

/// Widest text; longer lines are hard to read.
const WIDEST: usize = 110;

/// The style of what is printed: colours on a terminal only, and never with NO_COLOR.
pub(crate) fn style(verbose: bool) -> Style {
    let is_terminal = io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { color: is_terminal && !no_color, width: width.unwrap_or(100).min(WIDEST), verbose }
}

/// What kept text from being printed.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints `text`; a reader that has gone away, as `head` does, is no error. What else goes wrong is [`lost`].
pub(crate) fn print(text: &str) {
    let mut output = io::stdout().lock();
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    let printed = write!(output, "{text}{ended}").and_then(|()| output.flush());
    if let Err(error) = printed
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first one says why.
        let _known = LOST.set(error);
    }
}

/// Why not all that was printed came to standard output, if it did not.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}
