//! Checks that the response to an edit has the requested content. It abstains if other requests may
//! have changed the message meanwhile. Contents with control characters are skipped.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::requests::requested;
use super::successful_edits::edits;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::rules::text::is_storable;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageEditContent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, body) in edits(input, context) {
        let requested = requested(call, "content").and_then(Value::as_str);
        let Some(requested) = requested.filter(|content| is_storable(content)) else { continue };
        let Some(content) = member(body, "content", Value::as_str, context) else { continue };
        // Changes to white space at the ends are left to message/content-intact.
        context.check(content.trim() == requested.trim(), || {
            Violation::new(
                "messages.edit content",
                format!("content is {}", quoted(requested)),
                format!("content is {}", quoted(content)),
            )
            .evidence(message.origin)
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::successful_edits::testing::{SENT, edit};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn the_response_has_the_new_content() {
        let other = r#"[15..25] bob messages.edit $m1 {"content": "a"} => 200 @message {"id": "$m1", "content": "a"}"#;
        assert_states(&[
            ("message/edit-content", Held, &edit("", "")),
            ("message/edit-content", Broken, &edit(r#", "content": "a""#, "")),
            ("message/edit-content", Undecided, &edit(r#", "content": "a""#, other)),
            ("message/edit-content", NotExercised, SENT),
        ]);
    }
}
