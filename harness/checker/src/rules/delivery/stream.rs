//! What one socket receives: once, of its own room, and nothing older than itself.

use ahash::AHashMap;
use serde_json::Value;

use super::attempts::Attempt;
use super::{Attempts, place};
use crate::model::{Message, Receipt, is_retold};
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};
use crate::rules::answer::quoted;

/// The message that was received, if this run sent it.
fn message<'h>(input: RuleInput<'h>, receipt: &Receipt<'h>) -> Option<&'h Message<'h>> {
    input.model.messages.get_index(receipt.message?).map(|(_, message)| message)
}

pub(super) fn no_duplicate<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let connection = stream.connection;
        for receipt in &stream.receipts {
            let Receipt { frame, value, id, is_first, .. } = *receipt;
            if !is_first && is_retold(value, message(input, receipt), frame) {
                continue;
            }
            context.check(is_first, || {
                let earlier = stream.receipts.iter().find(|earlier| earlier.id == id);
                let violation = Violation::new(
                    "chat_message received again",
                    format!("{} receives message {id} once on one socket", connection.actor),
                    format!("it came again, {}", quoted(text(value))),
                );
                let earlier = earlier.map(|it| Evidence::from((connection, it.frame)));
                let violation = earlier.into_iter().fold(violation, Violation::evidence);
                violation.evidence((connection, frame))
            });
        }
    }
    one_id(input, context);
}

/// One message sent has one id.
fn one_id<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    let mut ids: AHashMap<&str, &str> = AHashMap::new();
    // What a known message says is another requirement's business, as is where it says it.
    for (observation, _) in input.model.identified().filter(|(_, message)| message.is_none()) {
        let (Some(id), Some(content)) = (observation.id(), observation.content()) else { continue };
        let Some(attempt) = attempts.only(content) else { continue };
        if place(observation) != attempt.room || attempt.refused().is_some() {
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

pub(super) fn no_leak<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    for stream in input.model.streams() {
        let connection = stream.connection;
        for receipt in &stream.receipts {
            let known = message(input, receipt);
            let attempt = || {
                let attempt = attempts.only(text(receipt.value));
                attempt.filter(|attempt| attempt.refused().is_none() && attempt.id.is_none())
            };
            let (room, origin) = match known {
                Some(message) => (message.room.as_str(), Evidence::from(message.origin)),
                // One that came nowhere but here is known by its text.
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
                let text = quoted(text(receipt.value));
                Violation::new(
                    "chat_message of another room",
                    format!("{text} was sent to room {room} and is received there only"),
                    format!(
                        "{} received it on a socket to room {}",
                        connection.actor, connection.room
                    ),
                )
                .evidence(origin)
                .evidence((connection, receipt.frame))
            });
        }
    }
}

pub(super) fn not_before_joining<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        let connection = stream.connection;
        for (_, receipt) in stream.in_place() {
            let Some(message) = message(input, receipt) else { continue };
            context.check(message.sent.returned >= connection.invoked, || {
                Violation::new(
                    "chat_message from before the socket",
                    format!(
                        "{} was acknowledged before {} opened the socket and is not received on it",
                        quoted(text(receipt.value)),
                        connection.actor
                    ),
                    "it was received",
                )
                .evidence(message.origin)
                .evidence(connection)
                .evidence((connection, receipt.frame))
            });
        }
    }
}

fn text(message: &Value) -> &str {
    message.get("content").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    /// Rooms `r1` and `r2` of alice and bob, with a socket of each to `r1`.
    const ROOMS: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..4] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2"}
        [5..5] alice@r1 open
        [6..6] bob@r1 open
    "#;

    fn received(who: &str, id: &str, text: &str, fields: &str) -> String {
        format!(
            r#"{who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{text}"{fields}}}}}"#
        )
    }

    fn lines(lines: &[&str]) -> String {
        format!("{ROOMS}\n{}", lines.join("\n"))
    }

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
            // One text that was sent once has one id, by whichever way it came; sent twice, it has two.
            (RULE, Broken, &lines(&[SEND, &other, &renamed])),
            (RULE, Broken, &lines(&[rest, &renamed])),
            (RULE, Held, &lines(&[SEND, SEND, &other, &renamed])),
            (RULE, Held, &lines(&[rest, SEND, &renamed])),
            (RULE, NotExercised, &lines(&[SEND])),
        ]);
    }

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
            // Whatever its id, nobody said this here.
            (RULE, Broken, &lines(&[lost, &one])),
            // Said in both, it may be of either.
            (RULE, Held, &lines(&[lost, SEND, &one])),
            (RULE, NotExercised, &lines(&[&one])),
        ]);
    }

    #[test]
    fn nothing_older_than_the_socket_is_received() {
        const RULE: &str = "delivery/not-before-joining";
        let sent = r#"[10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}"#;
        let open = |at: u64| format!("[{at}..{at}] bob/2@r1 open");
        let got = received("bob/2", "m1", "a", "");
        let edited = received("bob/2", "m1", "a", r#", "is_edited": true"#);
        assert_states(&[
            (RULE, Held, &lines(&[sent, &open(15), &got])),
            (RULE, Broken, &lines(&[sent, &open(25), &got])),
            (RULE, NotExercised, &lines(&[sent, &open(25), &edited])),
            (RULE, NotExercised, &lines(&[sent, &open(25)])),
        ]);
    }
}
