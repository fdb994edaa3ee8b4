//! Rooms that a run left behind, from its history.

use hearback_contract::{Operation, RoomId};
use serde_json::Value;

use crate::call::Call;
use crate::history::History;
use crate::room_creation::OrphanedRoom;
use crate::target_options::TargetOptions;

impl History {
    /// Rooms that the run left behind, in order of creation.
    ///
    /// The rooms that the cleanup found active. If the cleanup did not end, the rooms that were created and not
    /// archived. Empty for the embedded server, which ends with the run.
    pub fn orphaned_rooms(&self) -> Vec<OrphanedRoom> {
        let options = self.start.as_ref().and_then(|start| start.target_options.as_ref());
        if !matches!(options, Some(TargetOptions::External { .. })) {
            return Vec::new();
        }
        if let Some(left) = &self.left_rooms {
            return left.clone();
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
        is_verified: false,
    })
}
