//! Checks that requests rejected with 401, 403 or 404 have no effect: no message is sent, edited or
//! deleted, no participant is added or removed, and no room is archived. An effect is blamed only
//! on reads that began after the rejection, and only if no other request of the run can explain it.
//! Reads without the effect count as observations.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation, RequirementId, RoomRef, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::DELETED_CONTENT;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal};
use crate::rules::delivery::{RefusedSend, refused_sends};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthorizationNoSideEffect, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    sends(input, context);
    messages(input, context);
    participants(input, context);
    rooms(input, context);
}

/// Rejected writes by the message or room that they were about.
type BySubject<'h, S, T> = AHashMap<S, Vec<(T, &'h Call)>>;

/// Returns whether the call was rejected with 401, 403 or 404.
fn is_denied(call: &Call) -> bool {
    matches!(call.status(), Some(401 | 403 | 404))
}

fn denied<'h>(input: RuleInput<'h>, operation: Operation) -> impl Iterator<Item = &'h Call> {
    input.history.calls_of(operation).filter(|call| is_denied(call))
}

fn violation<'h>(call: &'h Call, expected: &str, actual: impl Into<String>) -> Violation<'h> {
    let operation = call.operation().map_or("", Operation::id);
    let expected = format!("{expected}: {operation} by {} was rejected", call.invocation.actor);
    let actual = format!("{}; {}", refusal(call), actual.into());
    Violation::new(operation, expected, actual).evidence(call)
}

fn sends<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sends = refused_sends(input).into_iter().filter(|send| is_denied(send.call));
    for RefusedSend { call, text, observation, is_watched } in sends {
        match observation {
            Some(observation) => context.check(false, || {
                violation(
                    call,
                    "no message is sent",
                    format!("a message {} is shown", quoted(text)),
                )
                .evidence(observation.evidence)
            }),
            None if is_watched => context.held(),
            None => {}
        }
    }
}

fn messages<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut edits: BySubject<'h, MessageRef<'h>, &'h str> = AHashMap::new();
    for call in denied(input, Operation::MessagesEdit) {
        let content = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
        if let (Some(message), Some(content)) = (call.message_in_path(), content) {
            edits.entry(message).or_default().push((content, call));
        }
    }
    let mut deletions: BySubject<'h, MessageRef<'h>, ()> = AHashMap::new();
    for call in denied(input, Operation::MessagesDelete) {
        if let Some(message) = call.message_in_path() {
            deletions.entry(message).or_default().push(((), call));
        }
    }
    if edits.is_empty() && deletions.is_empty() {
        return;
    }
    for (observation, message) in input.model.recognized() {
        let content = observation.content().unwrap_or_default();
        let is_known_text = message.versions.iter().any(|version| version.content == content);
        for (refused, call) in edits.get(&message.id.borrowed()).into_iter().flatten() {
            if call.interval().precedes(observation.at) {
                context.check(is_known_text || content != *refused, || {
                    let actual = format!("its content is {} now", quoted(content));
                    violation(call, "the message is unchanged", actual)
                        .evidence(observation.evidence)
                });
            }
        }
        for (_, call) in deletions.get(&message.id.borrowed()).into_iter().flatten() {
            if call.interval().precedes(observation.at) && message.deletions.is_empty() {
                let is_deleted =
                    observation.is_deleted() || content == DELETED_CONTENT && !is_known_text;
                context.check(!is_deleted, || {
                    let actual = "the message is deleted";
                    violation(call, "the message is not deleted", actual)
                        .evidence(observation.evidence)
                });
            }
        }
    }
}

fn participants<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut additions: BySubject<'h, RoomRef<'h>, UserId> = AHashMap::new();
    for call in denied(input, Operation::ParticipantsAdd) {
        let field = |name| call.request.as_ref().and_then(|body| body.get(name));
        let user = field("user").and_then(UserId::from_json);
        if let (Some(room), Some(user)) = (call.room_in_request(), user) {
            additions.entry(room).or_default().push((user, call));
        }
    }
    let mut removals: BySubject<'h, RoomRef<'h>, UserId> = AHashMap::new();
    for call in denied(input, Operation::ParticipantsRemove) {
        let participant = call.participant_in_path().and_then(|id| input.model.participant(id));
        if let Some((room, user)) = participant {
            removals.entry(room.id.borrowed()).or_default().push((user, call));
        }
    }
    for observation in &input.model.room_observations {
        let room = observation.id().and_then(|id| input.model.room(id));
        let (Some(room), Some(shown)) = (room, observation.participants()) else { continue };
        let at = observation.call.interval();
        let is_before = |call: &Call| call.interval().precedes(at);
        for (user, call) in additions.get(&room.id.borrowed()).into_iter().flatten() {
            if is_before(call) && room.surely_outside(*user, at) {
                context.check(!shown.contains(user), || {
                    violation(
                        call,
                        "no participant is added",
                        format!("user {user} is a participant"),
                    )
                    .evidence(observation.call)
                });
            }
        }
        for (user, call) in removals.get(&room.id.borrowed()).into_iter().flatten() {
            // A user who was added since the rejection may be back.
            let since = Interval { invoked: call.invoked, ..at };
            if is_before(call) && room.surely_member(*user, since) {
                context.check(shown.contains(user), || {
                    violation(
                        call,
                        "no participant is removed",
                        format!("user {user} is not a participant"),
                    )
                    .evidence(observation.call)
                });
            }
        }
    }
}

