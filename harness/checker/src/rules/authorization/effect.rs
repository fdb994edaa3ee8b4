//! What is refused has no effect.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::examination::{Breach, Examination};
use crate::model::PLACEHOLDER;
use crate::rule::Case;
use crate::rules::answer::{quoted, refusal};
use crate::rules::delivery::{RefusedSend, refused_sends};

/// Refused writes by what they were about: a message or a room.
type BySubject<'h, T> = AHashMap<&'h str, Vec<(T, &'h Call)>>;

pub(super) fn no_side_effect<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    sends(case, examination);
    messages(case, examination);
    participants(case, examination);
    rooms(case, examination);
}

/// Whether the call was refused for want of a right.
fn is_denied(call: &Call) -> bool {
    matches!(call.status(), Some(401 | 403 | 404))
}

fn denied<'h>(case: Case<'h>, operation: Operation) -> impl Iterator<Item = &'h Call> {
    case.history.calls_of(operation).filter(|call| is_denied(call))
}

fn breach<'h>(call: &'h Call, expected: &str, actual: impl Into<String>) -> Breach<'h> {
    let operation = call.operation().map_or("", Operation::id);
    let expected = format!("{expected}: {operation} by {} was refused", call.invocation.actor);
    let actual = format!("{}; {}", refusal(call), actual.into());
    Breach::new(operation, expected, actual).seen_in(call)
}

fn sends<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let sends = refused_sends(case).into_iter().filter(|send| is_denied(send.call));
    for RefusedSend { call, text, sighting, is_watched } in sends {
        match sighting {
            Some(sighting) => examination.check(false, || {
                breach(call, "no message is sent", format!("{} is shown", quoted(text)))
                    .seen_in(sighting.witness)
            }),
            None if is_watched => examination.held(),
            None => {}
        }
    }
}

fn messages<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let mut edits: BySubject<'h, &'h str> = AHashMap::new();
    for call in denied(case, Operation::MessagesEdit) {
        let content = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
        if let (Some(message), Some(content)) = (call.subject(), content) {
            edits.entry(message).or_default().push((content, call));
        }
    }
    let mut deletions: BySubject<'h, ()> = AHashMap::new();
    for call in denied(case, Operation::MessagesDelete) {
        deletions.entry(call.subject().unwrap_or_default()).or_default().push(((), call));
    }
    if edits.is_empty() && deletions.is_empty() {
        return;
    }
    for (sighting, message) in case.world.recognised() {
        let content = sighting.content().unwrap_or_default();
        let was_said = message.versions.iter().any(|version| version.content == content);
        for (refused, call) in edits.get(message.id.as_str()).into_iter().flatten() {
            if call.interval().precedes(sighting.at) {
                examination.check(was_said || content != *refused, || {
                    let actual = format!("it says {} now", quoted(content));
                    breach(call, "the message stays as it was", actual).seen_in(sighting.witness)
                });
            }
        }
        for (_, call) in deletions.get(message.id.as_str()).into_iter().flatten() {
            if call.interval().precedes(sighting.at) && message.deletions.is_empty() {
                let is_gone = sighting.is_deleted() || content == PLACEHOLDER && !was_said;
                examination.check(!is_gone, || {
                    let actual = "the message is deleted";
                    breach(call, "the message is not deleted", actual).seen_in(sighting.witness)
                });
            }
        }
    }
}

fn participants<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let mut additions: BySubject<'h, i64> = AHashMap::new();
    for call in denied(case, Operation::ParticipantsAdd) {
        let field = |name| call.request.as_ref().and_then(|body| body.get(name));
        let user = field("user").and_then(Value::as_i64);
        if let (Some(room), Some(user)) = (field("room").and_then(Value::as_str), user) {
            additions.entry(room).or_default().push((user, call));
        }
    }
    let mut removals: BySubject<'h, i64> = AHashMap::new();
    for call in denied(case, Operation::ParticipantsRemove) {
        let participant = call.subject().and_then(|id| case.world.participant(id));
        if let Some((room, user)) = participant {
            removals.entry(room.id.as_str()).or_default().push((user, call));
        }
    }
    for sighting in &case.world.room_sightings {
        let room = sighting.id().and_then(|id| case.world.rooms.get(id));
        let (Some(room), Some(shown)) = (room, sighting.participants()) else { continue };
        let at = sighting.call.interval();
        let is_before = |call: &Call| call.interval().precedes(at);
        for (user, call) in additions.get(room.id.as_str()).into_iter().flatten() {
            if is_before(call) && room.surely_outside(*user, at) {
                examination.check(!shown.contains(user), || {
                    breach(call, "nobody is added", format!("user {user} is a participant"))
                        .seen_in(sighting.call)
                });
            }
        }
        for (user, call) in removals.get(room.id.as_str()).into_iter().flatten() {
            // Who was added since the refusal may be there again.
            let since = Interval { invoked: call.invoked, ..at };
            if is_before(call) && room.surely_member(*user, since) {
                examination.check(shown.contains(user), || {
                    breach(call, "nobody is removed", format!("user {user} is no participant"))
                        .seen_in(sighting.call)
                });
            }
        }
    }
}

fn rooms<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let mut refused: AHashMap<&str, &Call> = AHashMap::new();
    for call in denied(case, Operation::RoomsArchive) {
        refused.entry(call.subject().unwrap_or_default()).or_insert(call);
    }
    for sighting in &case.world.room_sightings {
        let Some(room) = sighting.id().and_then(|id| case.world.rooms.get(id)) else { continue };
        let Some(call) = refused.get(room.id.as_str()) else { continue };
        let is_active = sighting.value.get("is_active").and_then(Value::as_bool);
        let at = sighting.call.interval();
        if let Some(is_active) = is_active
            && call.interval().precedes(at)
            && room.archived.is_empty()
        {
            examination.check(is_active, || {
                breach(call, "the room stays active", "`is_active` is false").seen_in(sighting.call)
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
    fn refusals_change_nothing() {
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
