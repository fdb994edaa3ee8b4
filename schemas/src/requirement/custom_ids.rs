//! The ids of the requirements that the overlay of this process adds. They are kept apart from the overlay, whose rows
//! have ids themselves.

use std::sync::OnceLock;

static IDS: OnceLock<Vec<String>> = OnceLock::new();

/// Sets the ids, once.
pub(crate) fn set(ids: Vec<String>) {
    // An overlay is put in force once only.
    drop(IDS.set(ids));
}

/// The ids, in the order of the report.
pub(super) fn all() -> &'static [String] {
    IDS.get().map_or(&[], Vec::as_slice)
}
