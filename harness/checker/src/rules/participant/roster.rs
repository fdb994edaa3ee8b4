//! The participants of rooms as responses show them.

use hearback_contract::{Operation, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::Room;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::complete_items;

/// The participants of a room in one response.
pub(super) struct Roster<'h> {
    pub(super) room: &'h Room<'h>,
    pub(super) call: &'h Call,
    pub(super) at: Interval,
    /// User ids of the current participants, and their `is_admin` where it can be read.
    pub(super) current: Vec<(UserId, Option<bool>)>,
    /// True if no other pages exist.
    pub(super) is_complete: bool,
}

impl Roster<'_> {
    pub(super) fn has(&self, user: UserId) -> bool {
        self.current.iter().any(|(shown, _)| *shown == user)
    }

    pub(super) fn is_list(&self) -> bool {
        self.call.operation() == Some(Operation::ParticipantsList)
    }

    pub(super) fn place(&self) -> &'static str {
        self.call.operation().map_or("", Operation::id)
    }
}

/// Returns every full room and page of participants of this run's rooms, in the order of the history.
pub(super) fn rosters<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Roster<'h>> {
    let mut rosters = Vec::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let participants = |body: &'h Value| body.get("participants")?.as_array();
        let (objects, is_complete) = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                (call.success().map(participants), true)
            }
            Some(Operation::ParticipantsList) => {
                (call.success().map(|_| call.items()), complete_items(call).is_some())
            }
            _ => continue,
        };
        let (Some(room), Some(objects)) = (input.model.room_of(call), objects) else { continue };
        // Users who may be outsiders may get an empty list (list-of-foreign-room).
        let viewer = input.model.user_id(&call.invocation.actor);
        let is_member = viewer.is_some_and(|user| room.surely_member(user, call.interval()));
        if !is_member && objects.is_some_and(Vec::is_empty) {
            continue;
        }
        match objects.and_then(|objects| current(objects)) {
            Some(current) => {
                let at = call.interval();
                rosters.push(Roster { room, call, at, current, is_complete });
            }
            None => context.inconclusive(Reason::SchemaBroken("participants".into())),
        }
    }
    rosters
}

fn current(objects: &[Value]) -> Option<Vec<(UserId, Option<bool>)>> {
    let is_current = |object: &&Value| object.get("left_at").is_none_or(Value::is_null);
    let user = |object: &Value| {
        let is_admin = object.get("is_admin").and_then(Value::as_bool);
        Some((object.get("user")?.get("id").and_then(UserId::from_json)?, is_admin))
    };
    objects.iter().filter(is_current).map(user).collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! A group of alice and bob, and reads of its participants.

    /// Alice, the admin, is participant 1, and bob is participant 2.
    pub(in super::super) const CREATED: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"id": 1, "user": {"id": 1}, "room": "$r1"}, @participant {"id": 2, "user": {"id": 2}, "room": "$r1", "is_admin": false}]}
    "#;

    /// Writes participants, given their user ids and `is_admin`.
    pub(in super::super) fn shown(users: &[(i64, bool)]) -> String {
        let participants: Vec<_> = users
            .iter()
            .map(|(user, is_admin)| {
                format!(
                    r#"@participant {{"id": {user}, "user": {{"id": {user}}}, "room": "$r1", "is_admin": {is_admin}, "left_at": null}}"#
                )
            })
            .collect();
        participants.join(", ")
    }

    /// Alice gets the room.
    pub(in super::super) fn get(times: &str, users: &[(i64, bool)]) -> String {
        format!(
            r#"{times} alice rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [{}]}}"#,
            shown(users)
        )
    }

    /// Alice lists a page of the participants.
    pub(in super::super) fn list(times: &str, users: &[(i64, bool)], next: &str) -> String {
        format!(
            r#"{times} alice participants.list ?room=$r1 => 200 {{"count": {}, "next": {next}, "previous": null, "results": [{}]}}"#,
            users.len(),
            shown(users)
        )
    }
}
