//! Checks that `messages.send` does not adopt fields that only the server sets. Either the request
//! is rejected, or the response does not have the requested values.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::check_fields;
use super::requests::{asked, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSendIgnoresOtherFields, check };

/// Fields that only the server sets.
const OF_SEND: [&str; 8] =
    ["id", "sender", "is_deleted", "is_edited", "created_at", "edited_at", "deleted_at", "read_by"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        if asked(call, "content").is_some() && writable_room(input, call).is_some() {
            let sender = input.model.user_id(&call.invocation.actor);
            check_fields(input, call, &OF_SEND, sender, None, context);
        }
    }
}
