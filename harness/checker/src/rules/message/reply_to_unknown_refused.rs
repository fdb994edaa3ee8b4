//! Checks that a reply to a message id that hearback invented is rejected with 4xx. The sender must
//! certainly be a member of the active room, so that nothing else is wrong with the request.

use hearback_contract::RequirementId;
use hearback_history::synthetic_ids;

use super::rejection::{Rejection, expect_rejection, replies};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageReplyToUnknownRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        if synthetic_ids::is_uuid(answered.as_str()) {
            let expected = "a reply to a message that does not exist is rejected";
            expect_rejection(call, Rejection::Any, "messages.send reply_to", expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{ANY, VALID_SEND, assert_responses, send};
    use crate::verdict::State::NotExercised;

    const RULE: &str = "message/reply-to-unknown-refused";

    #[test]
    fn replies_to_unknown_messages_are_rejected() {
        assert_responses(RULE, &send(r#""content": "a", "reply_to": "NONE""#), ANY);
        assert_responses(RULE, VALID_SEND, &[("201 @message {\"id\": \"$m3\"}", NotExercised)]);
    }
}
