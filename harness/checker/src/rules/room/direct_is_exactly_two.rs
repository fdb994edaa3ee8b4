//! Checks that direct rooms with no other user, or more than one, are rejected with 4xx. The
//! creator and repeated ids do not count, because a server may ignore them. Requests with users who
//! may not exist are skipped.

use hearback_contract::RequirementId;

use super::creations::{creations, known_users};
use super::rejection::check_rejected;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDirectIsExactlyTwo, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        let Some(others) = creation.others().filter(|_| creation.participants_exist(&known)) else {
            continue;
        };
        let (variant, requested) = match others.len() {
            0 => ("without another user", "no other user".to_owned()),
            1 => continue,
            count => ("with more than two", format!("{count} other users")),
        };
        check_rejected(
            creation.call,
            context,
            variant,
            &format!("a direct room with {requested}"),
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
    fn invalid_rooms_are_rejected() {
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
            // A server may ignore the own id and repeated ids.
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
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
