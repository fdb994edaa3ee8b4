//! A message is received once on each socket, and has one id.
//!
//! A second frame with the same id is a duplicate, unless the message may have been edited or
//! deleted: such changes may be announced by sending the message again (edits-over-socket). A text
//! that was sent once and appears under two ids was stored twice; texts that were sent more than
//! once, or rejected, do not count.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};

use super::Attempts;
use super::received::{content, sent_message};
use crate::evidence::Evidence;
use crate::model::{ReceivedMessage, may_be_repeated};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryNoDuplicate, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let connection = stream.connection;
        for received in &stream.messages {
            let ReceivedMessage { frame, value, id, is_first, .. } = *received;
            if !is_first && may_be_repeated(value, sent_message(input, received), frame) {
                continue;
            }
            context.check(is_first, || {
                let earlier = stream.messages.iter().find(|earlier| earlier.id == id);
                let violation = Violation::new(
                    "chat_message received again",
                    format!("{} receives message {id} once on one socket", connection.actor),
                    format!("it came again, {}", quoted(content(value))),
                );
                let earlier = earlier.map(|it| Evidence::from((connection, it.frame)));
                let violation = earlier.into_iter().fold(violation, Violation::evidence);
                violation.evidence((connection, frame))
            });
        }
    }
    check_ids(input, context);
}

/// A text that was sent once must not appear under two ids.
fn check_ids<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    let mut ids: AHashMap<&str, MessageRef<'_>> = AHashMap::new();
    // Known messages are checked for their content and place by other requirements.
    for (observation, _) in input.model.identified().filter(|(_, message)| message.is_none()) {
        let (Some(id), Some(content)) = (observation.id(), observation.content()) else { continue };
        let Some(attempt) = attempts.only(content) else { continue };
        // The sends to other rooms are not all known.
        let is_modeled = attempt.room.is_some_and(|room| input.model.room(room).is_some());
        if !is_modeled || observation.shown_in() != attempt.room || attempt.refused().is_some() {
            continue;
        }
        let known = *ids.entry(content.trim()).or_insert(attempt.id.unwrap_or(id));
        if known != id {
            context.check(false, || {
                Violation::new(
                    "one message under two ids",
                    format!("{}, sent once, has one id: {known}", quoted(content)),
                    format!("{} shows it as {id}", observation.place()),
                )
                .evidence(attempt.evidence)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::delivery::testing::{lines, received};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const SEND: &str = r#"alice@r1 -> {"type": "chat_message", "message": "a"}"#;

    #[test]
    fn each_message_is_received_once() {
        const RULE: &str = "delivery/no-duplicate";
        let (one, again) = (received("bob", "m1", "a", ""), received("bob", "m1", "a", ""));
        let other = received("alice", "m1", "a", "");
        let edited = received("bob", "m1", "b", r#", "is_edited": true"#);
        let edit = r#"alice messages.edit $m1 {"content": "b"} => ?"#;
        let renamed = received("bob", "m2", "a", "");
        let rest = r#"alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}"#;
        assert_states(&[
            (RULE, Held, &lines(&[SEND, &one, &other])),
            (RULE, Broken, &lines(&[SEND, &one, &again])),
            (RULE, Held, &lines(&[SEND, &one, edit, &edited])),
            (RULE, Held, &lines(&[SEND, &one, edit, &again])),
            (RULE, Held, &lines(&[SEND, &one, "alice messages.delete $m1 => ?", &again])),
            // A text that was sent once has one id; sent twice, it has two.
            (RULE, Broken, &lines(&[SEND, &other, &renamed])),
            (RULE, Broken, &lines(&[rest, &renamed])),
            (RULE, Held, &lines(&[SEND, SEND, &other, &renamed])),
            (RULE, Held, &lines(&[rest, SEND, &renamed])),
            (RULE, NotExercised, &lines(&[SEND])),
        ]);
    }
}
