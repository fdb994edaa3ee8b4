//! Rule `message/edit-to-nothing-refused`.

use hearback_contract::RequirementId;

use super::observed_field::is_plain;
use super::rejection::{Refusal, edits, expect_refusal};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditToNothingRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        if content.is_empty() && call.invocation.actor == message.sender && is_plain(message) {
            let expected = "a message cannot be edited to nothing";
            expect_refusal(call, Refusal::Any, "messages.edit content", expected, context);
        }
    }
}
