//! Checks each operation that needs a room against the policy, one rule per operation.
//!
//! A call is compared with the policy if its token is valid and the caller's relation to the room
//! is certain. A denied call must not succeed, but a list may be empty instead. An allowed call must not be answered 403 or 404,
//! unless something other than the relation may be the reason: an archived room, a deleted message,
//! a value that a server may reject. Other responses show nothing about the policy. Edits and
//! deletions by other members are left to `message/edit-by-others-refused` and
//! `message/delete-by-others-refused`, and cells where the policy allows either are not checked.

use hearback_contract::policy::permission;
use hearback_contract::{
    Access, Action, Operation, Permission, Relation, RequirementId, Role, UserId,
};
use hearback_history::Call;
use serde_json::Value;

use super::relation::relation_of;
use crate::model::Room;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::text;
use crate::violation::Violation;

/// The rules, in the order of the requirements.
#[rustfmt::skip]
pub(in crate::rules) static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::AuthorizationRoomsGet, check: |input, context| open_to(input, context, Operation::RoomsGet) },
    Rule { requirement: RequirementId::AuthorizationRoomsMarkRead, check: |input, context| open_to(input, context, Operation::RoomsMarkRead) },
    Rule { requirement: RequirementId::AuthorizationRoomsLeave, check: |input, context| open_to(input, context, Operation::RoomsLeave) },
    Rule { requirement: RequirementId::AuthorizationRoomsArchive, check: |input, context| open_to(input, context, Operation::RoomsArchive) },
    Rule { requirement: RequirementId::AuthorizationRoomsStats, check: |input, context| open_to(input, context, Operation::RoomsStats) },
    Rule { requirement: RequirementId::AuthorizationMessagesList, check: |input, context| open_to(input, context, Operation::MessagesList) },
    Rule { requirement: RequirementId::AuthorizationMessagesSend, check: |input, context| open_to(input, context, Operation::MessagesSend) },
    Rule { requirement: RequirementId::AuthorizationMessagesGet, check: |input, context| open_to(input, context, Operation::MessagesGet) },
    Rule { requirement: RequirementId::AuthorizationMessagesEdit, check: |input, context| open_to(input, context, Operation::MessagesEdit) },
    Rule { requirement: RequirementId::AuthorizationMessagesDelete, check: |input, context| open_to(input, context, Operation::MessagesDelete) },
    Rule { requirement: RequirementId::AuthorizationMessagesMarkRead, check: |input, context| open_to(input, context, Operation::MessagesMarkRead) },
    Rule { requirement: RequirementId::AuthorizationParticipantsList, check: |input, context| open_to(input, context, Operation::ParticipantsList) },
    Rule { requirement: RequirementId::AuthorizationParticipantsAdd, check: |input, context| open_to(input, context, Operation::ParticipantsAdd) },
    Rule { requirement: RequirementId::AuthorizationParticipantsRemove, check: |input, context| open_to(input, context, Operation::ParticipantsRemove) },
    Rule { requirement: RequirementId::AuthorizationParticipantsMute, check: |input, context| open_to(input, context, Operation::ParticipantsMute) },
];

/// A call by a user with a certain relation to the room, compared with the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruling {
    pub(crate) relation: Relation,
    pub(crate) permission: Permission,
    /// True if the response keeps the policy. `None` if it shows nothing about the policy.
    pub(crate) is_kept: Option<bool>,
}

/// Compares a call that has a valid token with the policy. `None` if it is not about a room of this
/// run, if the relation to the room is uncertain, or if the response is missing, 401 or 5xx.
pub(crate) fn ruling(input: RuleInput<'_>, call: &Call) -> Option<Ruling> {
    let operation = call.operation().filter(|_| call.is_authorized())?;
    call.status().filter(|status| *status != 401 && *status < 500)?;
    let (room, relation) = relation_of(input.model, call)?;
    let permission = permission(Role::Authenticated(relation), Action::Operation(operation));
    let is_kept = is_kept(input, call, (room, relation), permission);
    Some(Ruling { relation, permission, is_kept })
}

