//! Windows: less exact, and without what only reports show.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use hearback_history::Nanoseconds;

/// The beginning of time, since instants have no number.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Sockets are not descriptors, and have no limit per process.
pub(crate) fn raise_descriptors() -> u64 {
    u64::MAX
}

pub(crate) fn cpu() -> Duration {
    Duration::ZERO
}

pub(crate) fn monotonic() -> Nanoseconds {
    Nanoseconds::from(START.elapsed())
}

/// Discards the standard output of this process while it exists.
///
/// Goose always prints to standard output, which would mix with reports and the live panel.
#[derive(Debug)]
pub struct SilencedOutput {
    _never: Infallible,
}

impl SilencedOutput {
    /// Starts discarding output; `None` if standard output cannot be redirected.
    pub fn start() -> Option<Self> {
        None
    }
}
