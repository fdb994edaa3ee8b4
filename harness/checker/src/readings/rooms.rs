//! Rooms: their creation, and what their members and others may do.

use ahash::AHashMap;
use hearback_contract::{AmbiguityId, Operation, ReadingId, Relation, RoomRef, UserId};
use hearback_history::Call;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::{MEMBERS, calls_by, is_first};
use crate::rule::RuleInput;
use crate::rules::room::creations::{Creation, creations, known_users};

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::OutsiderStatus, outsider_status),
    row(AmbiguityId::ListOfForeignRoom, list_of_foreign_room),
    row(AmbiguityId::SecondDirectRoom, second_direct_room),
    row(AmbiguityId::GroupName, group_name),
    row(AmbiguityId::TaskAndProperty, task_and_property),
    row(AmbiguityId::CreateResponseMembers, create_response_members),
    row(AmbiguityId::TaskMembers, task_members),
    row(AmbiguityId::WhoMayArchive, who_may_archive),
    row(AmbiguityId::ArchivedRoom, archived_room),
    row(AmbiguityId::RoomSearchScope, room_search_scope),
    row(AmbiguityId::EmptyRoomPreview, empty_room_preview),
    row(AmbiguityId::EmptyRoomTime, empty_room_time),
];

/// Most searches for rooms that are looked at, so that long histories cost little.
const MAX_SEARCHES: usize = 200;

/// Users who have never been in the room.
const OUTSIDERS: &[Relation] = &[Relation::Outsider];

fn outsider_status(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const OPERATIONS: [Operation; 3] =
        [Operation::RoomsGet, Operation::RoomsStats, Operation::MessagesGet];
    observations.take_by_status(
        OPERATIONS.into_iter().flat_map(|operation| calls_by(input, operation, OUTSIDERS)),
        &[(403, ReadingId::OutsiderStatus403), (404, ReadingId::OutsiderStatus404)],
    );
}

fn list_of_foreign_room(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const OPERATIONS: [Operation; 2] = [Operation::MessagesList, Operation::ParticipantsList];
    for call in OPERATIONS.into_iter().flat_map(|operation| calls_by(input, operation, OUTSIDERS)) {
        match call.status() {
            Some(403 | 404) => observations.takes(ReadingId::ListOfForeignRoomRefused, call),
            Some(200) if call.items().is_some_and(Vec::is_empty) => {
                observations.takes(ReadingId::ListOfForeignRoomEmpty, call);
            }
            _ => {}
        }
    }
}

fn second_direct_room(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let known = known_users(input.history);
    let mut first: AHashMap<[UserId; 2], &Call> = AHashMap::new();
    let mut ids: AHashMap<RoomRef<'_>, &Call> = AHashMap::new();
    let ordinary: Vec<_> = creations(input.history)
        .filter(|creation| {
            creation.room_type() == Some("direct") && creation.is_ordinary(None, &known)
        })
        .collect();
    for creation in &ordinary {
        let others = creation.others().map(|others| others.into_iter().collect::<Vec<_>>());
        let (Some(&[other]), Some(creator)) = (others.as_deref(), creation.creator) else {
            continue;
        };
        let pair = [creator.min(other), creator.max(other)];
        let call = creation.call;
        let id = call.success().and_then(|room| room.get("id")).and_then(RoomRef::from_json);
        let earlier = first.get(&pair).filter(|first| first.interval().precedes(call.interval()));
        // An archived room, or one that a member left, may be replaced.
        let is_shared = earlier.and_then(|first| input.model.room_of(first)).is_some_and(|room| {
            let at = call.interval();
            room.surely_active(at) && pair.iter().all(|user| room.surely_member(*user, at))
        });
        // Of two requests at the same time, either may have created the room.
        let is_simultaneous = ordinary.iter().any(|other| {
            let interval = other.call.interval();
            other.call.seq != call.seq
                && !interval.precedes(call.interval())
                && !call.interval().precedes(interval)
                && other.call.success().and_then(|room| room.get("id")).and_then(RoomRef::from_json)
                    == id
        });
        let returns_existing =
            creation.returns_existing || id.is_some_and(|id| ids.contains_key(&id));
        match call.status() {
            _ if is_simultaneous => {}
            Some(200) if returns_existing => {
                observations.takes(ReadingId::SecondDirectRoomExisting200, call);
            }
            Some(201) if returns_existing => {
                observations.takes(ReadingId::SecondDirectRoomExisting201, call);
            }
            Some(201) if is_shared => observations.takes(ReadingId::SecondDirectRoomSecond, call),
            Some(400) if is_shared => observations.takes(ReadingId::SecondDirectRoom400, call),
            _ => {}
        }
        if let Some(id) = id.filter(|_| call.succeeded()) {
            first.entry(pair).or_insert(call);
            ids.entry(id).or_insert(call);
        }
    }
}

