//! Checks that a new room has `is_active` true and `archived_at` null in the response to its
//! creation. Rooms that another request may have archived before the response are skipped.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::new_rooms::new_rooms;
use crate::model::WriteKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, text_or_null};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomStartsActive, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, shown_room) in new_rooms(input, WriteKind::Room) {
        if let Some(is_active) = member(shown_room, "is_active", Value::as_bool, context) {
            context.check(is_active, || {
                Violation::new("rooms.create: is_active", "`is_active` is true", "it is false")
                    .evidence(room.creation)
            });
        }
        if let Some(archived) = member(shown_room, "archived_at", text_or_null, context) {
            context.check(archived.is_none(), || {
                Violation::new(
                    "rooms.create: archived_at",
                    "`archived_at` is null",
                    format!("it is {}", archived.unwrap_or_default()),
                )
                .evidence(room.creation)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::new_room::created;

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn new_rooms_are_active() {
        assert_states(&[
            ("room/starts-active", Held, &created(r#""name": "x""#)),
            ("room/starts-active", Broken, &created(r#""is_active": false"#)),
            ("room/starts-active", Broken, &created(r#""archived_at": "2025-10-19T10:00:00Z""#)),
            // Bob, who saw it in his list, archives it before alice has the response.
            (
                "room/starts-active",
                crate::verdict::State::NotExercised,
                &format!(
                    "[1..9] {}\n[5..6] bob rooms.archive $r1 => 200 @room",
                    created(r#""is_active": false"#)
                ),
            ),
        ]);
    }
}
