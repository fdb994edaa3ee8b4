//! Measurements by room size, and of single rooms.

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::errors::ErrorCounts;
use crate::ledger::DeliveryCounts;

/// Measurements of rooms of one size class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SizeRecord {
    /// Minimum number of members of a room in this class.
    pub from: u64,
    /// Maximum number of members of a room in this class.
    pub to: u64,
    /// Number of rooms.
    pub rooms: u64,
    /// Delivery counts.
    pub deliveries: DeliveryCounts,
    /// Latency from the intended send time to each recipient.
    pub delivery: Distribution,
    /// Latency from the intended send time to the last recipient.
    pub last: Distribution,
    /// Errors by kind.
    pub errors: ErrorCounts,
}

/// Delivery counts of one room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRecord {
    /// Id of the room at the target.
    pub room: String,
    /// Number of members.
    pub members: u64,
    /// Delivery counts.
    pub deliveries: DeliveryCounts,
}
