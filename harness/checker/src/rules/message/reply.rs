//! Checks that members can reply to messages of the room, and that every read and event of a reply
//! names the message that it answers, by id or as an object. Replies to deleted messages are
//! skipped, because a server may drop the reference. Rejected replies are left to this rule rather
//! than to `message/send`, so that a lost reference is not reported as a failure to send.

use hearback_contract::{MessageRef, RequirementId};
use serde_json::Value;

use super::observed_field::violation;
use super::well_formed_sends::{expect_success, is_reply, well_formed};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::text::ORDINARY_LENGTH;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageReply, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    replies(input, context);
    for (observation, message) in input.model.recognized() {
        let Some(requested) = message.reply_to else { continue };
        // A reply to another room must be rejected, and one to a deleted message may lose its reference.
        let is_answerable = input.model.message(requested).is_some_and(|answered| {
            answered.room == message.room && !answered.maybe_deleted(observation.at)
        });
        if !is_answerable || message.maybe_deleted(observation.at) {
            continue;
        }
        let is_named = match observation.reply_to() {
            Some(Value::String(id)) => requested.eq_ignore_ascii_case(MessageRef::new(id)),
            Some(Value::Null) => false,
            _ => {
                context.inconclusive(Reason::SchemaBroken("reply_to".into()));
                continue;
            }
        };
        context.check(is_named, || {
            let actual = observation.reply_to().map(shown).unwrap_or_default();
            violation(observation, message, "reply", requested.to_string(), actual)
        });
    }
}

/// Checks that well-formed replies are accepted.
fn replies<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in well_formed(input, 1, ORDINARY_LENGTH).filter(|call| is_reply(call)) {
        expect_success(call, "a member can reply to a message of the room", context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn rejected_replies_do_not_break_sending() {
        let reply = |answer: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "a"}}
                bob messages.send {{"room": "$r1", "content": "b", "reply_to": "$m1"}} => {answer}"#
            )
        };
        let accepted = r#"201 @message {"id": "$m2", "room": "$r1", "content": "b", "reply_to": "$m1", "sender": {"id": 2}}"#;
        assert_states(&[
            ("message/reply", Held, &reply(accepted)),
            ("message/reply", Broken, &reply("400 @error")),
            ("message/send", Held, &reply("400 @error")),
        ]);
    }

    #[test]
    fn replies_name_the_message_that_they_answer() {
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
