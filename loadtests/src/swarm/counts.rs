//! Counts that are read while the run is going on.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) attempted: AtomicU64,
    pub(crate) opened: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) connected: AtomicU64,
    pub(crate) peak: AtomicU64,
    pub(crate) offered: AtomicU64,
    pub(crate) sent: AtomicU64,
    /// Members whose first connection attempt has succeeded or failed.
    pub(crate) arrived: AtomicU64,
}

/// Adds 1, and returns the new count.
pub(super) fn increment(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}

/// Reads a count.
pub(crate) fn load(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
