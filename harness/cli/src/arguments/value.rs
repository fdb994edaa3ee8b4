//! Values that have a unit or a range.

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if !(0.001..=1000.0).contains(&factor) {
        return Err("between 0.001 and 1000".to_owned());
    }
    Ok(factor)
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if share.is_finite() && share > 0.0 { Ok(share) } else { Err("a number above 0".to_owned()) }
}

/// A number and its unit: `90s`, `5m`, `2h`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3_600.0)];
    let (number, unit) = units
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .ok_or("a time such as 90s, 5m or 2h")?;
    let number: f64 = number.parse().map_err(|_| "a time such as 90s, 5m or 2h")?;
    if !(1.0..=604_800.0).contains(&(number * unit)) {
        return Err("between a second and a week".to_owned());
    }
    Ok(Duration::from_secs_f64(number * unit))
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    if !(0.05..=86_400.0).contains(&seconds) {
        return Err("between 0.05 seconds and a day".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A file whose extension goose knows a report for.
pub(super) fn goose_report(text: &str) -> Result<PathBuf, String> {
    match Path::new(text).extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm" | "md" | "json") => Ok(text.into()),
        _ => Err("goose writes .html, .md or .json, by the extension".to_owned()),
    }
}