/// Reports whether a room of one type is created without a field that such a room may need.
fn optional_field(
    input: RuleInput<'_>,
    room_type: &str,
    field: &str,
    (optional, required): (ReadingId, ReadingId),
    observations: &mut ReadingObservations,
) {
    let known = known_users(input.history);
    let without = |creation: &Creation<'_>| {
        creation.room_type() == Some(room_type)
            && creation.is_ordinary(None, &known)
            && !creation.request.contains_key(field)
    };
    observations.take_by_status(
        creations(input.history).filter(without).map(|creation| creation.call),
        &[(201, optional), (400, required)],
    );
}

fn group_name(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let readings = (ReadingId::GroupNameOptional, ReadingId::GroupNameRequired);
    optional_field(input, "group", "name", readings, observations);
}

fn task_and_property(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let readings = (ReadingId::TaskAndPropertyOptional, ReadingId::TaskAndPropertyRequired);
    optional_field(input, "task", "task", readings, observations);
    optional_field(input, "property", "property", readings, observations);
}

fn create_response_members(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let known = known_users(input.history);
    let has_surplus = |creation: &Creation<'_>| {
        creation.room_type() == Some("group")
            && creation.participants_exist(&known)
            && creation.request.get("name").and_then(Value::as_str).is_some_and(|it| !it.is_empty())
            && creation.others().map(|others| others.len())
                < creation.requested.as_ref().map(Vec::len)
    };
    observations.take_by_status(
        creations(input.history).filter(has_surplus).map(|creation| creation.call),
        &[
            (201, ReadingId::CreateResponseMembersIgnored),
            (400, ReadingId::CreateResponseMembers400),
        ],
    );
}

fn task_members(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let shown: Vec<_> = creations(input.history)
        .filter(|creation| creation.call.status() == Some(201))
        .filter_map(|creation| {
            let members = || {
                let participants = creation.call.success()?.get("participants")?.as_array()?;
                let users =
                    participants.iter().map(|one| UserId::from_json(one.get("user")?.get("id")?));
                users.collect::<Option<Vec<_>>>()
            };
            let is_task = matches!(creation.room_type(), Some("task" | "property"));
            let (others, creator) = creation.others().zip(creation.creator)?;
            let members = members().filter(|_| is_task)?;
            let is_requested = |user: &UserId| *user == creator || others.contains(user);
            Some((creation.call, members.iter().all(is_requested)))
        })
        .collect();
    // The request may happen to name the whole crew.
    let has_crew = shown.iter().any(|(_, is_requested)| !is_requested);
    for (call, is_requested) in shown {
        if !is_requested {
            observations.takes(ReadingId::TaskMembersCrew, call);
        } else if !has_crew {
            observations.takes(ReadingId::TaskMembersRequested, call);
        }
    }
}

fn who_may_archive(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let attempts = |relation: &'static [Relation], is_creator: bool| {
        calls_by(input, Operation::RoomsArchive, relation).filter(move |call| {
            input.model.room_of(call).is_some_and(|room| {
                is_first(call, &room.archived)
                    && (room.creator == call.invocation.actor) == is_creator
            })
        })
    };
    let by_member = attempts(&[Relation::Member], false).find(|call| call.status().is_some());
    let by_admin = attempts(&[Relation::Admin], false).find(|call| call.status().is_some());
    let reading = match (by_member.map(Call::status), by_admin.map(Call::status)) {
        (Some(Some(200)), _) => ReadingId::WhoMayArchiveMembers,
        (Some(Some(403)), Some(Some(200))) => ReadingId::WhoMayArchiveAdmins,
        (_, Some(Some(403))) => ReadingId::WhoMayArchiveCreator,
        _ => return,
    };
    if let Some(call) = by_admin.or(by_member) {
        observations.takes(reading, call);
    }
}

fn archived_room(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = calls_by(input, Operation::MessagesSend, MEMBERS);
    let archived = calls.filter(|call| {
        let content = call.request.as_ref().and_then(|body| body.get("content"));
        content.and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
            && input.model.room_of(call).is_some_and(|room| room.surely_archived(call.interval()))
    });
    observations.take_by_status(
        archived,
        &[
            (201, ReadingId::ArchivedRoomAll),
            (400, ReadingId::ArchivedRoomReads),
            (403, ReadingId::ArchivedRoomReads),
            (404, ReadingId::ArchivedRoomReads),
        ],
    );
}

fn room_search_scope(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let searches = input
        .history
        .calls_of(Operation::RoomsList)
        .filter(|call| call.is_authorized() && call.query("search").is_some());
    for call in searches.take(MAX_SEARCHES) {
        let Some(text) = call.query("search").map(str::to_lowercase) else { continue };
        let Some(viewer) = input.model.user_id(&call.invocation.actor) else { continue };
        let Some(items) = call.items().filter(|_| text.len() >= 3) else { continue };
        // A room without a name is displayed by the names of its other members.
        let displayed = input.model.room_observations.iter().find(|room| {
            let display_name = room.value.get("display_name").and_then(Value::as_str);
            let known = room.id().and_then(|id| input.model.room(id));
            room.call.invocation.actor == call.invocation.actor
                && display_name.is_some_and(|name| name.to_lowercase().contains(&text))
                && known.is_some_and(|known| {
                    known.name.is_none()
                        && known.creation.interval().precedes(call.interval())
                        && known.surely_active(call.interval())
                        && known.surely_member(viewer, call.interval())
                })
        });
        let Some(id) = displayed.and_then(|room| room.value.get("id")) else { continue };
        let is_complete =
            call.success().and_then(|page| page.get("next")).is_some_and(Value::is_null);
        if items.iter().any(|item| item.get("id") == Some(id)) {
            observations.takes(ReadingId::RoomSearchScopeBoth, call);
        } else if is_complete {
            observations.takes(ReadingId::RoomSearchScopeName, call);
        }
    }
}