fn rooms<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut refused: AHashMap<RoomRef<'_>, &Call> = AHashMap::new();
    for call in denied(input, Operation::RoomsArchive) {
        if let Some(room) = call.room_in_path() {
            refused.entry(room).or_insert(call);
        }
    }
    for observation in &input.model.room_observations {
        let Some(room) = observation.id().and_then(|id| input.model.room(id)) else {
            continue;
        };
        let Some(call) = refused.get(&room.id.borrowed()) else { continue };
        let is_active = observation.value.get("is_active").and_then(Value::as_bool);
        let at = observation.call.interval();
        if let Some(is_active) = is_active
            && call.interval().precedes(at)
            && room.archived.is_empty()
        {
            context.check(is_active, || {
                violation(call, "the room is still active", "`is_active` is false")
                    .evidence(observation.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const ROOM: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "last_message": null, "participants": [@participant {"id": 12, "room": "$r1", "user": {"id": 2}, "is_admin": false}]}
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    #[test]
    fn rejected_requests_change_nothing() {
        const RULE: &str = "authorization/no-side-effect";
        let after = |refused: &str, read: &str| format!("{ROOM}\n{refused}\n{read}");
        let send = r#"erin messages.send {"room": "$r1", "content": "no"} => 403 @error"#;
        let edit = r#"bob messages.edit $m1 {"content": "no"} => 403 @error"#;
        let delete = "bob messages.delete $m1 => 404 @error";
        let add = r#"bob participants.add {"room": "$r1", "user": 5} => 403 @error"#;
        let remove = "erin[tampered] participants.remove 12 => 401 @error";
        let archive = "erin rooms.archive $r1 => 404 @error";
        let list = |id: &str, text: &str, fields: &str| {
            format!(
                r#"alice messages.list ?room=$r1 => 200 {{"results": [@message {{"id": "${id}", "room": "$r1", "content": "{text}"{fields}}}]}}"#
            )
        };
        let room = |users: &[u32], fields: &str| {
            let users: Vec<_> = users
                .iter()
                .map(|user| format!(r#"@participant {{"user": {{"id": {user}}}}}"#))
                .collect();
            format!(
                r#"alice rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [{}]{fields}}}"#,
                users.join(", ")
            )
        };
        let plain = list("m1", "a", "");
        assert_states(&[
            (RULE, Held, &after(send, &plain)),
            (RULE, Broken, &after(send, &list("m9", "no", ""))),
            (RULE, Held, &after(edit, &plain)),
            (RULE, Broken, &after(edit, &list("m1", "no", ""))),
            (RULE, Held, &after(delete, &plain)),
            (RULE, Broken, &after(delete, &list("m1", "a", r#", "is_deleted": true"#))),
            (
                RULE,
                NotExercised,
                &after(
                    &format!("{delete}\nalice messages.delete $m1 => ?"),
                    &list("m1", "[Message deleted]", r#", "is_deleted": true"#),
                ),
            ),
            (RULE, Held, &after(add, &room(&[1, 2], ""))),
            (RULE, Broken, &after(add, &room(&[1, 2, 5], ""))),
            (RULE, Held, &after(remove, &room(&[1, 2], ""))),
            (RULE, Broken, &after(remove, &room(&[1], ""))),
            (
                RULE,
                NotExercised,
                &after(&format!("{remove}\nbob rooms.leave $r1 => ?"), &room(&[1], "")),
            ),
            (RULE, Held, &after(archive, &room(&[1, 2], ""))),
            (RULE, Broken, &after(archive, &room(&[1, 2], r#", "is_active": false"#))),
            (RULE, NotExercised, &after("", &plain)),
        ]);
    }
}
