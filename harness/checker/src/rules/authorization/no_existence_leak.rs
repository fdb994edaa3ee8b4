//! Checks that outsiders cannot find out whether an id exists. Rejected requests of outsiders for
//! existing rooms and messages must have the status that the same operation gives for ids that
//! hearback invented. If the target answers invented ids in more than one way, nothing can be
//! compared. Requests that may be rejected for another reason are skipped.

use std::collections::BTreeMap;

use hearback_contract::{Operation, Relation, RequirementId, UserId};
use hearback_history::{Call, synthetic_ids};
use serde_json::Value;

use super::relation::relation_of;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::text;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::AuthorizationNoExistenceLeak, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let refused = || {
        input.history.calls.iter().filter(move |call| {
            call.is_authorized()
                && call.refused()
                && call.status() != Some(401)
                && is_well_formed(input, call)
        })
    };
    // Every user is an outsider to rooms and messages that do not exist.
    let mut unknown: BTreeMap<Operation, BTreeMap<u16, &'h Call>> = BTreeMap::new();
    for call in refused().filter(|call| subject(call).is_some_and(synthetic_ids::is_uuid)) {
        if let (Some(operation), Some(status)) = (call.operation(), call.status()) {
            unknown.entry(operation).or_default().entry(status).or_insert(call);
        }
    }
    for call in refused() {
        let Some(operation) = call.operation() else { continue };
        let Some(answers) = unknown.get(&operation) else { continue };
        if relation_of(input.model, call).is_none_or(|(_, relation)| relation != Relation::Outsider)
        {
            continue;
        }
        let mut answers = answers.iter();
        let (Some((expected, other)), None) = (answers.next(), answers.next()) else {
            context.inconclusive(Reason::Indistinguishable);
            continue;
        };
        context.check(call.status() == Some(*expected), || {
            Violation::new(
                operation.id(),
                format!("status {expected}, as for an id that does not exist"),
                format!("{}, which reveals that the id exists", refusal(call)),
            )
            .evidence(*other)
            .evidence(call)
        });
    }
}

/// Returns the room or message id that a call names.
fn subject(call: &Call) -> Option<&str> {
    let body = call.request.as_ref();
    match call.operation()? {
        Operation::MessagesList | Operation::ParticipantsList => call.query("room"),
        Operation::MessagesSend | Operation::ParticipantsAdd => body?.get("room")?.as_str(),
        Operation::RoomsGet
        | Operation::RoomsMarkRead
        | Operation::RoomsLeave
        | Operation::RoomsArchive
        | Operation::RoomsStats
        | Operation::MessagesGet
        | Operation::MessagesEdit
        | Operation::MessagesDelete
        | Operation::MessagesMarkRead => call.subject(),
        _ => None,
    }
}

/// Returns whether the id is the only possible reason to reject the call.
fn is_well_formed(input: RuleInput<'_>, call: &Call) -> bool {
    let requested = |name: &str| call.request.as_ref().and_then(|body| body.get(name));
    let has_only = |names: &[&str]| {
        let body = call.request.as_ref().and_then(Value::as_object);
        body.is_some_and(|body| body.keys().all(|name| names.contains(&name.as_str())))
    };
    let has_text = || requested("content").and_then(Value::as_str).is_some_and(text::is_ordinary);
    match call.operation() {
        Some(Operation::MessagesSend) => has_only(&["room", "content"]) && has_text(),
        Some(Operation::MessagesEdit) => has_only(&["content"]) && has_text(),
        Some(Operation::ParticipantsAdd) => {
            let user = requested("user").and_then(UserId::from_json);
            has_only(&["room", "user"])
                && user.is_some_and(|user| input.model.actor(user).is_some())
        }
        _ => call.invocation.query.iter().all(|(name, _)| name == "room"),
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::synthetic_ids;

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn existing_ids_are_answered_like_unknown_ids() {
        const RULE: &str = "authorization/no-existence-leak";
        const ROOM: &str = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
        "#;
        let both = |request: &str, existing: u16, unknown: u16| {
            let of =
                |id: &str, message: &str| request.replace("ROOM", id).replace("MESSAGE", message);
            let none = synthetic_ids::uuid(1);
            format!(
                "{ROOM}\nerin {} => {existing} @error\nerin {} => {unknown} @error",
                of("$r1", "$m1"),
                of(&none, &none)
            )
        };
        for request in [
            "rooms.get ROOM",
            "messages.list ?room=ROOM",
            "messages.get MESSAGE",
            r#"messages.send {"room": "ROOM", "content": "b"}"#,
            r#"messages.edit MESSAGE {"content": "b"}"#,
            r#"participants.add {"room": "ROOM", "user": 5}"#,
        ] {
            assert_states(&[
                (RULE, Held, &both(request, 404, 404)),
                (RULE, Held, &both(request, 403, 403)),
                (RULE, Broken, &both(request, 403, 404)),
                (RULE, NotExercised, &both(request, 200, 404)),
                (RULE, NotExercised, &both(request, 403, 500)),
            ]);
        }
        let empty = r#"messages.send {"room": "ROOM", "content": ""}"#;
        let uneven = both("rooms.get ROOM", 403, 404)
            + &format!("\nerin rooms.get {} => 403 @error", synthetic_ids::uuid(2));
        assert_states(&[
            (RULE, NotExercised, &both(empty, 403, 400)),
            (RULE, NotExercised, &both("rooms.get ROOM", 403, 404).replace("erin", "bob")),
            (RULE, Undecided, &uneven),
        ]);
    }
}