/// Calls `take` with each listed room of this run that certainly has no messages.
fn each_empty_room<'h>(input: RuleInput<'h>, mut take: impl FnMut(&'h Value, &'h Call)) {
    for call in input.history.calls_of(Operation::RoomsList) {
        for item in call.items().into_iter().flatten() {
            let id = item.get("id").and_then(RoomRef::from_json);
            let room = id.and_then(|id| input.model.room(id));
            if room
                .is_some_and(|room| matches!(input.model.newest(room, call.interval()), Ok(None)))
            {
                take(item, call);
            }
        }
    }
}

fn empty_room_preview(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    each_empty_room(input, |item, call| match item.get("last_message_preview") {
        Some(Value::String(text)) if text.is_empty() => {
            observations.takes(ReadingId::EmptyRoomPreviewEmpty, call);
        }
        Some(Value::String(_)) => observations.takes(ReadingId::EmptyRoomPreviewText, call),
        Some(Value::Null) => observations.takes(ReadingId::EmptyRoomPreviewNull, call),
        _ => {}
    });
}

fn empty_room_time(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    each_empty_room(input, |item, call| match item.get("last_message_time") {
        Some(Value::Null) => observations.takes(ReadingId::EmptyRoomTimeNull, call),
        Some(Value::String(_)) => observations.takes(ReadingId::EmptyRoomTimeRoom, call),
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    #[test]
    fn a_second_direct_room_is_told_from_the_first_one() {
        let of = |response: &str| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "direct", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "created_by": {{"id": 1}}, "last_message": null}}
                bob rooms.list => 200 []
                [3..4] alice rooms.create {{"room_type": "direct", "participant_ids": [2]}} => {response}"#
            );
            observed("second-direct-room", &lines)
        };
        assert_eq!(of(r#"201 @room {"id": "$r2"}"#), ["second"]);
        assert_eq!(of(r#"201 @room {"id": "$r1"}"#), ["existing-201"]);
        assert_eq!(of(r#"200 @room {"id": "$r1"}"#), ["existing-200"]);
        assert_eq!(of("400 @error"), ["400"]);
        assert!(of("500 @error").is_empty());
    }

    #[test]
    fn a_task_room_with_others_has_a_crew() {
        let of = |users: &[i64]| {
            let participants: Vec<_> = users
                .iter()
                .map(|id| format!(r#"@participant {{"user": {{"id": {id}}}}}"#))
                .collect();
            format!(
                r#"alice rooms.create {{"room_type": "task", "task": 7, "participant_ids": [2]}} => 201 @room {{"created_by": {{"id": 1}}, "participants": [{}]}}"#,
                participants.join(", ")
            )
        };
        let (requested, crew) = (of(&[1, 2]), of(&[1, 2, 3]));
        assert_eq!(observed("task-members", &requested), ["requested"]);
        // The first request named the whole crew.
        assert_eq!(observed("task-members", &format!("{requested}\n{crew}")), ["crew"]);
    }

    #[test]
    fn outsiders_are_refused_or_get_empty_lists() {
        const ROOM: &str =
            r#"[1..2] alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}"#;
        let of = |ambiguity, line: &str| observed(ambiguity, &format!("{ROOM}\n{line}"));
        assert_eq!(of("outsider-status", "erin rooms.get $r1 => 403 @error"), ["403"]);
        assert!(of("outsider-status", "alice rooms.get $r1 => 403 @error").is_empty());
        let list = "erin messages.list ?room=$r1 =>";
        assert_eq!(of("list-of-foreign-room", &format!("{list} 404 @error")), ["refused"]);
        assert_eq!(of("list-of-foreign-room", &format!("{list} 200 []")), ["empty"]);
    }

    #[test]
    fn two_requests_show_who_may_archive() {
        let of = |member: &str, admin: &str| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [3..4] alice participants.add {{"room": "$r1", "user": 3, "is_admin": true}} => 201 @participant {{"is_admin": true}}
                bob rooms.archive $r1 => {member}
                carol rooms.archive $r1 => {admin}"#
            );
            observed("who-may-archive", &lines)
        };
        assert_eq!(of("403 @error", "200 @room"), ["admins"]);
        assert_eq!(of("403 @error", "403 @error"), ["creator"]);
        assert_eq!(of("200 @room", "400 @error"), ["members"]);
    }
}