/// Returns whether a response keeps a permission of the caller, who has a relation to the room; `None` if it shows
/// nothing about it.
pub(in crate::rules) fn is_kept(
    input: RuleInput<'_>,
    call: &Call,
    (room, relation): (&Room<'_>, Relation),
    permission: Permission,
) -> Option<bool> {
    let operation = call.operation()?;
    let is_forbidden = matches!(call.status(), Some(403 | 404));
    match permission {
        Permission::Deny if is_empty_list(call) => shows_refusal(operation, room, call),
        Permission::Deny => Some(!call.succeeded()),
        Permission::Allow if call.succeeded() => Some(true),
        Permission::Allow if is_forbidden && is_plain(input, call, room, relation) => Some(false),
        Permission::Either if call.succeeded() || is_forbidden => Some(true),
        Permission::Allow | Permission::Either => None,
    }
}

/// Returns whether the response is a list without items that does not reveal a number of items either.
fn is_empty_list(call: &Call) -> bool {
    let count = call.success().and_then(|body| body.get("count")?.as_u64()).unwrap_or_default();
    count == 0 && call.items().is_some_and(Vec::is_empty)
}

/// Interprets an empty list (list-of-foreign-room): a server that filters lists by membership refuses in this way. It
/// shows nothing if the room itself may have nothing to list.
fn shows_refusal(operation: Operation, room: &Room<'_>, call: &Call) -> Option<bool> {
    let at = call.interval();
    let has_items = match operation {
        Operation::MessagesList => room.acknowledged_before(at) > 0,
        _ => true,
    };
    has_items.then_some(true)
}

fn open_to<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, operation: Operation) {
    for call in input.history.calls_of(operation) {
        if call.status().is_some_and(|status| status >= 500) {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
        }
        let Some(Ruling { relation, permission, is_kept: Some(is_kept) }) = ruling(input, call)
        else {
            continue;
        };
        // Edits and deletions by other members are left to requirements of their own.
        let is_elsewhere = matches!(operation, Operation::MessagesEdit | Operation::MessagesDelete)
            && matches!(relation, Relation::OtherMember | Relation::Admin);
        if is_elsewhere || permission == Permission::Either {
            continue;
        }
        let who = words(relation);
        context.check(is_kept, || match permission {
            Permission::Deny => Violation::new(
                format!("{operation} by {who}"),
                format!("{}, {who}, is rejected", call.invocation.actor),
                success_of(call),
            )
            .evidence(call),
            _ => Violation::new(
                format!("{operation} by {who}"),
                format!("{}, {who}, is allowed", call.invocation.actor),
                refusal(call),
            )
            .evidence(call),
        });
    }
}

/// Describes the success of a call, and what a list contains.
fn success_of(call: &Call) -> String {
    let status = call.status().unwrap_or_default();
    let Some(items) = call.items() else { return format!("answered {status}") };
    let count = call.success().and_then(|body| body.get("count")?.as_u64());
    match (items.len(), count) {
        (0, Some(count)) => format!("answered {status}, with an empty list and `count` {count}"),
        (1, _) => format!("answered {status}, with 1 item"),
        (items, _) => format!("answered {status}, with {items} items"),
    }
}

/// Describes a relation.
fn words(relation: Relation) -> &'static str {
    match relation {
        Relation::Outsider => "a user who was never in the room",
        Relation::Departed => "a user who left the room",
        Relation::Removed => "a user who was removed from the room",
        Relation::Member => "a member",
        Relation::OtherMember => "a member who does not own the object",
        Relation::Admin => "an admin",
    }
}

