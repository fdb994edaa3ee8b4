//! Rule `message/edit-by-others-refused`.

use hearback_contract::RequirementId;

use super::rejection::{Refusal, edits, expect_refusal};
use crate::model::Origin;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditByOthersRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, content) in edits(input) {
        let editor = input.model.user_id(&call.invocation.actor);
        let is_other = editor != input.model.user_id(&message.sender);
        // Whose a ambiguous message is may be unknown, unless its id was given to its sender.
        let is_known =
            matches!(message.origin, Origin::Rest(_)) || !input.model.is_ambiguous(message);
        if is_other && is_known && !content.trim().is_empty() {
            let accepted = Refusal::OneOf(&[403, 404]);
            let expected = format!("only {}, who sent the message, can edit it", message.sender);
            expect_refusal(call, accepted, "messages.edit", &expected, context);
        }
    }
}
