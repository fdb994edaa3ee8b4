//! A socket receives messages of its own room only.
//!
//! The room of a message is the one that it was sent to; a message of unknown id is recognized by
//! its text if that was sent exactly once. Ambiguous messages do not count.

use hearback_contract::RequirementId;

use super::Attempts;
use super::attempts::Attempt;
use super::received::{content, sent_message};
use crate::evidence::Evidence;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeliveryNoLeak, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    for stream in input.model.streams() {
        let connection = stream.connection;
        for received in &stream.messages {
            let known = sent_message(input, received);
            let attempt = || {
                let attempt = attempts.only(content(received.value));
                attempt.filter(|attempt| attempt.refused().is_none() && attempt.id.is_none())
            };
            let (room, origin) = match known {
                Some(message) => (message.room.borrowed(), Evidence::from(message.origin)),
                // A message that was only received here is known by its text.
                None => match attempt() {
                    Some(Attempt { room: Some(room), evidence, .. }) => (*room, *evidence),
                    _ => continue,
                },
            };
            let is_own = room == connection.room;
            if !is_own && known.is_some_and(|message| input.model.is_ambiguous(message)) {
                continue;
            }
            context.check(is_own, || {
                let text = quoted(content(received.value));
                Violation::new(
                    "chat_message of another room",
                    format!("{text} was sent to room {room} and is received there only"),
                    format!(
                        "{} received it on a socket to room {}",
                        connection.actor, connection.room
                    ),
                )
                .evidence(origin)
                .evidence((connection, received.frame))
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
    fn messages_stay_in_their_room() {
        const RULE: &str = "delivery/no-leak";
        let elsewhere = r#"alice messages.send {"room": "$r2", "content": "a"} => 201 @message {"id": "$m1", "room": "$r2"}"#;
        let lost = r#"alice messages.send {"room": "$r2", "content": "a"} => ?"#;
        let one = received("bob", "m1", "a", "");
        assert_states(&[
            (RULE, Held, &lines(&[SEND, &one])),
            (RULE, Broken, &lines(&[elsewhere, &one])),
            (
                RULE,
                Broken,
                &lines(&[elsewhere, &received("bob", "m1", "a", r#", "room_id": "$r2""#)]),
            ),
            // The text was not sent to this room.
            (RULE, Broken, &lines(&[lost, &one])),
            // Sent to both rooms, it may be of either.
            (RULE, Held, &lines(&[lost, SEND, &one])),
            (RULE, NotExercised, &lines(&[&one])),
        ]);
    }
}
