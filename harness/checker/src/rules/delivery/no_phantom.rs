//! Every message that is shown was sent.
//!
//! A message of unknown id is a phantom if its text was never sent or set by an edit. System
//! messages, deleted messages, and rooms in which a send of unknown outcome had unpredictable
//! content do not count. A message that a list shows in another room than the one that it was sent
//! to is a violation as well; on sockets that is delivery/no-leak.

use hearback_contract::{MessageRef, RequirementId, RoomRef};
use serde_json::Value;

use super::Attempts;
use crate::evidence::Evidence;
use crate::model::{DELETED_CONTENT, Message};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryNoPhantom, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    let mut look = |place: &'static str,
                    room: RoomRef<'h>,
                    value: &'h Value,
                    message: Option<&Message<'h>>,
                    evidence: Evidence<'h>| {
        if input.model.room(room).is_none() {
            return;
        }
        let text = || value.get("content").and_then(Value::as_str).unwrap_or_default();
        if let Some(message) = message {
            let is_listed = matches!(evidence, Evidence::Call(_));
            context.check(message.room == room || !is_listed, || {
                Violation::new(
                    format!("{place}: a message of another room"),
                    format!("room {room} shows its own messages"),
                    format!("it shows {}, which was sent to room {}", quoted(text()), message.room),
                )
                .evidence(message.origin)
                .evidence(evidence)
            });
            return;
        }
        let Some(id) = value.get("id").and_then(MessageRef::from_json) else { return };
        let text = text();
        // A message of unknown id may be a send of unknown outcome, and may have been altered
        // since.
        let is_exempt = value.get("message_type").is_some_and(|kind| kind == "system")
            || value.get("is_deleted") == Some(&Value::Bool(true))
            || text == DELETED_CONTENT
            || attempts.has(text);
        if is_exempt || !value.get("content").is_some_and(Value::is_string) {
            return;
        }
        if attempts.is_unpredictable(room) || input.model.may_be_sent(id) {
            context.inconclusive(Reason::ForeignMessages);
            return;
        }
        context.check(false, || {
            Violation::new(
                format!("{place}: a message that was not sent"),
                format!("every message that room {room} shows was sent"),
                format!("message {id}, {}, was not sent", quoted(text)),
            )
            .evidence(evidence)
        });
    };
    for (observation, message) in input.model.identified() {
        // A response to messages.get says itself which room the message is in.
        if let Some(room) = observation.shown_in() {
            look(observation.place(), room, observation.value, message, observation.evidence);
        }
    }
    for observation in &input.model.room_observations {
        let last = observation.value.get("last_message").filter(|message| message.is_object());
        if let (Some(room), Some(last)) = (observation.id(), last) {
            let id = last.get("id").and_then(MessageRef::from_json);
            let message = id.and_then(|id| input.model.message(id));
            look("last_message", room, last, message, observation.call.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::delivery::{SENT, in_group, list, received};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LOST: &str = r#"alice messages.send {"room": "$r1", "content": "a"} => ?"#;

    #[test]
    fn messages_that_were_not_sent_are_phantoms() {
        const RULE: &str = "delivery/no-phantom";
        let event = received("m2", "b");
        let last = r#"bob rooms.get $r1 => 200 @room {"id": "$r1", "last_message": {"id": "$m2", "content": "b"}}"#;
        let other = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2", "last_message": null}
            alice messages.send {"room": "$r2", "content": "b"} => 201 @message {"id": "$m2", "room": "$r2", "content": "b"}
        "#;
        assert_states(&[
            (RULE, Held, &in_group(&[SENT, &list(&[("m1", "a")], "")])),
            (RULE, Broken, &in_group(&[SENT, &list(&[("m1", "a"), ("m2", "b")], "")])),
            (RULE, Broken, &in_group(&[&event])),
            (RULE, Broken, &in_group(&[last])),
            (RULE, Broken, &in_group(&[other, &list(&[("m2", "b")], "")])),
            (RULE, NotExercised, &in_group(&[LOST, &list(&[("m2", "a")], "")])),
            // A send of unknown outcome whose text was altered.
            (RULE, NotExercised, &in_group(&[LOST, &list(&[("m2", " &lt;A&gt; ")], "")])),
            (
                RULE,
                NotExercised,
                &in_group(&[&list(&[("m2", "b")], r#", "message_type": "system""#)]),
            ),
            (RULE, NotExercised, &in_group(&[LOST, &list(&[("m2", "[Message deleted]")], "")])),
            // It may be stored without its white space.
            (
                RULE,
                Undecided,
                &in_group(&[&LOST.replace(r#""a""#, r#"" ""#), &list(&[("m2", "")], "")]),
            ),
            (
                RULE,
                Undecided,
                &in_group(&[&LOST.replace(r#""a""#, "5"), &list(&[("m2", "5.0")], "")]),
            ),
        ]);
    }
}
