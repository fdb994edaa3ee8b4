//! Standard output: text, its width, and its colors.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use hearback_reports::Style;

use crate::log;

/// Maximum width of text, in columns; longer lines are hard to read.
const WIDEST: usize = 110;

/// Width of text if `COLUMNS` is not set, in columns.
const WIDTH: usize = 100;

/// The style of printed text: colors on a terminal only, and never with `NO_COLOR`.
pub(crate) fn style(verbose: bool) -> Style {
    let is_terminal = io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { color: is_terminal && !no_color, width: width.unwrap_or(WIDTH).min(WIDEST), verbose }
}

/// Returns whether standard output is a terminal that shows links.
pub(crate) fn has_links() -> bool {
    supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}

/// The first error of writing to standard output.
static ERROR: OnceLock<io::Error> = OnceLock::new();

/// Prints text without the secrets of the runs so far. Not for sinks of events, see [`print_recorded`].
pub(crate) fn print(text: &str) {
    print_recorded(&log::redaction().redacted(text));
}

/// Prints text of events that were recorded, which have no secrets. A reader that closed the pipe, as `head` does, is not an error; see [`error`] for others.
pub(crate) fn print_recorded(text: &str) {
    let mut output = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let printed = write!(output, "{text}{end}").and_then(|()| output.flush());
    if let Err(error) = printed
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first error explains the others.
        let _is_first = ERROR.set(error);
    }
}

/// The error that kept text from being printed, if any.
pub(crate) fn error() -> Option<&'static io::Error> {
    ERROR.get()
}
