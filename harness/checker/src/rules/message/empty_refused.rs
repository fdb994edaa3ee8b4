//! Checks that a message with neither content nor attachment is rejected with 400. The sender must
//! certainly be a member of the active room.

use hearback_contract::{Operation, RequirementId};

use super::rejection::{Rejection, expect_rejection};
use super::requests::{requested, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageEmptyRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        let is_empty = requested(call, "content").is_none_or(|content| content == "");
        if is_empty
            && requested(call, "attachment").is_none()
            && writable_room(input, call).is_some()
        {
            let is_given = call.request.as_ref().is_some_and(|body| body.get("content").is_some());
            let variant =
                if is_given { "messages.send content" } else { "messages.send no content" };
            let expected = "a message with neither content nor attachment is rejected";
            expect_rejection(call, Rejection::OneOf(&[400]), variant, expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{
        BAD_REQUEST, VALID_SEND, assert_responses, send,
    };
    use crate::verdict::State::NotExercised;

    const RULE: &str = "message/empty-refused";

    #[test]
    fn empty_messages_are_rejected() {
        assert_responses(RULE, &send(r#""content": """#), BAD_REQUEST);
        assert_responses(RULE, &send(r#""message_type": "text""#), BAD_REQUEST);
        assert_responses(RULE, VALID_SEND, &[("201 @message {\"id\": \"$m3\"}", NotExercised)]);
    }
}
