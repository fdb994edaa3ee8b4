//! Rule `message/reply-to-unknown-refused`.

use hearback_contract::RequirementId;
use hearback_history::synthetic_ids;

use super::rejection::{Refusal, expect_refusal, replies};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageReplyToUnknownRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, answered) in replies(input) {
        if synthetic_ids::is_uuid(answered) {
            let expected = "a reply to a message that does not exist is refused";
            expect_refusal(call, Refusal::Any, "messages.send reply_to", expected, context);
        }
    }
}
