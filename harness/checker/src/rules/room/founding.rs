//! What a new room is: active, its creator's, with those asked for.

use std::collections::BTreeSet;

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use super::creation::known_users;
use crate::model::{Room, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, shown, success, text_or_null};

/// Rooms whose creation nothing of `kind` overlaps, with the room as it was answered.
fn new_rooms<'h>(
    input: RuleInput<'h>,
    kind: WriteKind,
) -> impl Iterator<Item = (&'h Room<'h>, &'h Value)> {
    input
        .model
        .rooms
        .values()
        .filter(move |room| input.model.is_quiet(room, &[kind], room.creation.interval()))
        .filter_map(|room| Some((room, room.creation.success()?)))
}

pub(super) fn starts_active<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, shown_room) in new_rooms(input, WriteKind::Room) {
        if let Some(is_active) = member(shown_room, "is_active", Value::as_bool, context) {
            context.check(is_active, || {
                Violation::new("rooms.create: is_active", "`is_active` is true", "it is false")
                    .evidence(room.creation)
            });
        }
        if let Some(archived) = member(shown_room, "archived_at", text_or_null, context) {
            context.check(archived.is_none(), || {
                Violation::new(
                    "rooms.create: archived_at",
                    "`archived_at` is null",
                    format!("it is {}", archived.unwrap_or_default()),
                )
                .evidence(room.creation)
            });
        }
    }
}

pub(super) fn created_by<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for room in input.model.rooms.values() {
        if let Some(body) = room.creation.success() {
            check_creator(input, room, room.creation, body, context);
        }
    }
    for call in input.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        if let Some(body) = success(call, context) {
            check_creator(input, room, call, body, context);
        }
    }
}

fn check_creator<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    call: &'h Call,
    body: &'h Value,
    context: &mut RuleContext<'h>,
) {
    let Some(creator) = input.model.user_id(&room.creator) else {
        context.inconclusive(format!("the user id of {} is not known", room.creator));
        return;
    };
    let read = |value: &'h Value| {
        if value.is_null() { Some(value) } else { value.get("id").filter(|id| id.is_i64()) }
    };
    let Some(shown_creator) = member(body, "created_by", read, context) else { return };
    context.check(shown_creator.as_i64() == Some(creator), || {
        let place = call.operation().map_or("", Operation::id);
        let violation = Violation::new(
            format!("{place}: created_by"),
            format!("`created_by` is {} (user {creator})", room.creator),
            format!("it is {}", shown(shown_creator)),
        );
        if call.seq == room.creation.seq {
            violation.evidence(call)
        } else {
            violation.evidence(room.creation).evidence(call)
        }
    });
}

/// Current participants as shown: user id and whether an admin; `None` if one of them is misshapen.
fn participants(room: &Value) -> Option<Vec<(i64, bool)>> {
    let participants = room.get("participants")?.as_array()?;
    participants
        .iter()
        .map(|participant| {
            Some((
                participant.pointer("/user/id")?.as_i64()?,
                participant.get("is_admin")?.as_bool()?,
            ))
        })
        .collect()
}

/// A new room as its creator was shown it.
struct Founding<'h> {
    room: &'h Room<'h>,
    creator: i64,
    /// User id and whether an admin.
    participants: Vec<(i64, bool)>,
}

/// New rooms whose participants can be read.
fn foundings<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Founding<'h>> {
    let mut foundings = Vec::new();
    for (room, body) in new_rooms(input, WriteKind::Membership) {
        match (input.model.user_id(&room.creator), participants(body)) {
            (None, _) => {
                context.inconclusive(format!("the user id of {} is not known", room.creator));
            }
            (_, None) => context
                .inconclusive("`participants` are absent or mistyped: see the schema requirements"),
            (Some(creator), Some(participants)) => {
                foundings.push(Founding { room, creator, participants });
            }
        }
    }
    foundings
}

pub(super) fn creator_is_admin<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for Founding { room, creator, participants } in foundings(input, context) {
        let own = participants.iter().find(|(user, _)| *user == creator);
        context.check(own.is_some_and(|(_, is_admin)| *is_admin), || {
            let (variant, actual) = match own {
                Some(_) => ("is_admin", "they are a participant with `is_admin` false"),
                None => ("participants", "they are no participant"),
            };
            Violation::new(
                format!("rooms.create: {variant}"),
                format!("the creator, {} (user {creator}), is an admin", room.creator),
                actual,
            )
            .evidence(room.creation)
        });
    }
}

pub(super) fn others_are_not_admin<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for Founding { room, creator, participants } in foundings(input, context) {
        for (user, is_admin) in participants.iter().filter(|(user, _)| *user != creator) {
            context.check(!is_admin, || {
                Violation::new(
                    "rooms.create: is_admin",
                    "nobody but the creator is an admin",
                    format!("user {user} has `is_admin` true"),
                )
                .evidence(room.creation)
            });
        }
    }
}

