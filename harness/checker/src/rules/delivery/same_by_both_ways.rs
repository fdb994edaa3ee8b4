//! Sockets and responses show the same sender, `created_at`, type and reply of a message.
//!
//! Both are views of one stored message. Only observations from before any edit or deletion count,
//! and times are compared as precisely as the coarser of the two was written. A reply to a message
//! that may be deleted is left out. The rule abstains if a field is absent or mistyped.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::{Message, MessageObservation, Transport};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::moment::{self, Moment};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliverySameByBothWays, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut live: AHashMap<MessageRef<'_>, &MessageObservation<'h>> = AHashMap::new();
    for (observation, message) in input.model.recognized() {
        if observation.transport == Transport::Socket && is_untouched(observation, message) {
            live.entry(message.id.borrowed()).or_insert(observation);
        }
    }
    for (observation, message) in input.model.recognized() {
        let Some(live) = live.get(&message.id.borrowed()) else { continue };
        if observation.transport == Transport::Socket || !is_untouched(observation, message) {
            continue;
        }
        let answered = message.reply_to.and_then(|id| input.model.message(id));
        for field in ["sender.id", "created_at", "message_type", "reply_to"] {
            if field == "reply_to" && answered.is_some_and(|it| it.maybe_deleted(observation.at)) {
                continue;
            }
            let Some((by_socket, by_rest)) = part(live, field).zip(part(observation, field)) else {
                context.inconclusive(Reason::SchemaBroken(field.into()));
                continue;
            };
            context.check(is_same(by_socket, by_rest), || {
                Violation::new(
                    format!("{field} by socket and by {}", observation.place()),
                    format!("{field} is {}, as by socket", shown(by_socket)),
                    format!("{field} is {} by {}", shown(by_rest), observation.place()),
                )
                .member(field)
                .evidence(Evidence::from(message.origin))
                .evidence(live.evidence)
                .evidence(observation.evidence)
            });
        }
    }
}

/// Returns whether the message surely was not edited or deleted by then.
fn is_untouched(observation: &MessageObservation<'_>, message: &Message<'_>) -> bool {
    message.is_edited(observation.at) == Some(false) && !message.maybe_deleted(observation.at)
}

/// A field of the message, if it has the right type.
fn part<'h>(observation: &MessageObservation<'h>, field: &str) -> Option<&'h Value> {
    match field {
        "sender.id" => observation.value.pointer("/sender/id").filter(|id| id.is_i64()),
        "reply_to" => observation.reply_to().filter(|reply| reply.is_null() || reply.is_string()),
        "created_at" => observation
            .value
            .get(field)
            .filter(|time| time.as_str().is_some_and(|time| Moment::parse(time).is_some())),
        _ => observation.value.get(field).filter(|value| value.is_string()),
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    let texts = left.as_str().zip(right.as_str());
    left == right || texts.is_some_and(|(left, right)| moment::is_same(left, right))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..3] bob@r1 open
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    fn lines(lines: &[&str]) -> String {
        format!("{ROOM}\n{}", lines.join("\n"))
    }

    #[test]
    fn both_ways_show_the_same_message() {
        const RULE: &str = "delivery/same-by-both-ways";
        let event = |fields: &str| {
            format!(
                r#"bob@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "a", "sender": {{"id": 5}}, "created_at": "2025-10-19T14:30:00.000Z"{fields}}}}}"#
            )
        };
        let edit = r#"[21..22] alice messages.edit $m1 {"content": "b"} => ?"#;
        assert_states(&[
            (RULE, Held, &lines(&[&event("")])),
            (RULE, Held, &lines(&[&event(r#", "created_at": "2025-10-19T16:30:00.4+02:00""#)])),
            (RULE, Broken, &lines(&[&event(r#", "created_at": "2025-10-19T14:30:02Z""#)])),
            (RULE, Broken, &lines(&[&event(r#", "sender": {"id": 1}"#)])),
            (RULE, Broken, &lines(&[&event(r#", "message_type": "file""#)])),
            (RULE, Broken, &lines(&[&event(r#", "reply_to_id": "$m0""#)])),
            (RULE, NotExercised, &lines(&[edit, &event(r#", "message_type": "file""#)])),
            (RULE, NotExercised, &lines(&[])),
        ]);
    }
}
