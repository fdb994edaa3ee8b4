//! Checks that a reply or receipt for a message that is not in the room is answered with `error`.
//! Every such frame on an open socket must be answered with an `error` on the same connection. The
//! answer is missing only if something else that was sent later was answered, or if the socket
//! stayed open long enough; the user must certainly be a member all the while.

use hearback_contract::RequirementId;

use super::error_answers::expect_errors;
use crate::model::InvalidFrameKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketForeignReference, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_errors(input, InvalidFrameKind::ForeignReference, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::error_answers::testing::assert_error_required;

    #[test]
    fn foreign_references_are_answered_with_error() {
        assert_error_required(
            "socket/foreign-reference",
            r#"{"type": "read_receipt", "message_id": "$m2"}"#,
        );
    }
}
