//! Diagnostic logs of hearback itself, on standard error and without secrets.

use std::io;
use std::sync::LazyLock;

use hearback_runner::Redaction;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The secrets of the runs of this process.
static REDACTION: LazyLock<Redaction> = LazyLock::new(Redaction::default);

/// The redaction that runs register their secrets with.
pub(crate) fn redaction() -> Redaction {
    REDACTION.clone()
}

/// Parses a filter: levels per crate, for example `info,hearback_client=debug`.
pub(crate) fn filter(text: &str) -> Result<Targets, ParseError> {
    text.parse()
}

/// Logs what the filter selects, from now on.
pub(crate) fn start(filter: Targets) {
    let layer = fmt::layer().with_ansi(false).with_writer(|| Redacting);
    tracing_subscriber::registry().with(filter).with(layer).init();
}

/// Writes to standard error. Each write is a whole line.
struct Redacting;

impl io::Write for Redacting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let text = REDACTION.redacted(&text);
        io::Write::write_all(&mut io::stderr().lock(), text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut io::stderr().lock())
    }
}
