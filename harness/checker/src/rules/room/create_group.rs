//! Rule `room/create-group`.

use hearback_contract::RequirementId;

use super::creation_response::check_made;
use super::creations::{creations, known_users};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreateGroup, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("group")) {
        // A group may be refused for having no name (group-name).
        let is_refusable =
            !creation.is_ordinary(None, &known) || !creation.request.contains_key("name");
        check_made(&creation, "group", "name", |_| is_refusable, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn rooms_are_made_as_asked() {
        const GROUP: &str =
            r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]}"#;
        const DIRECT: &str =
            r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]}"#;
        let cases: &[(&str, _, &str, &str)] = &[
            ("room/create-group", Held, GROUP, r#"201 @room {"room_type": "group", "name": "x"}"#),
            (
                "room/create-group",
                Broken,
                GROUP,
                r#"201 @room {"room_type": "group", "name": "y"}"#,
            ),
            (
                "room/create-group",
                Broken,
                GROUP,
                r#"201 @room {"room_type": "group", "name": null}"#,
            ),
            ("room/create-group", Broken, GROUP, r#"201 @room {"room_type": "task", "name": "x"}"#),
            ("room/create-group", Broken, GROUP, "400 @error"),
            ("room/create-group", Undecided, GROUP, "500 @error"),
            ("room/create-group", NotExercised, GROUP, "401 @error"),
            ("room/create-group", NotExercised, GROUP, "?"),
            ("room/create-group", NotExercised, DIRECT, "201 @room"),
        ];
        for (requirement, state, request, response) in cases {
            assert_states(&[(requirement, *state, &format!("{request} => {response}"))]);
        }
    }

    #[test]
    fn what_may_be_refused_is_not_held_against_the_target() {
        for request in [
            r#"{"room_type": "group", "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": " ", "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [999]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [2, 2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [1, 2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": "2"}"#,
            r#"{"room_type": "group", "name": 5, "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [2], "colour": "red"}"#,
        ] {
            let history = format!("alice rooms.create {request} => 400 @error");
            assert_states(&[("room/create-group", Undecided, &history)]);
        }
    }
}
