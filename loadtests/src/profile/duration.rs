//! Durations in profiles.

use std::time::Duration;

use jiff::SignedDuration;

/// Longest duration.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A duration such as `500ms`, `10s` or `1h 30m`; `None` if the text is none, or it is longer than a week.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let duration = Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()?;
    (duration <= WEEK).then_some(duration)
}
