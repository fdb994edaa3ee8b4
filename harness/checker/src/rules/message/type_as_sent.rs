//! Checks that a message that was sent as text, without a file, has `message_type` `text` in every
//! read and event. Deleted messages are skipped.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::observed_field::{is_plain, violation};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::rules::as_expected::AsExpected;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageTypeAsSent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        let is_text = is_plain(message) && message.message_type.is_none_or(|kind| kind == "text");
        if !is_text || message.maybe_deleted(observation.at) {
            continue;
        }
        if let Some(kind) = member(observation.value, "message_type", Value::as_str, context) {
            as_expected.check(observation, kind == "text", context, || {
                violation(observation, message, "message_type", "text".to_owned(), kind.to_owned())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn the_field_is_as_sent() {
        let get = |fields: &str| {
            after(&format!(
                r#"bob messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "a\n€"{fields}}}"#
            ))
        };
        assert_states(&[
            ("message/type-as-sent", Held, &get("")),
            ("message/type-as-sent", Broken, &get(r#", "message_type": "system""#)),
        ]);
    }
}
