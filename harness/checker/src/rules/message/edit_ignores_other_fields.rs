//! Checks that `messages.edit` does not adopt fields that only the server sets. Either the request
//! is rejected, or the response does not have the requested values. Only edits by the sender in an
//! active room count.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::check_fields;
use super::requests::{asked, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditIgnoresOtherFields, check };

/// Fields that an edit must not change.
const OF_EDIT: [&str; 6] = ["id", "sender", "room", "is_deleted", "created_at", "read_by"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesEdit) {
        let message = call.subject().and_then(|id| input.model.messages.get(id));
        let Some(message) = message.filter(|it| it.sender == call.invocation.actor) else {
            continue;
        };
        let is_deleted = message.maybe_deleted(call.interval());
        if asked(call, "content").is_some() && !is_deleted && writable_room(input, call).is_some() {
            let sender = input.model.user_id(&message.sender);
            check_fields(input, call, &OF_EDIT, sender, Some(message), context);
        }
    }
}
