//! The `display_name` of rooms in details and lists.

use hearback_contract::{Operation, RoomRef, UserId};
use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::violation::Violation;

/// The display name of a room in one detail or list item.
pub(super) struct Read<'h> {
    pub(super) room: &'h Room<'h>,
    pub(super) call: &'h Call,
    /// `None` if the user id of the viewer is not known.
    pub(super) viewer: Option<UserId>,
    pub(super) display_name: &'h str,
}

/// Returns every read of a room of one type that this run created.
pub(super) fn reads_of_type<'h>(
    input: RuleInput<'h>,
    room_type: &str,
    context: &mut RuleContext<'h>,
) -> Vec<Read<'h>> {
    if !input.model.rooms.values().any(|room| room.room_type == Some(room_type)) {
        return Vec::new();
    }
    let mut reads = Vec::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let objects: Vec<&Value> = match call.operation() {
            Some(Operation::RoomsGet) if input.model.room_of(call).is_some() => {
                success(call, context).into_iter().collect()
            }
            Some(Operation::RoomsList) => call.items().into_iter().flatten().collect(),
            _ => continue,
        };
        for object in objects {
            let id = object.get("id").and_then(RoomRef::from_json);
            let room = id.and_then(|id| input.model.room(id));
            let Some(room) = room.filter(|room| room.room_type == Some(room_type)) else {
                continue;
            };
            let name = member(object, "display_name", Value::as_str, context);
            let viewer = input.model.user_id(&call.invocation.actor);
            reads.extend(name.map(|display_name| Read { room, call, viewer, display_name }));
        }
    }
    reads
}

pub(super) fn check_name<'h>(
    call: &'h Call,
    expected: &str,
    display_name: &str,
    meaning: &str,
    context: &mut RuleContext<'h>,
) {
    context.check(display_name.trim() == expected.trim(), || {
        Violation::new(
            format!("{}: display_name", call.operation().map_or("", Operation::id)),
            format!("`display_name` is {meaning}, {}", quoted(expected)),
            format!("it is {}", quoted(display_name)),
        )
        .evidence(call)
    });
}

#[cfg(test)]
pub(super) mod testing {
    //! Reads of a room with a display name.

    pub(in super::super) fn get(created: &str, who: &str, name: &str) -> String {
        format!(
            r#"{created}
            {who} rooms.get $r1 => 200 @room {{"id": "$r1", "display_name": "{name}", "participants": []}}"#
        )
    }

    pub(in super::super) fn list(created: &str, who: &str, name: &str) -> String {
        format!(
            r#"{created}
            {who} rooms.list => 200 {{"results": [@room_summary {{"display_name": "other's"}}, @room_summary {{"id": "$r1", "display_name": "{name}"}}]}}"#
        )
    }
}
