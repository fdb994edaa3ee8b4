//! Rule `room/direct-is-exactly-two`.

use hearback_contract::RequirementId;

use super::creations::{creations, known_users};
use super::rejection::check_refused;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDirectIsExactlyTwo, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        let Some(others) = creation.others().filter(|_| creation.asks_for_known(&known)) else {
            continue;
        };
        let (variant, asked) = match others.len() {
            0 => ("with nobody else", "nobody else".to_owned()),
            1 => continue,
            count => ("with more than two", format!("{count} others")),
        };
        check_refused(
            creation.call,
            context,
            variant,
            &format!("a direct room with {asked}"),
            |status| (400..500).contains(&status),
            "4xx",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn bad_rooms_are_refused() {
        const DIRECT: &str = "room/direct-is-exactly-two";
        let cases: &[(&str, _, &str, &str)] = &[
            (DIRECT, Held, r#"{"room_type": "direct", "participant_ids": []}"#, "400 @error"),
            (DIRECT, Held, r#"{"room_type": "direct"}"#, "403 @error"),
            (DIRECT, Broken, r#"{"room_type": "direct"}"#, "201 @room"),
            (DIRECT, Broken, r#"{"room_type": "direct", "participant_ids": [1]}"#, "201 @room"),
            (DIRECT, Broken, r#"{"room_type": "direct", "participant_ids": [2, 3]}"#, "201 @room"),
            (
                DIRECT,
                Undecided,
                r#"{"room_type": "direct", "participant_ids": [2, 3]}"#,
                "500 @error",
            ),
            // Naming oneself may be ignored, and so may naming somebody twice.
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [1, 2]}"#,
                "201 @room",
            ),
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [2, 2]}"#,
                "201 @room",
            ),
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [2, 999]}"#,
                "201 @room",
            ),
            // Whether there is a user 99 at the target nobody knows.
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
