//! Rule `message/edit-ignores-other-fields`.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::examine;
use super::requests::{asked, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditIgnoresOtherFields, check };

/// The server's, or not to be changed, when a message is edited.
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
            examine(input, call, &OF_EDIT, sender, Some(message), context);
        }
    }
}
