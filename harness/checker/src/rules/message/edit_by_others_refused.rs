//! Checks that an edit by another member is rejected with 403 or 404. The sender must be certain,
//! and the message certainly not deleted.

use hearback_contract::RequirementId;

use super::rejection::{Rejection, edits, expect_rejection};
use crate::model::Origin;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditByOthersRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        let editor = input.model.user_id(&call.invocation.actor);
        let is_other = editor != input.model.user_id(&message.sender);
        // The sender of an ambiguous message is known only if the id came in the response to a REST send.
        let is_known =
            matches!(message.origin, Origin::Rest(_)) || !input.model.is_ambiguous(message);
        if is_other && is_known && !content.trim().is_empty() {
            let accepted = Rejection::OneOf(&[403, 404]);
            let expected = format!("only {}, who sent the message, can edit it", message.sender);
            expect_rejection(call, accepted, "messages.edit", &expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::assert_responses;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "message/edit-by-others-refused";

    #[test]
    fn edits_by_other_members_are_rejected() {
        let by_bob = r#"bob messages.edit $m1 {"content": "x"}"#;
        let responses = [
            ("403 @error", Held),
            ("404 @error", Held),
            ("400 @error", Broken),
            ("200 @message {\"id\": \"$m1\"}", Broken),
        ];
        assert_responses(RULE, by_bob, &responses);
        let deleted = format!("alice messages.delete $m1 => ?\n{by_bob}");
        assert_responses(RULE, &deleted, &[("400 @error", NotExercised)]);
        let outsider = r#"carol messages.edit $m1 {"content": "x"}"#;
        assert_responses(RULE, outsider, &[("400 @error", NotExercised)]);
    }
}
