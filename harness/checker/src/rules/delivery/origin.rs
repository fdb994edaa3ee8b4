//! Nothing comes from nowhere, and nothing of what was refused.

use serde_json::Value;

use super::{Attempts, RefusedSend, place, refused_sends};
use crate::model::Message;
use crate::model::PLACEHOLDER;
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};
use crate::rules::answer::{quoted, refusal};

pub(super) fn no_phantom<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let attempts = Attempts::of(input);
    let mut look = |place: &'static str,
                    room: &str,
                    value: &'h Value,
                    message: Option<&Message<'h>>,
                    evidence: Evidence<'h>| {
        let Some(id) = value.get("id").and_then(Value::as_str) else { return };
        if !input.model.rooms.contains_key(room) {
            return;
        }
        let text = value.get("content").and_then(Value::as_str).unwrap_or_default();
        if let Some(message) = message {
            // On sockets that is delivery/no-leak.
            let is_listed = matches!(evidence, Evidence::Call(_));
            context.check(message.room == room || !is_listed, || {
                Violation::new(
                    format!("{place}: a message of another room"),
                    format!("room {room} shows its own messages"),
                    format!("it shows {}, which was sent to room {}", quoted(text), message.room),
                )
                .evidence(message.origin)
                .evidence(evidence)
            });
            return;
        }
        // One of unknown id may be one of unknown outcome; how it was altered is not known either.
        let is_exempt = value.get("message_type").is_some_and(|kind| kind == "system")
            || value.get("is_deleted") == Some(&Value::Bool(true))
            || text == PLACEHOLDER
            || attempts.has(text);
        if is_exempt || !value.get("content").is_some_and(Value::is_string) {
            return;
        }
        if attempts.is_unforeseeable(room) {
            context.inconclusive("messages with unforeseeable content may have been sent");
            return;
        }
        context.check(false, || {
            Violation::new(
                format!("{place}: a message that nobody sent"),
                format!("what room {room} shows was sent by somebody"),
                format!("nobody sent message {id}, {}", quoted(text)),
            )
            .evidence(evidence)
        });
    };
    for (observation, message) in input.model.identified() {
        // Where a response shows a message that was asked for by its id, that says which room it is in.
        if let Some(room) = place(observation) {
            look(observation.place(), room, observation.value, message, observation.evidence);
        }
    }
    for observation in &input.model.room_observations {
        let last = observation.value.get("last_message").filter(|message| message.is_object());
        if let (Some(room), Some(last)) = (observation.id(), last) {
            let id = last.get("id").and_then(Value::as_str);
            let message = id.and_then(|id| input.model.messages.get(id));
            look("last_message", room, last, message, observation.call.into());
        }
    }
}

pub(super) fn refused_is_not_sent<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for RefusedSend { call, text, observation, is_watched } in refused_sends(input) {
        if observation.is_none() && !is_watched {
            context.inconclusive("nobody looked at the room afterwards");
            continue;
        }
        context.check(observation.is_none(), || {
            let place = observation.map_or("", |observation| observation.place());
            let violation = Violation::new(
                format!("refused, and shown by {place}"),
                format!("{} was refused ({}) and is nowhere", quoted(text), refusal(call)),
                format!("{place} shows it"),
            )
            .evidence(call);
            observation
                .into_iter()
                .fold(violation, |violation, observation| violation.evidence(observation.evidence))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const ROOM: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "last_message": null}
        bob@r1 open
    "#;

    fn lines(lines: &[&str]) -> String {
        format!("{ROOM}\n{}", lines.join("\n"))
    }

    fn list(items: &[(&str, &str)], fields: &str) -> String {
        let items: Vec<_> = items
            .iter()
            .map(|(id, text)| {
                format!(r#"@message {{"id": "${id}", "room": "$r1", "content": "{text}"{fields}}}"#)
            })
            .collect();
        format!(r#"bob messages.list ?room=$r1 => 200 {{"results": [{}]}}"#, items.join(", "))
    }

    const SENT: &str = r#"alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}"#;
    const LOST: &str = r#"alice messages.send {"room": "$r1", "content": "a"} => ?"#;

    #[test]
    fn what_is_shown_was_sent() {
        const RULE: &str = "delivery/no-phantom";
        let event = r#"bob@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "content": "b"}}"#;
        let last = r#"bob rooms.get $r1 => 200 @room {"id": "$r1", "last_message": {"id": "$m2", "content": "b"}}"#;
        let other = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2", "last_message": null}
            alice messages.send {"room": "$r2", "content": "b"} => 201 @message {"id": "$m2", "room": "$r2", "content": "b"}
        "#;
        assert_states(&[
            (RULE, Held, &lines(&[SENT, &list(&[("m1", "a")], "")])),
            (RULE, Broken, &lines(&[SENT, &list(&[("m1", "a"), ("m2", "b")], "")])),
            (RULE, Broken, &lines(&[event])),
            (RULE, Broken, &lines(&[last])),
            (RULE, Broken, &lines(&[other, &list(&[("m2", "b")], "")])),
            (RULE, NotExercised, &lines(&[LOST, &list(&[("m2", "a")], "")])),
            (RULE, NotExercised, &lines(&[&list(&[("m2", "b")], r#", "message_type": "system""#)])),
            (RULE, NotExercised, &lines(&[LOST, &list(&[("m2", "[Message deleted]")], "")])),
            (RULE, Undecided, &lines(&[&LOST.replace(r#""a""#, "5"), &list(&[("m2", "5.0")], "")])),
        ]);
    }

    #[test]
    fn what_was_refused_is_nowhere() {
        const RULE: &str = "delivery/refused-is-not-sent";
        let refused = r#"alice messages.send {"room": "$r1", "content": "no"} => 400 @error"#;
        let event = r#"bob@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "content": "no"}}"#;
        let again = r#"alice messages.send {"room": "$r1", "content": "no"} => ?"#;
        assert_states(&[
            (RULE, Held, &lines(&[refused, &list(&[], "")])),
            (RULE, Broken, &lines(&[refused, &list(&[("m2", "no")], "")])),
            (RULE, Broken, &lines(&[refused, event])),
            (RULE, Undecided, &lines(&[&list(&[], ""), refused])),
            (RULE, NotExercised, &lines(&[refused, again, &list(&[("m2", "no")], "")])),
            (RULE, NotExercised, &lines(&[SENT, &list(&[("m1", "a")], "")])),
        ]);
    }
}
