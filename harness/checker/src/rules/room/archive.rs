//! Checks that an archived room has `is_active` false and an `archived_at`. The response to
//! `rooms.archive` is checked, and every `rooms.get` that began after a successful one.

use hearback_contract::{Operation, RequirementId};
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, success, text_or_null};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchive, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let operation = match call.operation() {
            Some(operation @ (Operation::RoomsArchive | Operation::RoomsGet)) => operation,
            _ => continue,
        };
        let Some(room) = input.model.room_of(call) else { continue };
        let is_expected =
            operation == Operation::RoomsArchive || room.surely_archived(call.interval());
        let Some(body) = Some(()).filter(|()| is_expected).and_then(|()| success(call, context))
        else {
            continue;
        };
        if let Some(is_active) = member(body, "is_active", Value::as_bool, context) {
            context.check(!is_active, || {
                Violation::new(
                    format!("{operation}: is_active"),
                    "`is_active` is false in an archived room",
                    "it is true",
                )
                .evidence(call)
            });
        }
        if let Some(archived_at) = member(body, "archived_at", text_or_null, context) {
            context.check(archived_at.is_some(), || {
                Violation::new(
                    format!("{operation}: archived_at"),
                    "`archived_at` is the time at which the room was archived",
                    "it is null",
                )
                .evidence(call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn archived_rooms_are_inactive() {
        const RULE: &str = "room/archive";
        const ARCHIVED: &str = r#"{"is_active": false, "archived_at": "2025-10-19T10:00:00Z"}"#;
        let archive = format!("alice rooms.archive $r1 => 200 @room {ARCHIVED}");
        let later = |overrides: &str| {
            format!("{CREATED}\n{archive}\nbob rooms.get $r1 => 200 @room {overrides}")
        };
        assert_states(&[
            (RULE, Held, &later(ARCHIVED)),
            (RULE, Broken, &later(r#"{"is_active": false}"#)),
            (RULE, Broken, &later(r#"{"archived_at": "2025-10-19T10:00:00Z"}"#)),
            (RULE, Broken, &format!("{CREATED}\nalice rooms.archive $r1 => 200 @room")),
            (RULE, Undecided, &format!("{CREATED}\nalice rooms.archive $r1 => 500 @error")),
            (RULE, NotExercised, &format!("{CREATED}\nbob rooms.get $r1 => 200 @room")),
            (
                RULE,
                NotExercised,
                &format!(
                    "{CREATED}\n[10..20] alice rooms.archive $r1 => ?\nbob rooms.get $r1 => 200 @room"
                ),
            ),
        ]);
    }
}
