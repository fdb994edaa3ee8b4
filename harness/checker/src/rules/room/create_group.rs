//! Checks that a group is created with the requested name and type. The rejection of a request is
//! skipped if a server may have a reason for it: no name (`group-name`), an unusual name, unknown
//! or repeated participants, or an undocumented field.

use hearback_contract::RequirementId;

use super::creation_response::check_created;
use super::creations::{creations, known_users};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreateGroup, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("group")) {
        // A server may reject a group without a name (group-name).
        let may_be_rejected =
            !creation.is_ordinary(None, &known) || !creation.request.contains_key("name");
        check_created(&creation, "group", "name", |_| may_be_rejected, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn rooms_are_created_as_requested() {
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
                "201 @room {\"id\": \"$r1\", \"room_type\": \"group\", \"name\": \"x\"}\nexisting $r1",
            ),
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
    fn justified_rejections_are_skipped() {
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
