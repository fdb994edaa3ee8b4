//! What an edit does, and what it leaves alone.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use super::asked;
use crate::model::{Message, MessageObservation, Transport};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, shown, success};
use crate::rules::text::is_storable;

/// Successful edits of messages of which all is known, while nobody else altered the message.
fn edits<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Call, &'h Message<'h>, &'h Value)> {
    let calls = input.history.calls_of(Operation::MessagesEdit);
    calls
        .filter_map(|call| {
            let body = success(call, context)?;
            let message = input.model.messages.get(call.subject()?)?;
            let others = message
                .versions
                .iter()
                .skip(1)
                .map(|version| version.written)
                .filter(|written| *written != call.interval())
                .chain(message.deletions.iter().copied())
                .any(|other| other.overlaps(call.interval()));
            let is_deleted = message.maybe_deleted(call.interval());
            if others || is_deleted || input.model.is_ambiguous(message) {
                context.inconclusive("others may have altered the message meanwhile");
                return None;
            }
            Some((call, message, body))
        })
        .collect()
}

pub(super) fn content<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, body) in edits(input, context) {
        let asked = asked(call, "content").and_then(Value::as_str);
        let Some(asked) = asked.filter(|content| is_storable(content)) else { continue };
        let Some(content) = member(body, "content", Value::as_str, context) else { continue };
        context.check(content == asked, || {
            Violation::new(
                "messages.edit content",
                format!("content is {}", quoted(asked)),
                format!("content is {}", quoted(content)),
            )
            .evidence(message.origin)
            .evidence(call)
        });
    }
}

pub(super) fn flags<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognised() {
        let is_answer = observation.operation == Some(Operation::MessagesEdit);
        let is_edited = is_answer || message.is_edited(observation.at) == Some(true);
        if !is_edited
            || observation.transport != Transport::Rest
            || message.maybe_deleted(observation.at)
        {
            continue;
        }
        let flag = member(observation.value, "is_edited", Value::as_bool, context);
        if let Some(flag) = flag {
            context.check(flag, || violation(observation, message, "is_edited"));
        }
        let time = member(observation.value, "edited_at", Some, context);
        if let Some(time) = time {
            context.check(!time.is_null(), || violation(observation, message, "edited_at"));
        }
    }
}

fn violation<'h>(
    observation: &MessageObservation<'h>,
    message: &Message<'h>,
    field: &'static str,
) -> Violation<'h> {
    Violation::new(
        format!("{field} in {}", observation.place()),
        "an edited message has is_edited true and edited_at set",
        format!("{field} is {}", shown(&observation.value[field])),
    )
    .evidence(message.origin)
    .evidence(observation.evidence)
}

pub(super) fn nothing_else<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut first: AHashMap<&str, &MessageObservation<'h>> = AHashMap::new();
    for (observation, message) in input.model.recognised() {
        if observation.transport == Transport::Rest {
            first.entry(&message.id).or_insert(observation);
        }
    }
    for (call, message, body) in edits(input, context) {
        let before = first.get(message.id.as_str());
        let Some(before) = before.filter(|before| before.at.precedes(call.interval())) else {
            continue;
        };
        for field in UNTOUCHED {
            let values = part(before.value, field).zip(part(body, field));
            let Some((earlier, later)) = values else { continue };
            context.check(is_same(field, earlier, later), || {
                Violation::new(
                    format!("messages.edit {field}"),
                    format!("{field} stays {}", shown(earlier)),
                    format!("{field} is {}", shown(later)),
                )
                .evidence(before.evidence)
                .evidence(call)
            });
        }
    }
}

/// What an edit leaves alone.
const UNTOUCHED: [&str; 8] = [
    "id",
    "room",
    "sender",
    "message_type",
    "reply_to",
    "created_at",
    "is_deleted",
    "attachment_name",
];

/// A field of a message, reduced to the id where it is an object: a reply may be embedded or named.
pub(in crate::rules) fn part<'v>(message: &'v Value, field: &str) -> Option<&'v Value> {
    let value = message.get(field)?;
    match field {
        "sender" => value.get("id"),
        "reply_to" => Some(value.get("id").unwrap_or(value)),
        _ => Some(value),
    }
}

/// Whether two values of a field mean the same: one time can be written in more than one way.
pub(in crate::rules) fn is_same(field: &str, left: &Value, right: &Value) -> bool {
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    left == right
        || field.ends_with("_at") && time(left).is_some_and(|left| time(right) == Some(left))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [10..11] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    fn edit(fields: &str, meanwhile: &str) -> String {
        format!(
            r#"{SENT}
            [20..30] alice messages.edit $m1 {{"content": "b"}} => 200 @message {{"id": "$m1", "room": "$r1", "content": "b", "is_edited": true, "edited_at": "2026-01-01T00:00:00Z"{fields}}}
            {meanwhile}"#
        )
    }

    #[test]
    fn the_answer_has_the_new_content() {
        let other = r#"[15..25] bob messages.edit $m1 {"content": "a"} => 200 @message {"id": "$m1", "content": "a"}"#;
        assert_states(&[
            ("message/edit-content", Held, &edit("", "")),
            ("message/edit-content", Broken, &edit(r#", "content": "a""#, "")),
            ("message/edit-content", Undecided, &edit(r#", "content": "a""#, other)),
            ("message/edit-content", NotExercised, SENT),
        ]);
    }

    #[test]
    fn edited_messages_say_so() {
        let get = |time: &str, fields: &str| {
            format!(
                r#"{time} bob messages.get $m1 => 200 @message {{"id": "$m1", "content": "b"{fields}}}"#
            )
        };
        assert_states(&[
            ("message/edit-flags", Held, &edit("", "")),
            ("message/edit-flags", Broken, &edit(r#", "is_edited": false"#, "")),
            ("message/edit-flags", Broken, &edit(r#", "edited_at": null"#, "")),
            ("message/edit-flags", Broken, &edit("", &get("[40..41]", ""))),
            ("message/edit-flags", Held, &edit("", &get("[25..41]", ""))),
        ]);
    }

    #[test]
    fn nothing_else_changes() {
        let rule = "message/edit-changes-nothing-else";
        assert_states(&[
            (rule, Held, &edit("", "")),
            (rule, Held, &edit(r#", "created_at": "2025-10-19T14:30:00.000+00:00""#, "")),
            (rule, Broken, &edit(r#", "created_at": "2025-10-19T14:30:01Z""#, "")),
            (rule, Broken, &edit(r#", "sender": {"id": 2}"#, "")),
            (rule, Broken, &edit(r#", "is_deleted": true"#, "")),
            (
                rule,
                Undecided,
                &edit(r#", "is_deleted": true"#, "[25..26] bob messages.delete $m1 => ?"),
            ),
        ]);
    }
}
