//! Checks that `participants.add` with a user id that certainly does not exist is rejected with 400
//! or 404. The request must come from an admin, and the room must not be direct, so that nothing
//! else is wrong with it.

use hearback_contract::{Operation, RequirementId, UserId};

use super::responses::{check_status, is_by_admin};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::room::first_unused_id;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantAddUnknownRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let beyond = first_unused_id(input.history);
    for call in input.history.calls_of(Operation::ParticipantsAdd) {
        let user =
            call.request.as_ref().and_then(|body| body.get("user").and_then(UserId::from_json));
        let (Some(room), Some(user)) = (input.model.room_of(call), user) else { continue };
        let is_direct = room.room_type == Some("direct");
        if user >= beyond && !is_direct && is_by_admin(input, room, call) {
            let expected =
                || format!("adding user {user}, who does not exist, is rejected with 400 or 404");
            let is_expected = |status| matches!(status, 400 | 404);
            check_status(call, is_expected, ("a user who does not exist", expected), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::synthetic_ids;

    use crate::rules::participant::roster::testing::CREATED;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn unknown_users_cannot_be_added() {
        let rule = "participant/add-unknown-refused";
        let add = |who: &str, user: i64, answer: &str| {
            format!(
                r#"{CREATED}
                {who} participants.add {{"room": "$r1", "user": {user}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &add("alice", synthetic_ids::NUMBER, "400 @error")),
            (rule, Held, &add("alice", synthetic_ids::NUMBER, "404 @error")),
            (rule, Broken, &add("alice", synthetic_ids::NUMBER, "201 {}")),
            (rule, Broken, &add("alice", synthetic_ids::NUMBER, "403 @error")),
            (rule, Undecided, &add("alice", synthetic_ids::NUMBER, "500 @error")),
            (rule, NotExercised, &add("bob", synthetic_ids::NUMBER, "403 @error")),
            (rule, NotExercised, &add("alice", 77, "201 {}")),
        ]);
    }
}
