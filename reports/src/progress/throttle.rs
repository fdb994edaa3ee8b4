//! Throttles.

/// The line for a target that throttles.
pub(super) fn throttled(wait_s: f64) -> String {
    format!("The target throttles requests: waiting {wait_s:.0} s")
}
