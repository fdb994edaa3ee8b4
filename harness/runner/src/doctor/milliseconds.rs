//! Durations in texts.

use std::time::Duration;

/// A duration in whole milliseconds.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}
