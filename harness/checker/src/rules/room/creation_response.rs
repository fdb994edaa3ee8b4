//! The response to a request for a room: created as requested, or rejected with reason.

use std::collections::BTreeSet;

use hearback_contract::UserId;
use serde_json::Value;

use super::creations::{Creation, creations, known_users};
use crate::model::user_of;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, refusal, shown, success};
use crate::rules::text;
use crate::violation::Violation;

/// Checks the creation of rooms about a task or a property.
pub(super) fn check_creations_about<'h>(
    input: RuleInput<'h>,
    subject: &'static str,
    context: &mut RuleContext<'h>,
) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some(subject)) {
        if !creation.request.get(subject).is_some_and(Value::is_i64) {
            continue;
        }
        // The history does not show whether the target knows the number (task-and-property).
        let is_ordinary = creation.is_ordinary(Some(subject), &known);
        check_created(
            &creation,
            subject,
            subject,
            |status| !is_ordinary || matches!(status, 400 | 404 | 409),
            context,
        );
    }
}

/// Checks an existing room that the target returned for a creation: a direct room of the same two users is permitted
/// (`second-direct-room`).
fn check_existing<'h>(
    creation: &Creation<'h>,
    room: &Value,
    room_type: &str,
    context: &mut RuleContext<'h>,
) {
    let participants = room.get("participants").and_then(Value::as_array);
    let users = participants.map(|all| all.iter().map(user_of).collect());
    let is_permitted = match users {
        _ if room_type != "direct" => false,
        // One of the two may have left.
        Some(Some(users)) => {
            let users: BTreeSet<UserId> = users;
            let requested = creation.others().into_iter().flatten().chain(creation.creator);
            users.is_subset(&requested.collect())
        }
        Some(None) | None => {
            context.inconclusive(Reason::SchemaBroken("participants".into()));
            return;
        }
    };
    context.check(is_permitted, || {
        Violation::new(
            "rooms.create: an unrelated room",
            format!("a new {room_type} room is created"),
            "the response is a room that existed before the run",
        )
        .evidence(creation.call)
    });
}

/// Checks that a room was created with the requested type and value of `field`. `may_be_rejected` takes
/// the status of a rejection.
pub(super) fn check_created<'h>(
    creation: &Creation<'h>,
    room_type: &str,
    field: &str,
    may_be_rejected: impl FnOnce(u16) -> bool,
    context: &mut RuleContext<'h>,
) {
    let call = creation.call;
    let Some(status) = call.status() else { return };
    let Some(room) = success(call, context) else {
        if status < 500 && !call.succeeded() {
            if may_be_rejected(status) {
                context.inconclusive(Reason::PermittedRejection(refusal(call)));
            } else {
                context.check(false, || {
                    Violation::new(
                        "rooms.create: rejected",
                        format!("a {room_type} room is created"),
                        refusal(call),
                    )
                    .evidence(call)
                });
            }
        }
        return;
    };
    if creation.returns_existing {
        check_existing(creation, room, room_type, context);
        return;
    }
    let Some(created) = member(room, "room_type", Value::as_str, context) else { return };
    context.check(created == room_type, || {
        Violation::new(
            "rooms.create: room_type",
            format!("`room_type` is {}, as requested", quoted(room_type)),
            format!("it is {}", quoted(created)),
        )
        .evidence(call)
    });
    let Some(requested) = creation.request.get(field).filter(|requested| !requested.is_null())
    else {
        return;
    };
    let Some(given) = room.get(field).filter(|given| {
        given.is_null()
            || given.is_string() == requested.is_string() && given.is_i64() == requested.is_i64()
    }) else {
        context.inconclusive(Reason::SchemaBroken(field.into()));
        return;
    };
    // A server may trim white space around a name.
    let is_same = match (given.as_str(), requested.as_str()) {
        (Some(given), Some(requested)) => given.trim() == requested.trim(),
        _ => given == requested,
    };
    // A server may change blank names and control characters; `room/name-intact` checks other scripts.
    let is_unusual = requested
        .as_str()
        .is_some_and(|requested| !requested.is_ascii() || !text::is_ordinary(requested));
    context.check(is_same || is_unusual, || {
        Violation::new(
            format!("rooms.create: {field}"),
            format!("`{field}` is {}, as requested", shown(requested)),
            format!("it is {}", shown(given)),
        )
        .evidence(call)
    });
}