/// Returns whether the caller's relation to the room is the only possible reason for a 403 or 404.
fn is_plain(input: RuleInput<'_>, call: &Call, room: &Room<'_>, relation: Relation) -> bool {
    let at = call.interval();
    let Some(operation) = call.operation() else { return false };
    if operation.spec().access == Access::Write && !room.surely_active(at) {
        return false;
    }
    let requested = |name: &str| {
        call.request.as_ref().and_then(|body| body.get(name)).filter(|value| !value.is_null())
    };
    let is_group = room.room_type == Some("group");
    let participant = || input.model.participant(call.participant_in_path()?);
    // A participant who came back may have another id than before.
    let has_stayed = |user: UserId| {
        room.members.get(&user).is_some_and(|memberships| memberships.len() == 1)
            && room.surely_member(user, at)
    };
    match operation {
        // A server may let only the creator archive a room (who-may-archive).
        Operation::RoomsArchive => {
            input.model.user_id(&room.creator) == input.model.user_id(&call.invocation.actor)
        }
        // The only admin may not be allowed to leave (last-admin-leaves).
        Operation::RoomsLeave => relation == Relation::Member,
        Operation::MessagesList => {
            call.invocation.query.iter().all(|(name, value)| match name.as_str() {
                "room" => true,
                "ordering" => matches!(value.as_str(), "created_at" | "-created_at"),
                _ => false,
            })
        }
        Operation::ParticipantsList => call.invocation.query.iter().all(|(name, _)| name == "room"),
        Operation::MessagesSend => {
            let is_text =
                requested("content").and_then(Value::as_str).is_some_and(text::is_ordinary);
            is_text
                && requested("reply_to").is_none()
                && requested("message_type").is_none_or(|kind| kind == "text")
        }
        Operation::MessagesGet | Operation::MessagesEdit | Operation::MessagesDelete => {
            let message = call.message_in_path().and_then(|id| input.model.message(id));
            message.is_some_and(|message| !message.maybe_deleted(at))
        }
        // The specification does not say whether senders can mark their own messages.
        Operation::MessagesMarkRead => {
            let message = call.message_in_path().and_then(|id| input.model.message(id));
            relation != Relation::Member
                && message.is_some_and(|message| !message.maybe_deleted(at))
        }
        Operation::ParticipantsAdd => {
            let user = requested("user").and_then(UserId::from_json);
            is_group && user.is_some_and(|user| input.model.actor(user).is_some())
        }
        // A server may protect the creator.
        Operation::ParticipantsRemove => participant().is_some_and(|(_, user)| {
            is_group && has_stayed(user) && input.model.user_id(&room.creator) != Some(user)
        }),
        Operation::ParticipantsMute => participant().is_some_and(|(_, user)| has_stayed(user)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// Alice's room with bob, carol and dave as members.
    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3, 4]} => 201 @room {"id": "$r1", "participants": [@participant {"id": 12, "room": "$r1", "user": {"id": 2}, "is_admin": false}]}
    "#;

    const MESSAGE: &str =
        r#"[3..4] bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}"#;

    const GONE: &str = "[5..6] dave rooms.leave $r1 => 200 {}";

    #[test]
    fn each_operation_is_open_to_the_roles_that_the_policy_allows() {
        // The operation and its arguments, an allowed user, a denied user.
        let cases = [
            ("rooms.get", "$r1", "bob", "erin"),
            ("rooms.mark_read", "$r1", "bob", "dave"),
            ("rooms.leave", "$r1", "bob", "erin"),
            ("rooms.archive", "$r1", "alice", "dave"),
            ("rooms.stats", "$r1", "carol", "erin"),
            ("messages.list", "?room=$r1", "carol", "dave"),
            ("messages.send", r#"{"room": "$r1", "content": "b"}"#, "bob", "dave"),
            ("messages.get", "$m1", "carol", "erin"),
            ("messages.edit", r#"$m1 {"content": "b"}"#, "bob", "erin"),
            ("messages.delete", "$m1", "bob", "erin"),
            ("messages.mark_read", "$m1", "carol", "erin"),
            ("participants.list", "?room=$r1", "bob", "dave"),
            ("participants.add", r#"{"room": "$r1", "user": 5}"#, "alice", "bob"),
            ("participants.remove", "12", "alice", "carol"),
            ("participants.mute", r#"12 {"muted": true}"#, "bob", "carol"),
        ];
        for (operation, request, allowed, denied) in cases {
            let requirement = format!("authorization/{operation}");
            let message = if operation == "messages.send" { "" } else { MESSAGE };
            let departure = if denied == "dave" { GONE } else { "" };
            let before = [ROOM, message, departure].join("\n");
            let answered = |who: &str, status: &str| {
                format!("{before}\n{who} {operation} {request} => {status} @error")
            };
            for (state, history) in [
                (Held, answered(allowed, "200")),
                (Broken, answered(allowed, "403")),
                (NotExercised, answered(allowed, "400")),
                (Held, answered(denied, "404")),
                (Broken, answered(denied, "200")),
                (NotExercised, answered(denied, "401")),
                (Undecided, answered(denied, "500")),
                (NotExercised, ROOM.to_owned()),
            ] {
                assert_states(&[(&requirement, state, &history)]);
            }
        }
    }

    #[test]
    fn an_empty_list_is_a_refusal_if_the_room_has_items() {
        let of = |operation: &str, before: &str, body: &str| {
            format!("{ROOM}\n{before}\nerin {operation} ?room=$r1 => 200 {body}")
        };
        let empty = r#"{"count": 0, "next": null, "previous": null, "results": []}"#;
        let counted = empty.replace('0', "1");
        assert_states(&[
            ("authorization/messages.list", Held, &of("messages.list", MESSAGE, empty)),
            ("authorization/messages.list", Broken, &of("messages.list", MESSAGE, &counted)),
            ("authorization/messages.list", NotExercised, &of("messages.list", "", empty)),
            ("authorization/participants.list", Held, &of("participants.list", "", empty)),
            ("authorization/participants.list", Broken, &of("participants.list", "", &counted)),
        ]);
    }

    #[test]
    fn a_finding_says_what_a_list_contained() {
        let actual = |body: &str| {
            let history = format!("{ROOM}\n{MESSAGE}\nerin messages.list ?room=$r1 => 200 {body}");
            verdict_of("authorization/messages.list", &history).findings[0].actual.clone()
        };
        let page = |count: u32, results: &str| {
            format!(
                r#"{{"count": {count}, "next": null, "previous": null, "results": [{results}]}}"#
            )
        };
        assert_eq!(actual(&page(1, "")), "answered 200, with an empty list and `count` 1");
        assert_eq!(actual(&page(1, r#"@message {"id": "$m1"}"#)), "answered 200, with 1 item");
    }

    #[test]
    fn uncertain_roles_and_other_reasons_are_skipped() {
        let after = |line: &str| format!("{ROOM}\n{MESSAGE}\n{line}");
        let archived = "alice rooms.archive $r1 => ?";
        assert_states(&[
            (
                "authorization/rooms.mark_read",
                NotExercised,
                &after(&format!("{archived}\nbob rooms.mark_read $r1 => 403 @error")),
            ),
            (
                "authorization/rooms.get",
                Broken,
                &after(&format!("{archived}\nbob rooms.get $r1 => 403 @error")),
            ),
            (
                "authorization/rooms.leave",
                NotExercised,
                &after("alice rooms.leave $r1 => 403 @error"),
            ),
            // Erin was added while she requested to leave.
            (
                "authorization/rooms.leave",
                NotExercised,
                &after(
                    r#"[20..40] erin rooms.leave $r1 => 200 {}
                    [21..22] alice participants.add {"room": "$r1", "user": 5} => 201 @participant"#,
                ),
            ),
            (
                "authorization/messages.get",
                NotExercised,
                &after("bob messages.delete $m1 => ?\nbob messages.get $m1 => 404 @error"),
            ),
            (
                "authorization/messages.edit",
                NotExercised,
                &after(r#"carol messages.edit $m1 {"content": "b"} => 200 @message"#),
            ),
            (
                "authorization/messages.delete",
                NotExercised,
                &after("carol messages.delete $m1 => 200 {}"),
            ),
            // Only the creator may be allowed to archive.
            (
                "authorization/rooms.archive",
                NotExercised,
                &after(
                    r#"alice participants.add {"room": "$r1", "user": 5, "is_admin": true} => 201 @participant {"id": 15, "room": "$r1", "user": {"id": 5}, "is_admin": true}
                    erin rooms.archive $r1 => 403 @error"#,
                ),
            ),
            (
                "authorization/rooms.get",
                NotExercised,
                &after(
                    "[10..20] alice participants.remove 12 => 200 {}\n[15..16] bob rooms.get $r1 => 404 @error",
                ),
            ),
            (
                "authorization/rooms.get",
                Broken,
                &after(
                    "[10..20] alice participants.remove 12 => 200 {}\n[21..22] bob rooms.get $r1 => 200 @room",
                ),
            ),
        ]);
    }
}
