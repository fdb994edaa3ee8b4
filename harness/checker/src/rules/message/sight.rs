//! What every sight of a message must say, by REST or socket.

use serde_json::Value;

use super::sending;
use crate::model::{Message, MessageObservation, Origin};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, shown};
use crate::rules::text::is_storable;

pub(super) fn content_intact<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        if message.maybe_deleted(observation.at)
            || !message.contents(observation.at).all(is_storable)
        {
            continue;
        }
        let Some(content) = member(observation.value, "content", Value::as_str, context) else {
            continue;
        };
        let is_intact = message.contents(observation.at).any(|version| version == content);
        context.check(is_intact, || {
            let sent = message.contents(observation.at).last().unwrap_or_default();
            let difference = first_difference(sent, content);
            violation(
                observation,
                message,
                "content",
                quoted(sent),
                format!("{}, different from character {difference} on", quoted(content)),
            )
        });
    }
}

/// Position of the first code point in which two texts differ, from 1 on.
fn first_difference(left: &str, right: &str) -> usize {
    left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count() + 1
}

pub(super) fn sender<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        let Some(user) = input.model.user_id(&message.sender) else { continue };
        let shown = observation.value.get("sender").and_then(|sender| sender.get("id")?.as_i64());
        let Some(shown) = shown else {
            context.inconclusive("`sender.id` is absent or mistyped: see the schema requirements");
            continue;
        };
        context.check(shown == user, || {
            let expected = format!("user {user}, {}", message.sender);
            violation(observation, message, "sender.id", expected, format!("user {shown}"))
        });
    }
}

pub(super) fn room<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        let Some(shown) = observation.room() else {
            context.inconclusive("the room is absent or mistyped: see the schema requirements");
            continue;
        };
        context.check(shown.eq_ignore_ascii_case(&message.room), || {
            violation(observation, message, "room", message.room.clone(), shown.to_owned())
        });
    }
}

pub(super) fn type_as_sent<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        let is_text = is_plain(message) && message.message_type.is_none_or(|kind| kind == "text");
        if !is_text || message.maybe_deleted(observation.at) {
            continue;
        }
        if let Some(kind) = member(observation.value, "message_type", Value::as_str, context) {
            context.check(kind == "text", || {
                violation(observation, message, "message_type", "text".to_owned(), kind.to_owned())
            });
        }
    }
}

/// Whether nothing was attached, not even something that is no file.
pub(super) fn is_plain(message: &Message<'_>) -> bool {
    match message.origin {
        Origin::Rest(call) => super::asked(call, "attachment").is_none(),
        Origin::Socket(..) => true,
    }
}

pub(super) fn reply<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    sending::replies(input, context);
    for (observation, message) in input.model.recognised() {
        let Some(asked) = message.reply_to else { continue };
        // A reply to something else should have been refused, and one to a deleted message may name none.
        let is_answerable = input.model.messages.get(asked).is_some_and(|answered| {
            answered.room == message.room && !answered.maybe_deleted(observation.at)
        });
        if !is_answerable || message.maybe_deleted(observation.at) {
            continue;
        }
        let is_named = match observation.reply_to() {
            Some(Value::String(id)) => id.eq_ignore_ascii_case(asked),
            Some(Value::Null) => false,
            _ => {
                context
                    .inconclusive("the reply is absent or mistyped: see the schema requirements");
                continue;
            }
        };
        context.check(is_named, || {
            let actual = observation.reply_to().map(shown).unwrap_or_default();
            violation(observation, message, "reply", asked.to_owned(), actual)
        });
    }
}

pub(super) fn no_reply<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        let asked = match message.origin {
            Origin::Rest(call) => call.request.as_ref(),
            Origin::Socket(_, frame) => frame.json(),
        };
        if asked.and_then(|asked| asked.get("reply_to")).is_some_and(|reply| !reply.is_null()) {
            continue;
        }
        let Some(named) = observation.reply_to() else {
            context.inconclusive("the reply is absent: see the schema requirements");
            continue;
        };
        context.check(named.is_null(), || {
            violation(observation, message, "reply", "null".to_owned(), shown(named))
        });
    }
}

/// A violation of what one field of a sight of `message` should hold.
fn violation<'h>(
    observation: &MessageObservation<'h>,
    message: &Message<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    Violation::new(
        format!("{field} in {}", observation.place()),
        format!("{field} is {expected}"),
        format!("{field} is {actual}, as {} sees it", observation.viewer),
    )
    .evidence(message.origin)
    .evidence(observation.evidence)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice messages.send {"room": "$r1", "content": "a\n€"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a\n€", "sender": {"id": 1}}
    "#;

    fn after(line: &str) -> String {
        format!("{SENT}\n{line}")
    }

    #[test]
    fn content_comes_back_as_it_was_sent_or_edited() {
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
            // While it is edited, either may be seen; and so after an edit of unknown outcome.
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
            // An edit with what is no text may have made text of it.
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

    #[test]
    fn fields_are_those_of_the_send() {
        let get = |fields: &str| {
            after(&format!(
                r#"bob messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "a\n€"{fields}}}"#
            ))
        };
        assert_states(&[
            ("message/sender", Held, &get("")),
            ("message/sender", Broken, &get(r#", "sender": {"id": 2}"#)),
            ("message/room", Held, &get("")),
            ("message/room", Broken, &get(r#", "room": "$r2""#)),
            ("message/type-as-sent", Held, &get("")),
            ("message/type-as-sent", Broken, &get(r#", "message_type": "system""#)),
            ("message/no-reply", Held, &get("")),
            ("message/no-reply", Broken, &get(r#", "reply_to": "$m0""#)),
        ]);
    }

    #[test]
    fn a_text_that_two_sent_at_once_is_nobodys_for_sure() {
        let both = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice@r1 open
            bob@r1 open
            alice@r1 -> {"type": "chat_message", "message": "a"}
            bob@r1 -> {"type": "chat_message", "message": "a"}
            bob@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1", "sender": {"id": 2}, "content": "a"}}
            bob@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "sender": {"id": 1}, "content": "a"}}
        "#;
        assert_states(&[("message/sender", NotExercised, both)]);
    }

    #[test]
    fn a_reply_names_what_it_answers() {
        let reply = |shown: &str| {
            after(&format!(
                r#"bob messages.send {{"room": "$r1", "content": "c", "reply_to": "$m1"}} => 201 @message {{"id": "$m2", "room": "$r1", "content": "c", "reply_to": {shown}}}"#
            ))
        };
        let deleted = |line: &str| {
            format!("{}\nalice messages.delete $m1 => 200 @message\n{line}", reply(r#""$m1""#))
        };
        assert_states(&[
            ("message/reply", Held, &reply(r#""$m1""#)),
            ("message/reply", Held, &reply(r#"{"id": "$m1", "content": "a"}"#)),
            ("message/reply", Broken, &reply("null")),
            ("message/reply", Broken, &reply(r#""$m7""#)),
            (
                "message/reply",
                Held,
                &deleted(
                    r#"bob messages.get $m2 => 200 @message {"id": "$m2", "content": "c", "reply_to": null}"#,
                ),
            ),
        ]);
    }
}
