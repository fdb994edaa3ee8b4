//! Checks that every read and event shows the content of a message as it was sent or last edited,
//! code point by code point. While an edit may be in progress, each possible content is right.
//! White space at both ends is left to `message/outer-space-intact`. Deleted messages are skipped,
//! and so are contents with control characters, which a server may change.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::observed_field::violation;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::rules::as_expected::AsExpected;
use crate::rules::text::is_storable;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageContentIntact, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut as_expected = AsExpected::of(input);
    for (observation, message) in input.model.recognized() {
        if as_expected.skips(observation, message, context) {
            continue;
        }
        if message.maybe_deleted(observation.at)
            || !message.contents(observation.at).all(is_storable)
        {
            continue;
        }
        let Some(content) = member(observation.value, "content", Value::as_str, context) else {
            continue;
        };
        let is_intact =
            message.contents(observation.at).any(|version| version.trim() == content.trim());
        as_expected.check(observation, is_intact, context, || {
            let sent = message.contents(observation.at).last().unwrap_or_default();
            let difference = first_difference(sent, content);
            violation(
                observation,
                message,
                "content",
                quoted(sent),
                format!("{}, different from character {difference}", quoted(content)),
            )
        });
    }
}

/// Returns the 1-based position of the first code point in which two texts differ.
fn first_difference(left: &str, right: &str) -> usize {
    left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count() + 1
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn content_is_as_sent_or_edited() {
        let edit = r#"[10..20] alice messages.edit $m1 {"content": "b"} => 200 @message {"id": "$m1", "content": "b"}"#;
        assert_states(&[
            ("message/content-intact", Held, &after("")),
            (
                "message/content-intact",
                Broken,
                &after(r#"bob messages.get $m1 => 200 @message {"id": "$m1", "content": "a €"}"#),
            ),
            (
                "message/content-intact",
                Broken,
                &after(&format!(
                    "{edit}\n[30..31] bob messages.get $m1 => 200 @message {{\"id\": \"$m1\", \"content\": \"a\\n€\"}}"
                )),
            ),
            // While an edit is in progress, or its outcome is unknown, both contents are right.
            (
                "message/content-intact",
                Held,
                &after(&format!(
                    "{edit}\n[15..31] bob messages.get $m1 => 200 @message {{\"id\": \"$m1\", \"content\": \"a\\n€\"}}"
                )),
            ),
            (
                "message/content-intact",
                Held,
                &after(
                    "alice messages.edit $m1 {\"content\": \"b\"} => 500 @error\nbob messages.get $m1 => 200 @message {\"id\": \"$m1\", \"content\": \"a\\n€\"}",
                ),
            ),
            // An edit with a value that is not a string may have converted it.
            (
                "message/content-intact",
                NotExercised,
                &after(
                    "alice messages.edit $m1 {\"content\": 5} => 200 @message {\"id\": \"$m1\", \"content\": \"5\"}",
                ),
            ),
            (
                "message/content-intact",
                Held,
                &after(
                    "alice messages.delete $m1 => ?\nbob messages.get $m1 => 200 @message {\"id\": \"$m1\", \"content\": \"[Message deleted]\"}",
                ),
            ),
        ]);
    }

    #[test]
    fn corruption_on_the_socket_is_found() {
        let socket = |shown: &str| {
            format!(
                r#"
                alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice@r1 open
                alice@r1 -> {{"type": "chat_message", "message": "<b>"}}
                alice@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "sender": {{"id": 1}}, "content": "{shown}"}}}}
                "#
            )
        };
        assert_states(&[
            ("message/content-intact", Held, &socket("<b>")),
            ("message/content-intact", Broken, &socket("&lt;b&gt;")),
        ]);
    }
}
