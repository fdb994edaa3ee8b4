//! Rooms that a run created and did not archive.

use hearback_contract::{Operation, RoomId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::history::History;
use crate::names::ActorName;
use crate::target_options::TargetOptions;

/// A room that the run created, or may have created, and did not archive.
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
}

impl History {
    /// Rooms that were created and not archived, in order of creation.
    ///
    /// Empty for the embedded server, which ends with the run.
    pub fn orphaned_rooms(&self) -> Vec<OrphanedRoom> {
        let options = self.start.as_ref().and_then(|start| start.target_options.as_ref());
        if !matches!(options, Some(TargetOptions::External { .. })) {
            return Vec::new();
        }
        let mut orphaned = Vec::new();
        for call in &self.calls {
            match call.operation() {
                Some(Operation::RoomsCreate) => orphaned.extend(created_room(call)),
                Some(Operation::RoomsArchive) if call.succeeded() => {
                    orphaned.retain(|room: &OrphanedRoom| {
                        room.id.as_ref().map(RoomId::as_str) != call.subject()
                    });
                }
                _ => {}
            }
        }
        orphaned
    }
}

/// The room that a call created, or may have created.
fn created_room(call: &Call) -> Option<OrphanedRoom> {
    if !call.maybe_done() {
        return None;
    }
    let text = |body: Option<&Value>, name: &str| Some(body?.get(name)?.as_str()?.to_owned());
    let room = call.success();
    // A direct room may have existed before the run.
    if text(room, "room_type").as_deref() == Some("direct") && call.status() != Some(201) {
        return None;
    }
    Some(OrphanedRoom {
        id: text(room, "id").map(RoomId::from),
        name: text(call.request.as_ref(), "name"),
        creator: call.invocation.actor.clone(),
    })
}
