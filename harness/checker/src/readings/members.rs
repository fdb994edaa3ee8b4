//! Requests that add, remove and mute participants.

use hearback_contract::{AmbiguityId, Operation, ReadingId, Relation, UserId};
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::{calls_by, plain_calls};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::ReaddMember, readd_member),
    row(AmbiguityId::DirectMembership, direct_membership),
    row(AmbiguityId::MutePast, mute_past),
    row(AmbiguityId::MuteOthers, mute_others),
    row(AmbiguityId::ParticipantsWithoutRoom, participants_without_room),
];

/// Documented fields of requests that add a user.
const ADDITION: &[&str] = &["room", "user", "is_admin"];

/// Documented fields of requests that mute.
const MUTE: &[&str] = &["muted", "muted_until"];

/// Requests by admins to add a user to a room, with the user.
fn additions<'h>(
    input: RuleInput<'h>,
    room_type: &'static str,
) -> impl Iterator<Item = (&'h Call, UserId)> {
    plain_calls(input, Operation::ParticipantsAdd, ADDITION).filter_map(move |call| {
        let room = input.model.room_of(call)?;
        let admin = input.model.user_id(&call.invocation.actor)?;
        let is_admin = room_type == "direct"
            || input.model.is_admin(room, admin, call.interval()) == Some(true);
        let user = call.request.as_ref()?.get("user").and_then(UserId::from_json)?;
        (is_admin && room.room_type == Some(room_type)).then_some((call, user))
    })
}

fn readd_member(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let added = |was_member: fn(&crate::model::Room<'_>, UserId, &Call) -> bool| {
        additions(input, "group").find_map(|(call, user)| {
            let room = input.model.room_of(call)?;
            let status = call.status()?;
            was_member(room, user, call).then_some((call, status))
        })
    };
    let member = added(|room, user, call| {
        // The request itself may be the one that joined the user.
        let others = room.members.get(&user).into_iter().flatten();
        others.clone().any(|it| {
            it.joined.precedes(call.interval())
                && it.left.is_none_or(|left| call.interval().precedes(left))
        })
    });
    let departed = added(|room, user, call| {
        let memberships = room.members.get(&user).into_iter().flatten();
        let mut earlier = memberships.filter(|it| it.joined.invoked != call.invoked).peekable();
        earlier.peek().is_some()
            && earlier.all(|it| it.left.is_some_and(|left| left.precedes(call.interval())))
    });
    let reading = match (member.map(|it| it.1), departed.map(|it| it.1)) {
        (Some(200), _) => ReadingId::ReaddMember200,
        (Some(400), Some(400)) => ReadingId::ReaddMember400,
        (Some(400), Some(201)) => ReadingId::ReaddMember400Or201,
        _ => return,
    };
    if let Some((call, _)) = member {
        observations.takes(reading, call);
    }
}

fn direct_membership(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const MEMBERS: &[Relation] = &[Relation::OtherMember, Relation::Admin];
    let added = additions(input, "direct").find_map(|(call, _)| call.status());
    let removals = calls_by(input, Operation::ParticipantsRemove, MEMBERS).filter(|call| {
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        subject.is_some_and(|(room, _)| {
            room.room_type == Some("direct") && room.surely_active(call.interval())
        })
    });
    for call in removals {
        let reading = match (call.status(), added) {
            (Some(200 | 204), _) => ReadingId::DirectMembershipRemoval,
            (Some(400), Some(400)) => ReadingId::DirectMembership400,
            (Some(403), Some(403)) => ReadingId::DirectMembership403,
            _ => continue,
        };
        observations.takes(reading, call);
    }
}

fn mute_past(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let Some(start) = input.history.start.as_ref() else { return };
    let Ok(start) = start.started_at.parse::<Timestamp>() else { return };
    let in_past = |call: &&Call| {
        let muted = || {
            let request = call.request.as_ref()?;
            let until: Timestamp = request.get("muted_until")?.as_str()?.parse().ok()?;
            Some(request.get("muted")? == &Value::Bool(true) && until < start)
        };
        muted() == Some(true)
    };
    observations.take_by_status(
        plain_calls(input, Operation::ParticipantsMute, MUTE).filter(in_past),
        &[
            (200, ReadingId::MutePastNoEffect),
            (204, ReadingId::MutePastNoEffect),
            (400, ReadingId::MutePast400),
        ],
    );
}

fn mute_others(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const OTHERS: &[Relation] = &[Relation::OtherMember, Relation::Admin];
    let calls = calls_by(input, Operation::ParticipantsMute, OTHERS).filter(|call| {
        let muted = call.request.as_ref().and_then(|body| body.get("muted"));
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        muted.is_some_and(Value::is_boolean)
            && subject.is_some_and(|(room, user)| {
                room.surely_active(call.interval()) && room.surely_member(user, call.interval())
            })
    });
    observations
        .take_by_status(calls, &[(403, ReadingId::MuteOthers403), (404, ReadingId::MuteOthers404)]);
}

fn participants_without_room(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = input.history.calls_of(Operation::ParticipantsList);
    for call in calls.filter(|call| call.is_authorized() && call.invocation.query.is_empty()) {
        match (call.status(), call.items()) {
            (Some(400), _) => observations.takes(ReadingId::ParticipantsWithoutRoom400, call),
            (Some(200), Some(items)) if items.is_empty() => {
                observations.takes(ReadingId::ParticipantsWithoutRoomEmpty, call);
            }
            (Some(200), Some(_)) => observations.takes(ReadingId::ParticipantsWithoutRoomAll, call),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    #[test]
    fn two_additions_show_how_members_are_added_again() {
        let of = |member: &str, departed: &str| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
                [3..4] carol rooms.leave $r1 => 200 {{}}
                [5..6] alice participants.add {{"room": "$r1", "user": 2}} => {member}
                [7..8] alice participants.add {{"room": "$r1", "user": 3}} => {departed}"#
            );
            observed("readd-member", &lines)
        };
        assert_eq!(of("400 @error", "201 @participant"), ["400-or-201"]);
        assert_eq!(of("200 @participant", "201 @participant"), ["200"]);
        assert_eq!(of("400 @error", "400 @error"), ["400"]);
        assert!(of("403 @error", "201 @participant").is_empty());
    }

    #[test]
    fn participants_of_no_room_are_refused_or_listed() {
        let of = |response: &str| {
            observed("participants-without-room", &format!("bob participants.list => {response}"))
        };
        assert_eq!(of("400 @error"), ["400"]);
        assert_eq!(of("200 []"), ["empty"]);
        assert_eq!(of(r#"200 {"results": [{"id": 3}]}"#), ["all"]);
    }
}
