//! Checks that `messages.edit` does not adopt fields that only the server sets. Either the request
//! is rejected, or the response does not have the requested values. Only edits by the sender in an
//! active room count.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::check_fields;
use super::requests::{requested, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditIgnoresOtherFields, check };

/// Fields that an edit must not change.
const OF_EDIT: [&str; 6] = ["id", "sender", "room", "is_deleted", "created_at", "read_by"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesEdit) {
        let message = call.message_in_path().and_then(|id| input.model.message(id));
        let Some(message) = message.filter(|it| it.sender == call.invocation.actor) else {
            continue;
        };
        let is_deleted = message.maybe_deleted(call.interval());
        if requested(call, "content").is_some()
            && !is_deleted
            && writable_room(input, call).is_some()
        {
            let sender = input.model.user_id(&message.sender);
            check_fields(input, call, &OF_EDIT, sender, Some(message), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::mass_assignment::testing::{FIELDS, OWN, then};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "message/edit-ignores-other-fields";

    #[test]
    fn other_fields_are_not_adopted() {
        let more = [("room", r#""$r2""#, r#""$r2""#)];
        for (field, requested, shown) in FIELDS.into_iter().chain(more) {
            let history = |answer: &str| {
                then(&format!(
                    r#"alice messages.edit $m1 {{"content": "b", "{field}": {requested}}} => {answer}"#
                ))
            };
            let adopted = format!(r#"200 @message {{{OWN}, "{field}": {shown}}}"#);
            let ignored = format!("200 @message {{{OWN}}}");
            assert_states(&[
                (RULE, Broken, &history(&adopted)),
                (RULE, Held, &history(&ignored)),
                (RULE, Held, &history("400 @error")),
                (RULE, NotExercised, &history("?")),
            ]);
        }
    }
}
