//! Checks that an edited message has `is_edited` true and an `edited_at`, in the response to the
//! edit and in every later REST read. Deleted messages are skipped.

use hearback_contract::{Operation, RequirementId};
use serde_json::Value;

use crate::model::{Message, MessageObservation, Transport};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, shown};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageEditFlags, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognized() {
        let is_answer = observation.operation == Some(Operation::MessagesEdit);
        let is_edited = is_answer || message.is_edited(observation.at) == Some(true);
        if !is_edited
            || observation.transport != Transport::Rest
            || message.maybe_deleted(observation.at)
        {
            continue;
        }
        let flag = member(observation.value, "is_edited", Value::as_bool, context);
        if let Some(flag) = flag {
            context.check(flag, || violation(observation, message, "is_edited"));
        }
        let time = member(observation.value, "edited_at", Some, context);
        if let Some(time) = time {
            context.check(!time.is_null(), || violation(observation, message, "edited_at"));
        }
    }
}

fn violation<'h>(
    observation: &MessageObservation<'h>,
    message: &Message<'h>,
    field: &'static str,
) -> Violation<'h> {
    Violation::new(
        format!("{field} in {}", observation.place()),
        "an edited message has is_edited true and edited_at set",
        format!("{field} is {}", shown(&observation.value[field])),
    )
    .evidence(message.origin)
    .evidence(observation.evidence)
}

#[cfg(test)]
mod tests {
    use crate::rules::message::successful_edits::testing::edit;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn edited_messages_have_both_flags() {
        let get = |time: &str, fields: &str| {
            format!(
                r#"{time} bob messages.get $m1 => 200 @message {{"id": "$m1", "content": "b"{fields}}}"#
            )
        };
        assert_states(&[
            ("message/edit-flags", Held, &edit("", "")),
            ("message/edit-flags", Broken, &edit(r#", "is_edited": false"#, "")),
            ("message/edit-flags", Broken, &edit(r#", "edited_at": null"#, "")),
            ("message/edit-flags", Broken, &edit("", &get("[40..41]", ""))),
            ("message/edit-flags", Held, &edit("", &get("[25..41]", ""))),
        ]);
    }
}
