//! Checks that a property room is created with the requested `property` and type. A rejection with
//! 400, 404 or 409 is skipped, because the history does not show whether the target knows the
//! property (`task-and-property`).

use hearback_contract::RequirementId;

use super::creation_response::check_creations_about;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreateProperty, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_creations_about(input, "property", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn rooms_are_created_as_requested() {
        let cases: &[(&str, _, &str, &str)] = &[];
        for (requirement, state, request, response) in cases {
            assert_states(&[(requirement, *state, &format!("{request} => {response}"))]);
        }
        assert_states(&[
            (
                "room/create-property",
                Held,
                r#"alice rooms.create {"room_type": "property", "property": 7, "participant_ids": [2]} => 201 @room {"room_type": "property", "property": 7}"#,
            ),
            (
                "room/create-property",
                Broken,
                r#"alice rooms.create {"room_type": "property", "property": 7, "participant_ids": [2]} => 201 @room {"room_type": "property", "task": 7}"#,
            ),
        ]);
    }
}
