//! What a run left at the target: rooms that could not be put away.

use hearback_contract::Operation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::event::TargetKind;
use crate::history::History;

/// A room that the run made and that is still there, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanedRoom {
    /// Its id; not known if its making was never answered, or by nothing that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name that it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who made it.
    pub maker: String,
}

impl History {
    /// The rooms that were made and not archived, in the order of their making; none at the embedded server,
    /// which ends with the run.
    pub fn orphaned_rooms(&self) -> Vec<OrphanedRoom> {
        let target_kind = self.start.as_ref().and_then(|start| start.target_kind.as_ref());
        if !matches!(target_kind, Some(TargetKind::Named { .. })) {
            return Vec::new();
        }
        let mut left = Vec::new();
        for call in &self.calls {
            match call.operation() {
                Some(Operation::RoomsCreate) => left.extend(made(call)),
                Some(Operation::RoomsArchive) if call.succeeded() => {
                    left.retain(|room: &OrphanedRoom| room.id.as_deref() != call.subject());
                }
                _ => {}
            }
        }
        left
    }
}

/// The room that a call has made, or may have.
fn made(call: &Call) -> Option<OrphanedRoom> {
    if !call.maybe_done() {
        return None;
    }
    let text = |body: Option<&Value>, name: &str| Some(body?.get(name)?.as_str()?.to_owned());
    let room = call.success();
    // A direct room may have been there before the run.
    if text(room, "room_type").as_deref() == Some("direct") && call.status() != Some(201) {
        return None;
    }
    let name = text(call.request.as_ref(), "name");
    Some(OrphanedRoom { id: text(room, "id"), name, maker: call.invocation.actor.to_string() })
}
