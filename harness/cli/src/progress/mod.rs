//! Renders the events of a run on standard error.

mod check;
mod load;
mod load_line;
mod panel;
mod warning;

pub(crate) use check::CheckProgress;
pub(crate) use load::LoadProgress;

/// The line for a target that throttles.
fn throttled(wait_s: f64) -> String {
    format!("The target throttles requests: waiting {wait_s:.0} s")
}

/// A count and a noun in the singular or the plural.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
