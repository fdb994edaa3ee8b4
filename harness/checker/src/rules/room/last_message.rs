//! Checks that `last_message` in `rooms.get` is the newest message with its current content, or
//! null in a room without messages. The newest message must be certain: sends, edits or deletions
//! that overlap each other or the read, and messages of unknown origin, make it abstain. Viewers
//! who joined later are skipped, because earlier messages may be hidden from them.

use hearback_contract::{MessageRef, Operation, RequirementId};
use serde_json::Value;

use super::newest_message::{contents, either, newest, reads, with_evidence};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::rules::text::is_storable;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomLastMessage, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in reads(input, Operation::RoomsGet) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let object_or_null =
            |value: &'h Value| (value.is_null() || value.is_object()).then_some(value);
        let Some(last) = member(body, "last_message", object_or_null, context) else {
            continue;
        };
        let Some(newest) = newest(input, room, call, context) else { continue };
        if last.get("message_type").and_then(Value::as_str) == Some("system") {
            context.inconclusive(Reason::ForeignMessages);
            continue;
        }
        let id = last.get("id").and_then(MessageRef::from_json);
        if id.is_none() && last.is_object() {
            context.inconclusive(Reason::SchemaBroken("last_message.id".into()));
            continue;
        }
        context.check(id == newest.map(|message| message.id.borrowed()), || {
            let (variant, expected) = match newest {
                Some(message) => ("id", format!("`last_message` is {}, the newest", message.id)),
                None => {
                    ("no message", "`last_message` is null in a room without messages".to_owned())
                }
            };
            let actual = format!("it is {}", id.map_or("null", MessageRef::as_str));
            let violation =
                Violation::new(format!("rooms.get: last_message {variant}"), expected, actual);
            with_evidence(violation, newest, call)
        });
        let Some(message) = newest.filter(|message| id == Some(message.id.borrowed())) else {
            continue;
        };
        let Some(content) = member(last, "content", Value::as_str, context) else { continue };
        // A server may remove control characters (ambiguity `control-characters`).
        if !contents(message, call).into_iter().all(is_storable) {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        // White space at the ends is left to `message/outer-space-intact`.
        let is_same = |version: &&str| version.trim() == content.trim();
        context.check(contents(message, call).iter().any(is_same), || {
            let violation = Violation::new(
                "rooms.get: last_message content",
                format!("the content of `last_message` is {}", either(&contents(message, call))),
                format!("it is {}", quoted(content)),
            );
            with_evidence(violation, newest, call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::newest_message::testing::with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "hello world"} => 201 @message {"id": "$m1", "room": "$r1", "content": "hello world", "created_at": "2025-10-19T15:00:00Z"}"#;

    #[test]
    fn the_last_message_is_the_newest() {
        const RULE: &str = "room/last-message";
        let get = |between: &str, last: &str| {
            with(between, "rooms.get $r1", &format!(r#""last_message": {last}"#))
        };
        let first = r#"{"id": "$m1", "content": "hello world"}"#;
        let edit = format!(
            r#"{SENT}
            bob messages.edit $m1 {{"content": "bye"}} => 200 @message {{"id": "$m1", "room": "$r1"}}"#
        );
        assert_states(&[
            (RULE, Held, &get(SENT, first)),
            (RULE, Held, &get("", "null")),
            (RULE, Broken, &get("", first)),
            (RULE, Broken, &get(SENT, "null")),
            (RULE, Broken, &get(SENT, r#"{"id": "$m2"}"#)),
            (RULE, Broken, &get(SENT, r#"{"id": "$m1", "content": "hello"}"#)),
            (
                RULE,
                Held,
                &get(
                    &SENT.replace("hello", r"\u0007hello"),
                    r#"{"id": "$m1", "content": "hello world"}"#,
                ),
            ),
            (RULE, Held, &get(&edit, r#"{"id": "$m1", "content": "bye"}"#)),
            (RULE, Broken, &get(&edit, first)),
            (RULE, Undecided, &get(SENT, r#"{"id": "$m3", "message_type": "system"}"#)),
            (RULE, Undecided, &get(SENT, "5")),
            // An edit of unknown outcome, a deletion, and a message of unknown origin make it uncertain.
            (RULE, Undecided, &get(&edit.replace("=> 200", "=> 500"), first)),
            (RULE, Undecided, &get(&format!("{SENT}\nbob messages.delete $m1 => 200 {{}}"), first)),
            (
                RULE,
                Undecided,
                &get(
                    &format!(
                        r#"{SENT}
                        bob messages.list ?room=$r1 => 200 {{"results": [@message {{"id": "$m9", "room": "$r1"}}]}}"#
                    ),
                    "null",
                ),
            ),
        ]);
    }

    #[test]
    fn overlapping_sends_make_the_newest_message_uncertain() {
        const RULE: &str = "room/last-message";
        let history = |times: &str, read: &str| {
            format!(
                r#"{CREATED}
                [10..20] {SENT}
                [{times}] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1", "content": "b"}}
                [{read}] alice rooms.get $r1 => 200 @room {{"id": "$r1", "last_message": {{"id": "$m1", "content": "hello world"}}}}"#
            )
        };
        assert_states(&[
            (RULE, Broken, &history("21..30", "31..32")),
            (RULE, Undecided, &history("15..30", "31..32")),
            (RULE, Undecided, &history("21..30", "25..32")),
            (RULE, Held, &history("40..50", "31..32")),
        ]);
    }
}
