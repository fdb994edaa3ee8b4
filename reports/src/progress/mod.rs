//! The events of a run while it is in progress, one line each.

mod load;
mod notice;

pub use load::{latency, load_line};
pub use notice::notice;

/// The line for a target that throttles.
pub fn throttled(wait_s: f64) -> String {
    format!("The target throttles requests: waiting {wait_s:.0} s")
}