pub(super) fn participants_as_asked<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for Founding { room, participants, .. } in foundings(input, context) {
        if !are_asked_for_known(room, &known) {
            context.inconclusive("whether all that were asked for exist is not known");
            continue;
        }
        let founders = founders(room);
        let shown: BTreeSet<i64> = participants.iter().map(|(user, _)| *user).collect();
        context.check(shown == founders && shown.len() == participants.len(), || {
            let variant = if shown == founders { "somebody twice" } else { "other participants" };
            let users: Vec<_> = participants.iter().map(|(user, _)| *user).collect();
            Violation::new(
                format!("rooms.create: {variant}"),
                format!("the participants are users {founders:?}, each once"),
                format!("they are users {users:?}"),
            )
            .evidence(room.creation)
        });
    }
}

/// Those who should be in the room from the start.
fn founders(room: &Room<'_>) -> BTreeSet<i64> {
    let founded = room.creation.interval();
    let is_founder = |stays: &Vec<crate::model::Membership>| {
        stays.first().is_some_and(|stay| stay.joined == founded)
    };
    room.members.iter().filter(|(_, stays)| is_founder(stays)).map(|(user, _)| *user).collect()
}

fn are_asked_for_known(room: &Room<'_>, known: &ahash::AHashSet<i64>) -> bool {
    let asked = room.creation.request.as_ref().and_then(|request| request.get("participant_ids"));
    let are_integers = asked
        .is_none_or(|asked| asked.as_array().is_some_and(|asked| asked.iter().all(Value::is_i64)));
    are_integers && founders(room).iter().all(|user| known.contains(user))
}

/// Whether the answer to the creation showed the participants that were asked for: if not, what
/// follows from it is that requirement's business.
pub(super) fn is_founded_as_asked(room: &Room<'_>) -> bool {
    let shown = room.creation.success().and_then(participants);
    let shown: Option<BTreeSet<i64>> =
        shown.map(|participants| participants.iter().map(|(user, _)| *user).collect());
    shown == Some(founders(room))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const BOTH: &str = r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}, "is_admin": false}]"#;

    fn made(overrides: &str) -> String {
        format!(
            r#"alice rooms.create {{"room_type": "group", "name": "x", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "room_type": "group", {overrides}}}"#
        )
    }

    #[test]
    fn a_room_starts_active() {
        assert_states(&[
            ("room/starts-active", Held, &made(r#""name": "x""#)),
            ("room/starts-active", Broken, &made(r#""is_active": false"#)),
            ("room/starts-active", Broken, &made(r#""archived_at": "2025-10-19T10:00:00Z""#)),
            // Bob, who saw it in his list, archives it before alice has the answer.
            (
                "room/starts-active",
                crate::verdict::State::NotExercised,
                &format!(
                    "[1..9] {}\n[5..6] bob rooms.archive $r1 => 200 @room",
                    made(r#""is_active": false"#)
                ),
            ),
        ]);
    }

    #[test]
    fn a_room_is_its_creators() {
        let later = |by: &str| {
            format!(
                "{}\nbob rooms.get $r1 => 200 @room {{\"id\": \"$r1\", \"created_by\": {by}}}",
                made(r#""created_by": {"id": 1}"#)
            )
        };
        assert_states(&[
            ("room/created-by", Held, &later(r#"{"id": 1}"#)),
            ("room/created-by", Broken, &later(r#"{"id": 2}"#)),
            ("room/created-by", Broken, &later("null")),
            ("room/created-by", Broken, &made(r#""created_by": {"id": 2}"#)),
            ("room/created-by", Undecided, &made(r#""created_by": "alice""#)),
        ]);
    }

    #[test]
    fn its_participants_are_those_asked_for() {
        let with = |participants: &str| made(&format!(r#""participants": {participants}"#));
        let both = with(BOTH);
        let twice = with(
            r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}, @participant {"user": {"id": 2}}]"#,
        );
        let alone = with(r#"[@participant {"user": {"id": 1}}]"#);
        let absent = with(r#"[@participant {"user": {"id": 2}, "is_admin": false}]"#);
        let reversed = with(
            r#"[@participant {"user": {"id": 1}, "is_admin": false}, @participant {"user": {"id": 2}}]"#,
        );
        assert_states(&[
            ("room/creator-is-admin", Held, &both),
            ("room/creator-is-admin", Broken, &reversed),
            ("room/creator-is-admin", Broken, &absent),
            ("room/creator-is-admin", Undecided, &with("[5]")),
            ("room/others-are-not-admin", Held, &both),
            ("room/others-are-not-admin", Broken, &reversed),
            ("room/participants-as-asked", Held, &both),
            ("room/participants-as-asked", Broken, &twice),
            ("room/participants-as-asked", Broken, &alone),
            ("room/participants-as-asked", Broken, &absent),
            (
                "room/participants-as-asked",
                Undecided,
                &format!(
                    r#"alice rooms.create {{"room_type": "group", "participant_ids": [77]}} => 201 @room {{"participants": {BOTH}}}"#
                ),
            ),
        ]);
    }
}
