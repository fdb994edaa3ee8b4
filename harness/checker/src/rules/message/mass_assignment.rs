//! Fields that only the server sets, in requests that send or edit a message.

use hearback_contract::UserId;
use hearback_history::Call;
use serde_json::Value;

use super::field_comparison::is_same;
use super::requests::requested;
use crate::model::{Message, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{shown, success};
use crate::violation::Violation;

/// Checks each of `fields` that the request has. `edited` is the message before the edit, or `None` for
/// a send.
pub(super) fn check_fields<'h>(
    input: RuleInput<'h>,
    call: &'h Call,
    fields: &[&'static str],
    sender: Option<UserId>,
    edited: Option<&Message<'h>>,
    context: &mut RuleContext<'h>,
) {
    let Some(operation) = call.operation() else { return };
    let requested = fields.iter().filter_map(|field| Some((*field, requested(call, field)?)));
    for (field, value) in requested {
        if call.refused() && call.status() != Some(401) {
            context.held();
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let is_adopted = match field {
            "sender" => {
                let wanted = UserId::from_json(value)
                    .or_else(|| value.get("id").and_then(UserId::from_json));
                wanted.is_some()
                    && wanted != sender
                    && body.pointer("/sender/id").and_then(UserId::from_json) == wanted
            }
            "id" => {
                value != edited.map_or("", |it| it.id.as_str()) && body.get("id") == Some(value)
            }
            "room" => {
                value != edited.map_or("", |it| it.room.as_str()) && body.get("room") == Some(value)
            }
            "is_deleted" | "is_edited" => {
                value == true && body.get(field) == Some(&Value::Bool(true))
            }
            "read_by" => is_quiet(input, call) && adopts(value, body, sender),
            _ => body.get(field).is_some_and(|set| is_same(field, value, set)),
        };
        context.check(!is_adopted, || {
            let actual = body.get(field).map(shown).unwrap_or_default();
            Violation::new(
                format!("{operation} {field}"),
                format!("the request is rejected, or {field} is set by the server"),
                format!("{field} is {actual}, as requested"),
            )
            .member(field)
            .evidence(call)
        });
    }
}

/// Returns whether no message of the room was marked read during the call.
fn is_quiet(input: RuleInput<'_>, call: &Call) -> bool {
    input
        .model
        .room_of(call)
        .is_some_and(|room| input.model.is_quiet(room, &[WriteKind::Read], call.interval()))
}

/// Returns whether `read_by` of a message has a requested reader with the requested time.
fn adopts(requested: &Value, message: &Value, sender: Option<UserId>) -> bool {
    let own = sender.map(|user| user.to_string());
    let shown = message.get("read_by").and_then(Value::as_object);
    let requested = requested.as_object();
    requested.zip(shown).is_some_and(|(requested, shown)| {
        requested.iter().any(|(user, time)| {
            Some(user) != own.as_ref()
                && shown.get(user).is_some_and(|set| is_same("read_at", time, set))
        })
    })
}

#[cfg(test)]
pub(super) mod testing {
    //! A message, and fields that requests must not set: the field, the requested value, the adopted value.

    const TIME: &str = r#""2001-01-01T00:00:00Z""#;

    const READERS: &str = r#"{"2": "2001-01-01T00:00:00Z"}"#;

    pub(in super::super) const FIELDS: [(&str, &str, &str); 5] = [
        ("sender", "2", r#"{"id": 2}"#),
        ("sender", r#"{"id": 2}"#, r#"{"id": 2}"#),
        ("is_deleted", "true", "true"),
        ("created_at", TIME, r#""2001-01-01T00:00:00.000Z""#),
        ("read_by", READERS, READERS),
    ];

    /// The fields of a message that alice sent.
    pub(in super::super) const OWN: &str = r#""id": "$m2", "sender": {"id": 1}"#;

    /// The room, a message, and a line.
    pub(in super::super) fn then(line: &str) -> String {
        format!(
            r#"
            alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "a"}}
            {line}"#
        )
    }
}
