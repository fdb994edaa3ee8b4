//! Rooms that a run created, and those that it left behind.

use hearback_contract::RoomId;
use serde::{Deserialize, Serialize};

use crate::names::{ActorName, ScenarioName};

/// A room that the run demonstrably created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCreation {
    /// Id of the room.
    pub id: RoomId,
    /// Name in the request, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Actor that created the room.
    pub creator: ActorName,
    /// Scenario that created the room.
    pub scenario: ScenarioName,
}

/// A room that the run created, or may have created, and that is or may be active at the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanedRoom {
    /// Id of the room; `None` if no response names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RoomId>,
    /// Name in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Actor that created the room.
    pub creator: ActorName,
    /// True if the room was read at the end of the run, and was active.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_verified: bool,
}
