//! Checks that a reply to a message id that hearback made up is rejected with 4xx. The sender must
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
        if synthetic_ids::is_uuid(answered) {
            let expected = "a reply to a message that does not exist is rejected";
            expect_rejection(call, Rejection::Any, "messages.send reply_to", expected, context);
        }
    }
}
