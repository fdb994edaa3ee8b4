//! Checks that a room with a user id that certainly does not exist is rejected with 400 or 404.

use hearback_contract::{RequirementId, UserId};

use super::creations::{Creation, creations, first_unused_id};
use super::rejection::check_rejected;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::RoomUnknownParticipantRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let beyond = first_unused_id(input.history);
    for creation in creations(input.history) {
        let Some(unused) = unused(&creation, beyond) else { continue };
        check_rejected(
            creation.call,
            context,
            "a participant who does not exist",
            &format!("a room with user {unused}, who does not exist,"),
            |status| matches!(status, 400 | 404),
            "400 or 404",
        );
    }
}

fn unused(creation: &Creation<'_>, beyond: UserId) -> Option<UserId> {
    creation.others()?.into_iter().next_back().filter(|user| *user >= beyond)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn invalid_rooms_are_rejected() {
        const USER: &str = "room/unknown-participant-refused";
        let cases: &[(&str, _, &str, &str)] = &[
            (
                USER,
                Held,
                r#"{"room_type": "group", "participant_ids": [2, 999999999]}"#,
                "400 @error",
            ),
            (
                USER,
                Held,
                r#"{"room_type": "direct", "participant_ids": [999999999]}"#,
                "404 @error",
            ),
            (
                USER,
                Broken,
                r#"{"room_type": "group", "participant_ids": [2, 999999999]}"#,
                "201 @room",
            ),
            // The target may have a user 99.
            (USER, NotExercised, r#"{"room_type": "group", "participant_ids": [99]}"#, "201 @room"),
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
