//! Checks that `messages.send` does not adopt fields that only the server sets. Either the request
//! is rejected, or the response does not have the requested values.

use hearback_contract::{Operation, RequirementId};

use super::mass_assignment::check_fields;
use super::requests::{requested, writable_room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSendIgnoresOtherFields, check };

/// Fields that only the server sets.
const OF_SEND: [&str; 8] =
    ["id", "sender", "is_deleted", "is_edited", "created_at", "edited_at", "deleted_at", "read_by"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        if requested(call, "content").is_some() && writable_room(input, call).is_some() {
            let sender = input.model.user_id(&call.invocation.actor);
            check_fields(input, call, &OF_SEND, sender, None, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::mass_assignment::testing::{FIELDS, OWN, then};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const RULE: &str = "message/send-ignores-other-fields";

    #[test]
    fn other_fields_are_not_adopted() {
        let more = [("is_edited", "true", "true"), ("id", r#""$m9""#, r#""$m9""#)];
        for (field, requested, shown) in FIELDS.into_iter().chain(more) {
            let history = |answer: &str| {
                then(&format!(
                    r#"alice messages.send {{"room": "$r1", "content": "b", "{field}": {requested}}} => {answer}"#
                ))
            };
            let adopted = format!(r#"201 @message {{{OWN}, "{field}": {shown}}}"#);
            let ignored = format!("201 @message {{{OWN}}}");
            assert_states(&[
                (RULE, Broken, &history(&adopted)),
                (RULE, Held, &history(&ignored)),
                (RULE, Held, &history("400 @error")),
                (RULE, Undecided, &history("500 @error")),
            ]);
        }
    }
}
