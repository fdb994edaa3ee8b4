//! A reply is shown after the message that it answers.
//!
//! The answered message existed before the reply, so every socket that received both, and every
//! list with an `ordering`, has to show it first. Messages of the same instant have no order in
//! lists, and messages that were sent again because of an edit do not count.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId, ServerEvent};

use crate::evidence::Evidence;
use crate::model::{Message, may_be_repeated};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::page::listing::pages;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderReplyAfterQuestion, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let connection = stream.connection;
        let Some(listener) = input.model.sockets.listener(connection) else { continue };
        for (reply, receipt) in stream.in_order() {
            let reply = &input.model.messages[reply];
            let Some(question) = question(input, reply) else { continue };
            let Some(frame) = listener.message(question.id.borrowed()) else { continue };
            let value = frame.json().and_then(|event| event.get("message"));
            if value.is_none_or(|value| may_be_repeated(value, Some(question), frame)) {
                continue;
            }
            let place = ServerEvent::ChatMessage.id();
            context.check(frame.seq < receipt.frame.seq, || {
                violation(place, reply, question)
                    .evidence((connection, receipt.frame))
                    .evidence((connection, frame))
            });
        }
    }
    for page in pages(input) {
        let is_descending = match page.listing.ordering {
            Some("created_at") => false,
            Some("-created_at") => true,
            _ => continue,
        };
        let shown: AHashMap<MessageRef<'_>, (usize, Option<&str>)> = page
            .items
            .iter()
            .enumerate()
            .filter_map(|(position, item)| {
                let time = item.get("created_at").and_then(|time| time.as_str());
                Some((item.get("id").and_then(MessageRef::from_json)?, (position, time)))
            })
            .collect();
        for (id, (position, time)) in &shown {
            let Some(reply) = input.model.message(*id) else { continue };
            let Some(question) = question(input, reply) else { continue };
            let Some((answered, its)) = shown.get(&question.id.borrowed()) else { continue };
            // Messages of the same instant have no order.
            if its == time || input.model.is_ambiguous(reply) {
                continue;
            }
            context.check((answered < position) != is_descending, || {
                violation("messages.list", reply, question).evidence(page.listing.call)
            });
        }
    }
}

/// The message of the same room that the reply answers.
fn question<'h>(input: RuleInput<'h>, reply: &Message<'h>) -> Option<&'h Message<'h>> {
    let question = input.model.message(reply.reply_to?)?;
    (question.room == reply.room && !input.model.is_ambiguous(question)).then_some(question)
}

fn violation<'h>(place: &str, reply: &Message<'h>, question: &Message<'h>) -> Violation<'h> {
    Violation::new(
        format!("{place}: a reply before what it answers"),
        format!("reply {} comes after {}, which it answers", reply.id, question.id),
        "it comes before",
    )
    .evidence(Evidence::from(question.origin))
    .evidence(reply.origin)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const ROOM: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        bob@r1 open
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
        bob messages.send {"room": "$r1", "content": "b", "reply_to": "$m1"} => 201 @message {"id": "$m2"}
    "#;

    #[test]
    fn replies_come_after_what_they_answer() {
        const RULE: &str = "order/reply-after-question";
        let stream = |ids: &[&str]| {
            let frames: Vec<_> = ids
                .iter()
                .map(|id| {
                    format!(
                        r#"bob@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1"}}}}"#
                    )
                })
                .collect();
            format!("{ROOM}\n{}", frames.join("\n"))
        };
        let list = |ordering: &str, items: &[(&str, u32)]| {
            let items: Vec<_> = items
                .iter()
                .map(|(id, second)| {
                    format!(
                        r#"@message {{"id": "${id}", "created_at": "2026-01-01T00:00:0{second}Z"}}"#
                    )
                })
                .collect();
            format!(
                "{ROOM}\nbob messages.list ?room=$r1&ordering={ordering} => 200 {{\"results\": [{}]}}",
                items.join(", ")
            )
        };
        assert_states(&[
            (RULE, Held, &stream(&["m1", "m2"])),
            (RULE, Broken, &stream(&["m2", "m1"])),
            (RULE, NotExercised, &stream(&["m2"])),
            (RULE, Held, &list("created_at", &[("m1", 1), ("m2", 2)])),
            (RULE, Broken, &list("created_at", &[("m2", 1), ("m1", 2)])),
            (RULE, Held, &list("-created_at", &[("m2", 2), ("m1", 1)])),
            (RULE, Broken, &list("-created_at", &[("m1", 2), ("m2", 1)])),
            (RULE, NotExercised, &list("created_at", &[("m2", 1), ("m1", 1)])),
            (RULE, NotExercised, &list("modified_at", &[("m2", 1), ("m1", 2)])),
        ]);
    }
}
