//! Rule `room/unknown-participant-refused`.

use hearback_contract::RequirementId;

use super::creations::{Creation, beyond_all, creations};
use super::rejection::check_refused;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::RoomUnknownParticipantRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let beyond = beyond_all(input.history);
    for creation in creations(input.history) {
        let Some(stranger) = stranger(&creation, beyond) else { continue };
        check_refused(
            creation.call,
            context,
            "a participant who does not exist",
            &format!("a room with user {stranger}, who does not exist,"),
            |status| matches!(status, 400 | 404),
            "400 or 404",
        );
    }
}

fn stranger(creation: &Creation<'_>, beyond: i64) -> Option<i64> {
    creation.others()?.into_iter().next_back().filter(|user| *user >= beyond)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn bad_rooms_are_refused() {
        const USER: &str = "room/unknown-participant-refused";
        let cases: &[(&str, _, &str, &str)] = &[
            // Naming oneself may be ignored, and so may naming somebody twice.
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
            // Whether there is a user 99 at the target nobody knows.
            (USER, NotExercised, r#"{"room_type": "group", "participant_ids": [99]}"#, "201 @room"),
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
