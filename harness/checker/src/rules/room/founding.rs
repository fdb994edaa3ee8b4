//! What a new room is: active, its creator's, with those asked for.

use std::collections::BTreeSet;

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use super::creation::known_users;
use crate::examination::{Breach, Examination};
use crate::model::{Room, WriteKind};
use crate::rule::Case;
use crate::rules::answer::{member, shown, success, text_or_null};

/// Rooms whose creation nothing of `kind` overlaps, with the room as it was answered.
fn new_rooms<'h>(
    case: Case<'h>,
    kind: WriteKind,
) -> impl Iterator<Item = (&'h Room<'h>, &'h Value)> {
    case.world
        .rooms
        .values()
        .filter(move |room| case.world.is_quiet(room, &[kind], room.creation.interval()))
        .filter_map(|room| Some((room, room.creation.success()?)))
}

pub(super) fn starts_active<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    for (room, shown_room) in new_rooms(case, WriteKind::Room) {
        if let Some(is_active) = member(shown_room, "is_active", Value::as_bool, examination) {
            examination.check(is_active, || {
                Breach::new("rooms.create: is_active", "`is_active` is true", "it is false")
                    .seen_in(room.creation)
            });
        }
        if let Some(archived) = member(shown_room, "archived_at", text_or_null, examination) {
            examination.check(archived.is_none(), || {
                Breach::new(
                    "rooms.create: archived_at",
                    "`archived_at` is null",
                    format!("it is {}", archived.unwrap_or_default()),
                )
                .seen_in(room.creation)
            });
        }
    }
}

pub(super) fn created_by<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    for room in case.world.rooms.values() {
        if let Some(body) = room.creation.success() {
            check_creator(case, room, room.creation, body, examination);
        }
    }
    for call in case.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        let Some(room) = case.world.room_of(call) else { continue };
        if let Some(body) = success(call, examination) {
            check_creator(case, room, call, body, examination);
        }
    }
}

fn check_creator<'h>(
    case: Case<'h>,
    room: &Room<'h>,
    call: &'h Call,
    body: &'h Value,
    examination: &mut Examination<'h>,
) {
    let Some(creator) = case.world.user_id(&room.creator) else {
        examination.unclear(format!("the user id of {} is not known", room.creator));
        return;
    };
    let read = |value: &'h Value| {
        if value.is_null() { Some(value) } else { value.get("id").filter(|id| id.is_i64()) }
    };
    let Some(shown_creator) = member(body, "created_by", read, examination) else { return };
    examination.check(shown_creator.as_i64() == Some(creator), || {
        let place = call.operation().map_or("", Operation::id);
        let breach = Breach::new(
            format!("{place}: created_by"),
            format!("`created_by` is {} (user {creator})", room.creator),
            format!("it is {}", shown(shown_creator)),
        );
        if call.seq == room.creation.seq {
            breach.seen_in(call)
        } else {
            breach.seen_in(room.creation).seen_in(call)
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
fn foundings<'h>(case: Case<'h>, examination: &mut Examination<'h>) -> Vec<Founding<'h>> {
    let mut foundings = Vec::new();
    for (room, body) in new_rooms(case, WriteKind::Membership) {
        match (case.world.user_id(&room.creator), participants(body)) {
            (None, _) => {
                examination.unclear(format!("the user id of {} is not known", room.creator));
            }
            (_, None) => examination
                .unclear("`participants` are absent or mistyped: see the schema requirements"),
            (Some(creator), Some(participants)) => {
                foundings.push(Founding { room, creator, participants });
            }
        }
    }
    foundings
}

pub(super) fn creator_is_admin<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    for Founding { room, creator, participants } in foundings(case, examination) {
        let own = participants.iter().find(|(user, _)| *user == creator);
        examination.check(own.is_some_and(|(_, is_admin)| *is_admin), || {
            let (cause, actual) = match own {
                Some(_) => ("is_admin", "they are a participant with `is_admin` false"),
                None => ("participants", "they are no participant"),
            };
            Breach::new(
                format!("rooms.create: {cause}"),
                format!("the creator, {} (user {creator}), is an admin", room.creator),
                actual,
            )
            .seen_in(room.creation)
        });
    }
}

pub(super) fn others_are_not_admin<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    for Founding { room, creator, participants } in foundings(case, examination) {
        for (user, is_admin) in participants.iter().filter(|(user, _)| *user != creator) {
            examination.check(!is_admin, || {
                Breach::new(
                    "rooms.create: is_admin",
                    "nobody but the creator is an admin",
                    format!("user {user} has `is_admin` true"),
                )
                .seen_in(room.creation)
            });
        }
    }
}

pub(super) fn participants_as_asked<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let known = known_users(case.history);
    for Founding { room, participants, .. } in foundings(case, examination) {
        if !are_asked_for_known(room, &known) {
            examination.unclear("whether all that were asked for exist is not known");
            continue;
        }
        let founders = founders(room);
        let shown: BTreeSet<i64> = participants.iter().map(|(user, _)| *user).collect();
        examination.check(shown == founders && shown.len() == participants.len(), || {
            let cause = if shown == founders { "somebody twice" } else { "other participants" };
            let users: Vec<_> = participants.iter().map(|(user, _)| *user).collect();
            Breach::new(
                format!("rooms.create: {cause}"),
                format!("the participants are users {founders:?}, each once"),
                format!("they are users {users:?}"),
            )
            .seen_in(room.creation)
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
