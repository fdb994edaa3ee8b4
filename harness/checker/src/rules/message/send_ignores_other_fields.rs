//! Rule `message/send-ignores-other-fields`.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::examine;
use super::requests::{asked, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSendIgnoresOtherFields, check };

/// The server's to set, when a message is sent.
const OF_SEND: [&str; 8] =
    ["id", "sender", "is_deleted", "is_edited", "created_at", "edited_at", "deleted_at", "read_by"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        if asked(call, "content").is_some() && writable_room(input, call).is_some() {
            let sender = input.model.user_id(&call.invocation.actor);
            examine(input, call, &OF_SEND, sender, None, context);
        }
    }
}
