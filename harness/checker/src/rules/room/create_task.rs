//! Checks that a task room is created with the requested `task` and type. A rejection with 400, 404
//! or 409 is skipped, because the history does not show whether the target knows the task
//! (`task-and-property`).

use hearback_contract::RequirementId;

use super::creation_response::check_creations_about;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreateTask, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_creations_about(input, "task", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn rooms_are_created_as_requested() {
        const TASK: &str =
            r#"alice rooms.create {"room_type": "task", "task": 42, "participant_ids": [2]}"#;
        let cases: &[(&str, _, &str, &str)] = &[
            ("room/create-task", Held, TASK, r#"201 @room {"room_type": "task", "task": 42}"#),
            ("room/create-task", Broken, TASK, r#"201 @room {"room_type": "task", "task": null}"#),
            ("room/create-task", Broken, TASK, r#"201 @room {"room_type": "task", "task": 41}"#),
            ("room/create-task", Undecided, TASK, "400 @error"),
        ];
        for (requirement, state, request, response) in cases {
            assert_states(&[(requirement, *state, &format!("{request} => {response}"))]);
        }
    }
}
