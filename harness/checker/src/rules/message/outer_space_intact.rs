//! Checks that white space at both ends of a content is kept. Only contents that have some are
//! compared, and other differences are left to `message/content-intact`.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::observed_field::violation;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::rules::text::is_storable;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageOuterSpaceIntact, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognized() {
        let has_outer_space = |content: &str| content.trim() != content && is_storable(content);
        if message.maybe_deleted(observation.at)
            || !message.contents(observation.at).all(has_outer_space)
        {
            continue;
        }
        let Some(content) = member(observation.value, "content", Value::as_str, context) else {
            continue;
        };
        let has_same_words = |version: &str| version.trim() == content.trim();
        if !message.contents(observation.at).any(has_same_words) {
            continue;
        }
        let is_intact = message.contents(observation.at).any(|version| version == content);
        context.check(is_intact, || {
            let sent = message.contents(observation.at).last().unwrap_or_default();
            violation(observation, message, "content", quoted(sent), quoted(content))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn outer_space_is_kept() {
        let shown = |sent: &str, shown: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice messages.send {{"room": "$r1", "content": "{sent}"}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "{shown}"}}"#
            )
        };
        const KEPT: &str = "message/outer-space-intact";
        const INTACT: &str = "message/content-intact";
        assert_states(&[
            (KEPT, Held, &shown("  two words ", "  two words ")),
            (KEPT, Broken, &shown("  two words ", "two words")),
            (KEPT, NotExercised, &shown("  two words ", "two&nbsp;words")),
            (KEPT, NotExercised, &shown("two  words", "two words")),
            (INTACT, Held, &shown("  two words ", "two words")),
            (INTACT, Broken, &shown("  two words ", "two&nbsp;words")),
            (INTACT, Broken, &shown("two  words", "two words")),
        ]);
    }
}
