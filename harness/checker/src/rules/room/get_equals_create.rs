//! Checks that `rooms.get` returns the `id`, `room_type`, `name`, `task`, `property` and
//! `created_at` of the response to the creation. No documented operation changes them. Date-times
//! may be written differently, and an empty name may be null.

use hearback_contract::{Operation, RequirementId};
use serde_json::Value;

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{shown, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomGetEqualsCreate, check };

/// Fields that no documented operation changes.
const CONSTANT: [&str; 6] = ["id", "room_type", "name", "task", "property", "created_at"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(created) = room.creation.success() else { continue };
        if !room.creation.interval().precedes(call.interval()) {
            continue;
        }
        let Some(fetched) = success(call, context) else { continue };
        for field in CONSTANT {
            let (Some(created), Some(fetched)) = (created.get(field), fetched.get(field)) else {
                context.inconclusive(Reason::SchemaBroken(field.into()));
                continue;
            };
            context.check(is_same(created, fetched), || {
                Violation::new(
                    format!("rooms.get: {field}"),
                    format!("`{field}` is {}, as in the response to rooms.create", shown(created)),
                    format!("it is {}", shown(fetched)),
                )
                .evidence(room.creation)
                .evidence(call)
            });
        }
    }
}

/// Returns whether two values are the same: an empty name is null or empty, and a date-time may be
/// written in more than one way.
fn is_same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_text = |value: &Value| value.is_string() || value.is_null();
    let instant = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    one == other
        || is_text(one) && is_text(other) && text(one) == text(other)
        || instant(one).is_some_and(|one| instant(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use crate::rules::room::view_agreement::testing::then;
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "name": "x"}"#;

    #[test]
    fn get_agrees_with_create() {
        let get = |overrides: &str| {
            then(&format!(
                r#"bob rooms.get $r1 => 200 @room {{"id": "$r1", "name": "x", {overrides}}}"#
            ))
        };
        const RULE: &str = "room/get-equals-create";
        assert_states(&[
            (RULE, Held, &get(r#""unread_count": 9"#)),
            (RULE, Held, &get(r#""created_at": "2025-10-19T12:00:00.000+02:00""#)),
            (RULE, Broken, &get(r#""created_at": "2025-10-19T10:00:01Z""#)),
            (RULE, Broken, &get(r#""name": """#)),
            (RULE, Broken, &get(r#""room_type": "group""#)),
            (RULE, Broken, &get(r#""id": "$r2""#)),
            (RULE, NotExercised, CREATED),
            (RULE, Undecided, &then("bob rooms.get $r1 => 500 @error")),
        ]);
        assert_eq!(verdict_of(RULE, &get(r#""task": "$absent""#)).observations, 5);
    }
}
