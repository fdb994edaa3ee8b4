//! Parsers of values with a unit or a range.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;

/// Longest duration.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A number between 0.001 and 1000.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if !(0.001..=1000.0).contains(&factor) {
        return Err("expected a number between 0.001 and 1000".to_owned());
    }
    Ok(factor)
}

/// A number above 0.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    match share.is_finite() && share > 0.0 {
        true => Ok(share),
        false => Err("expected a number above 0".to_owned()),
    }
}

/// A duration with a unit: `90s`, `5m`, `2h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration =
        text.parse().map_err(|_| "expected a duration such as 90s, 5m or 2h".to_owned())?;
    match Duration::try_from(duration) {
        Ok(duration) if (Duration::from_secs(1)..=WEEK).contains(&duration) => Ok(duration),
        _ => Err("expected a duration between one second and one week".to_owned()),
    }
}

/// A number of seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if !(0.05..=86_400.0).contains(&seconds) {
        return Err("expected a number between 0.05 seconds and one day (86400)".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A file with the extension of a report format of goose.
pub(super) fn goose_report(text: &str) -> Result<PathBuf, String> {
    match Path::new(text).extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm" | "md" | "json") => Ok(text.into()),
        _ => Err("expected a file with the extension .html, .md or .json".to_owned()),
    }
}
