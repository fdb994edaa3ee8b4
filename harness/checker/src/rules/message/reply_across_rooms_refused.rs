//! Checks that a reply to a message of another room is rejected with 4xx. The sender must certainly
//! be a member of the active room, so that nothing else is wrong with the request.

use hearback_contract::RequirementId;

use super::rejection::{Rejection, expect_rejection, replies};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageReplyAcrossRoomsRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        let message = input.model.message(answered);
        let room = call.room_in_request();
        if message.is_some_and(|message| Some(message.room.borrowed()) != room) {
            let expected = "a reply to a message of another room is rejected";
            expect_rejection(call, Rejection::Any, "messages.send reply_to", expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{ANY, VALID_SEND, assert_responses, send};
    use crate::verdict::State::NotExercised;

    const RULE: &str = "message/reply-across-rooms-refused";

    #[test]
    fn replies_to_other_rooms_are_rejected() {
        assert_responses(RULE, &send(r#""content": "a", "reply_to": "$m2""#), ANY);
        assert_responses(RULE, VALID_SEND, &[("201 @message {\"id\": \"$m3\"}", NotExercised)]);
    }
}
