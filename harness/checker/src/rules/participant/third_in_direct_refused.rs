//! Checks that adding a third user to a direct room is rejected with 4xx. The request must come
//! from a member of the active room, and the user must never have been a member.

use hearback_contract::{Operation, RequirementId, UserId};

use super::responses::check_status;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantThirdInDirectRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsAdd) {
        let at = call.interval();
        let user =
            call.request.as_ref().and_then(|body| body.get("user").and_then(UserId::from_json));
        let by = input.model.user_id(&call.invocation.actor);
        let (Some(room), Some(user), Some(by)) = (input.model.room_of(call), user, by) else {
            continue;
        };
        let mut memberships = room.members.get(&user).into_iter().flatten();
        let is_third = memberships.all(|membership| membership.joined.invoked == at.invoked);
        let may_write =
            call.is_authorized() && room.surely_member(by, at) && room.surely_active(at);
        if room.room_type == Some("direct") && is_third && may_write {
            let expected = || {
                format!("adding user {user} to a direct room of two others is rejected with 4xx")
            };
            let is_expected = |status| (400..500).contains(&status);
            check_status(call, is_expected, ("a third in a direct room", expected), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn direct_rooms_reject_a_third_user() {
        let rule = "participant/third-in-direct-refused";
        let add = |room_type: &str, user: u32, answer: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "{room_type}", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "created_by": {{"id": 1}}, "last_message": null}}
                alice participants.add {{"room": "$r1", "user": {user}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &add("direct", 3, "400 @error")),
            (rule, Held, &add("direct", 3, "403 @error")),
            (rule, Broken, &add("direct", 3, "201 {}")),
            (rule, NotExercised, &add("direct", 2, "200 {}")),
            (rule, NotExercised, &add("group", 3, "201 {}")),
        ]);
    }
}
