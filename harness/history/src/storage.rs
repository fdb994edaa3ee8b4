//! Bounds of what is kept of everything that a target sends, so that its size never decides the memory of a run.
//!
//! | what | bound | beyond it |
//! | --- | --- | --- |
//! | depth of a JSON value | [`DEPTH`] | the body is truncated, the frame is not checked |
//! | memory of one parsed body or frame | [`BODY_WEIGHT`] | the body is truncated, the frame is not checked |
//! | recorded part of a truncated body | [`PREFIX`] | the rest is dropped |
//! | bodies and frames over [`LARGE`], together | [`LARGE_TOTAL`] | bodies are truncated, connections are closed |
//! | memory of all events until they are checked | [`RUN_WEIGHT`] | the run ends, later bodies are truncated |
//! | the journal on disk | [`JOURNAL_BYTES`] | the journal ends |
//!
//! Truncated data is marked, and never checked. A connection that hearback closes counts as closed by hearback, so
//! no event is missed on it.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::event::EventKind;
pub use crate::json_extent::{BODY_WEIGHT, DEPTH};

use crate::json_extent::JsonExtent;
use crate::payload::Payload;

/// Maximum number of bytes that are recorded of a truncated body.
pub const PREFIX: usize = 4 << 10;

/// Size in bytes from which on a body or a frame counts towards [`LARGE_TOTAL`].
pub const LARGE: usize = 64 << 10;

/// Maximum size of all large bodies and frames of a run together, in bytes.
pub const LARGE_TOTAL: usize = 48 << 20;

/// Maximum estimated memory of all events that were not checked yet, in bytes.
pub const RUN_WEIGHT: usize = 192 << 20;

/// Number of scenarios from which on a run may keep more: runs of greater depth have more to keep.
const SCENARIOS: usize = 250;

/// Additional memory per further scenario, in bytes.
pub const SCENARIO_WEIGHT: usize = 1 << 20;

/// Maximum size of a journal, in bytes.
pub const JOURNAL_BYTES: u64 = 512 << 20;

/// Estimated memory of an event without its payload, in the log and in the history.
const EVENT_WEIGHT: usize = 600;

/// Counts what a run keeps.
#[derive(Debug, Default)]
pub struct Storage {
    /// Maximum weight; zero if there is none.
    limit: AtomicUsize,
    weight: AtomicUsize,
    large: AtomicUsize,
}

impl Storage {
    /// Sets the maximum weight for a number of scenarios; without a call of this, only large bodies are bounded.
    pub fn limit_for(&self, scenarios: usize) {
        let limit = RUN_WEIGHT + scenarios.saturating_sub(SCENARIOS) * SCENARIO_WEIGHT;
        self.limit.fetch_max(limit, Ordering::Relaxed);
    }

    /// Returns whether the events exceed the limit. The run must end.
    pub fn is_full(&self) -> bool {
        let limit = self.limit.load(Ordering::Relaxed);
        limit > 0 && self.weight.load(Ordering::Relaxed) > limit
    }

    /// Adds the weight of an event.
    pub(crate) fn charge(&self, kind: &EventKind) {
        let payload = match kind {
            EventKind::Returned { body, .. } => Some(body),
            EventKind::Invoked(invocation) => invocation.body.as_ref(),
            EventKind::Sent { frame, .. } | EventKind::Received { frame, .. } => Some(frame),
            _ => None,
        };
        let weight = EVENT_WEIGHT + payload.map_or(0, weight_of);
        self.weight.fetch_add(weight, Ordering::Relaxed);
    }

    /// Forgets the events so far: they were taken and checked.
    pub fn release(&self) {
        self.weight.store(0, Ordering::Relaxed);
    }

    /// Reserves bytes of a body or a frame for good; `false` if the bound is exceeded.
    pub fn keep_large(&self, bytes: usize) -> bool {
        let reserved = self.large.fetch_add(bytes, Ordering::Relaxed);
        if reserved + bytes > LARGE_TOTAL {
            self.return_large(bytes);
            return false;
        }
        true
    }

    /// Returns reserved bytes of a body that was truncated.
    pub fn return_large(&self, bytes: usize) {
        self.large.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Estimated memory of a payload: in two copies of the log, at a socket, and parsed.
fn weight_of(payload: &Payload) -> usize {
    match payload {
        Payload::Text(text) => 3 * text.len() + JsonExtent::of(text.as_bytes()).bounded_weight(),
        Payload::Base64(text) => 3 * text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::ConnectionId;

    #[test]
    fn a_run_is_full_when_its_events_exceed_the_limit() {
        let storage = Storage::default();
        let frame = Payload::binary(&vec![0; 1 << 20]);
        let frame = EventKind::Received { connection: ConnectionId(1), frame };
        (0..100).for_each(|_| storage.charge(&frame));
        assert!(!storage.is_full(), "no limit is set");
        storage.limit_for(1);
        assert!(storage.is_full());
        storage.limit_for(600);
        assert!(!storage.is_full());
        (0..300).for_each(|_| storage.charge(&frame));
        assert!(storage.is_full());
        storage.release();
        assert!(!storage.is_full());
    }

    #[test]
    fn large_bodies_share_a_bound() {
        let storage = Storage::default();
        assert!(storage.keep_large(LARGE_TOTAL - 1));
        assert!(!storage.keep_large(2));
        assert!(storage.keep_large(1));
        storage.return_large(1);
        assert!(storage.keep_large(1));
    }
}
