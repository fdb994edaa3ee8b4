//! Checks that senders cannot edit a message without a file to empty content: the request must be
//! rejected with 4xx.

use hearback_contract::RequirementId;

use super::observed_field::is_plain;
use super::rejection::{Rejection, edits, expect_rejection};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditToNothingRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        if content.is_empty() && call.invocation.actor == message.sender && is_plain(message) {
            let expected = "a message cannot be edited to nothing";
            expect_rejection(call, Rejection::Any, "messages.edit content", expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{ANY, assert_responses};

    #[test]
    fn edits_to_empty_content_are_rejected() {
        let to_nothing = r#"alice messages.edit $m1 {"content": ""}"#;
        assert_responses("message/edit-to-nothing-refused", to_nothing, ANY);
    }
}
