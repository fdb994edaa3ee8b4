//! creation_response

use serde_json::Value;

use super::creations::{Creation, creations, known_users};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, refusal, shown, success};
use crate::rules::text;

/// Rooms that refer to something that is kept elsewhere.
pub(super) fn create_about<'h>(
    input: RuleInput<'h>,
    subject: &'static str,
    context: &mut RuleContext<'h>,
) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some(subject)) {
        if !creation.request.get(subject).is_some_and(Value::is_i64) {
            continue;
        }
        // Whether the target knows the number is not in the record (task-and-property).
        let is_ordinary = creation.is_ordinary(Some(subject), &known);
        check_made(
            &creation,
            subject,
            subject,
            |status| !is_ordinary || matches!(status, 400 | 404 | 409),
            context,
        );
    }
}

/// Checks that a room was made, with the type and the value of `field` that were asked for.
pub(super) fn check_made<'h>(
    creation: &Creation<'h>,
    room_type: &str,
    field: &str,
    is_refusable: impl FnOnce(u16) -> bool,
    context: &mut RuleContext<'h>,
) {
    let call = creation.call;
    let Some(status) = call.status() else { return };
    let Some(room) = success(call, context) else {
        if status < 500 && !call.succeeded() {
            if is_refusable(status) {
                context.inconclusive(format!("{}, which the target may", refusal(call)));
            } else {
                context.check(false, || {
                    Violation::new(
                        "rooms.create: refused",
                        format!("a {room_type} room is made"),
                        refusal(call),
                    )
                    .evidence(call)
                });
            }
        }
        return;
    };
    let Some(made) = member(room, "room_type", Value::as_str, context) else { return };
    context.check(made == room_type, || {
        Violation::new(
            "rooms.create: room_type",
            format!("`room_type` is {}, as asked", quoted(room_type)),
            format!("it is {}", quoted(made)),
        )
        .evidence(call)
    });
    let Some(asked) = creation.request.get(field).filter(|asked| !asked.is_null()) else { return };
    let Some(given) = room.get(field).filter(|given| {
        given.is_null()
            || given.is_string() == asked.is_string() && given.is_i64() == asked.is_i64()
    }) else {
        context
            .inconclusive(format!("`{field}` is absent or mistyped: see the schema requirements"));
        return;
    };
    // White space around a name may be trimmed.
    let is_same = match (given.as_str(), asked.as_str()) {
        (Some(given), Some(asked)) => given.trim() == asked.trim(),
        _ => given == asked,
    };
    // What becomes of blank names and control characters is a server's own affair.
    let is_odd = asked.as_str().is_some_and(|asked| !text::is_ordinary(asked));
    context.check(is_same || is_odd, || {
        Violation::new(
            format!("rooms.create: {field}"),
            format!("`{field}` is {}, as asked", shown(asked)),
            format!("it is {}", shown(given)),
        )
        .evidence(call)
    });
}
