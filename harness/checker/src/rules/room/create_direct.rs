//! Checks that a direct room with one other known user is created as a direct room. A rejection
//! with 400 or 409 is skipped, because the two users may already have a room
//! (`second-direct-room`), and so is the rejection of a request with another field that a server
//! may mind.

use hearback_contract::RequirementId;

use super::creation_response::check_created;
use super::creations::{creations, known_users};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreateDirect, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        if creation.others().is_none_or(|others| others.len() != 1) {
            continue;
        }
        // The two users may have had a room before the run (second-direct-room).
        let is_ordinary = creation.is_ordinary(None, &known);
        check_created(
            &creation,
            "direct",
            "room_type",
            |status| !is_ordinary || matches!(status, 400 | 409),
            context,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn an_existing_room_is_one_of_the_same_users() {
        let create = |users: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "direct", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "room_type": "direct", "participants": {users}}}
                existing $r1"#
            )
        };
        let users = |all: [u8; 2]| {
            let all = all.map(|id| format!(r#"@participant {{"user": {{"id": {id}}}}}"#));
            format!("[{}]", all.join(", "))
        };
        let rule = "room/create-direct";
        assert_states(&[
            (rule, Held, &create(&users([2, 1]))),
            (rule, Broken, &create(&users([3, 4]))),
            (rule, Broken, &create(&users([1, 3]))),
            (rule, Undecided, &create("null")),
        ]);
    }

    #[test]
    fn rooms_are_created_as_requested() {
        const DIRECT: &str =
            r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]}"#;
        let cases: &[(&str, _, &str, &str)] = &[
            ("room/create-direct", Held, DIRECT, "201 @room"),
            ("room/create-direct", Held, DIRECT, "200 @room"),
            ("room/create-direct", Broken, DIRECT, r#"201 @room {"room_type": "group"}"#),
            ("room/create-direct", Broken, DIRECT, "403 @error"),
            ("room/create-direct", Undecided, DIRECT, "400 @error"),
        ];
        for (requirement, state, request, response) in cases {
            assert_states(&[(requirement, *state, &format!("{request} => {response}"))]);
        }
    }
}
