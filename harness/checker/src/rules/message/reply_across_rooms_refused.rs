//! Rule `message/reply-across-rooms-refused`.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::rejection::{Refusal, expect_refusal, replies};
use super::requests::asked;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageReplyAcrossRoomsRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        let room = asked(call, "room").and_then(Value::as_str);
        let message = input.model.messages.get(answered);
        if message.is_some_and(|message| Some(message.room.as_str()) != room) {
            let expected = "a reply to a message of another room is refused";
            expect_refusal(call, Refusal::Any, "messages.send reply_to", expected, context);
        }
    }
}
