//! Checks that `rooms.create` does not adopt fields that only the server sets. Either the request
//! is rejected, or the response does not have the requested values. Values that a new room has
//! anyway are skipped.

use hearback_contract::{RequirementId, UserId};

use super::creations::creations;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::mass_assignment;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::RoomCreateIgnoresOtherFields, check };

const FIELDS: [&str; 7] = [
    "id",
    "created_by",
    "is_active",
    "archived_at",
    "created_at",
    "unread_count",
    "participant_count",
];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for creation in creations(input.history).filter(|it| !it.returns_existing) {
        let requested = |field: &str| creation.request.get(field);
        // A value that the room has anyway shows nothing.
        let is_default = |field: &str| match field {
            "is_active" => requested(field) != Some(&false.into()),
            "created_by" => {
                let requested = requested(field).and_then(|it| {
                    UserId::from_json(it).or_else(|| it.get("id").and_then(UserId::from_json))
                });
                requested.is_none() || requested == creation.creator
            }
            _ => false,
        };
        let fields: Vec<_> = FIELDS.into_iter().filter(|field| !is_default(field)).collect();
        mass_assignment::check(creation.call, &fields, Vec::new, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn other_fields_are_not_adopted() {
        let rule = "room/create-ignores-other-fields";
        let create = |field: &str, answer: &str| {
            format!(r#"alice rooms.create {{"room_type": "group", {field}}} => {answer}"#)
        };
        assert_states(&[
            (rule, Held, &create(r#""created_by": 2"#, r#"201 @room {"created_by": {"id": 1}}"#)),
            (rule, Broken, &create(r#""created_by": 2"#, r#"201 @room {"created_by": {"id": 2}}"#)),
            (
                rule,
                NotExercised,
                &create(r#""created_by": 1"#, r#"201 @room {"created_by": {"id": 1}}"#),
            ),
            (rule, Broken, &create(r#""is_active": false"#, r#"201 @room {"is_active": false}"#)),
            (rule, Held, &create(r#""is_active": false"#, r#"201 @room {"is_active": true}"#)),
            (rule, NotExercised, &create(r#""is_active": true"#, "201 @room")),
            (rule, Broken, &create(r#""unread_count": 77"#, r#"201 @room {"unread_count": 77}"#)),
            (rule, Held, &create(r#""id": "$r9""#, "400 @error")),
            (rule, Undecided, &create(r#""id": "$r9""#, "500 @error")),
        ]);
    }
}
