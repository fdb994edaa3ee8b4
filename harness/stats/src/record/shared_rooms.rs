//! Rooms that several workers share.

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::ledger::DeliveryCounts;

/// Rooms whose members several workers share, and the deliveries from one worker to another.
///
/// The counts are part of those of the run. The latencies are not, since two clocks measured them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SharedRoomsRecord {
    /// Number of the rooms.
    pub rooms: u64,
    /// Counts of deliveries from one worker to another.
    pub deliveries: DeliveryCounts,
    /// From the intended send time to each recipient in another worker, without the warm-up.
    pub latency: Distribution,
    /// Bound of the error of these latencies, in milliseconds; `None` if the clocks could not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_error_ms: Option<f64>,
}

impl SharedRoomsRecord {
    /// Adds the measurements of another worker of the same run.
    pub(super) fn merge(&mut self, other: &Self) {
        self.rooms += other.rooms;
        self.deliveries += other.deliveries;
        self.latency.merge(&other.latency);
        self.clock_error_ms = match (self.clock_error_ms, other.clock_error_ms) {
            (Some(own), Some(other)) => Some(own.max(other)),
            (own, other) => own.or(other),
        };
    }
}
