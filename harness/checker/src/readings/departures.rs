//! Rooms that members have left.

use hearback_contract::{AmbiguityId, Operation, ReadingId, Relation, UserId};
use hearback_history::{CloseOrigin, Interval, Nanoseconds};
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::calls_by;
use crate::model::{IdleEnd, Room, WriteKind};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::LastAdminLeaves, last_admin_leaves),
    row(AmbiguityId::DepartedInParticipants, departed_in_participants),
    row(AmbiguityId::RemovedSocket, removed_socket),
];

fn last_admin_leaves(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for call in calls_by(input, Operation::RoomsLeave, &[Relation::Admin]) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(admin) = input.model.user_id(&call.invocation.actor) else { continue };
        let before = call.invoked.saturating_sub(Nanoseconds::new(1));
        let before = Interval { invoked: before, returned: before };
        let others = room.members_at(before).unwrap_or_default();
        let mut others = others.into_iter().filter(|user| *user != admin).peekable();
        let is_last = others.peek().is_some()
            && others.all(|user| input.model.is_admin(room, user, before) == Some(false));
        if !is_last || !room.surely_active(call.interval()) {
            continue;
        }
        match call.status() {
            Some(400) => observations.takes(ReadingId::LastAdminLeaves400, call),
            Some(403) => observations.takes(ReadingId::LastAdminLeaves403, call),
            Some(200 | 204) => {
                if let Some(has_admin) = has_admin_after(input, room, call.interval()) {
                    let reading = match has_admin {
                        true => ReadingId::LastAdminLeavesSuccessor,
                        false => ReadingId::LastAdminLeavesNoAdmin,
                    };
                    observations.takes(reading, call);
                }
            }
            _ => {}
        }
    }
}

/// Returns whether the first view of a room after a departure shows an admin; `None` if the members changed again.
fn has_admin_after(input: RuleInput<'_>, room: &Room<'_>, left: Interval) -> Option<bool> {
    let mut views = input.model.room_observations.iter();
    let view = views.find(|view| {
        view.id().is_some_and(|id| id.as_str() == room.id.as_str())
            && left.precedes(view.call.interval())
    })?;
    let since = Interval { invoked: left.invoked, returned: view.call.interval().returned };
    if room.writes(WriteKind::Membership).count_overlapping(since) > 1 {
        return None;
    }
    let participants = view.value.get("participants")?.as_array()?;
    let current = participants.iter().filter(|one| one.get("left_at").is_none_or(Value::is_null));
    let mut roles = current.map(|one| one.get("is_admin"));
    Some(roles.any(|role| role == Some(&Value::Bool(true))))
}

fn departed_in_participants(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for view in &input.model.room_observations {
        let Some(room) = view.id().and_then(|id| input.model.room(id)) else { continue };
        let Some(participants) = view.value.get("participants").and_then(Value::as_array) else {
            continue;
        };
        let at = view.call.interval();
        let shows = |user: UserId| {
            participants.iter().any(|one| {
                let id = one.get("user").and_then(|user| user.get("id"));
                id.and_then(UserId::from_json) == Some(user)
            })
        };
        let was_member = |user: &UserId| {
            let memberships = room.members.get(user).into_iter().flatten();
            let mut past = memberships.filter(|it| it.joined.precedes(at)).peekable();
            past.peek().is_some() && room.surely_outside(*user, at)
        };
        for user in room.members.keys().copied().filter(was_member) {
            let reading = match shows(user) {
                true => ReadingId::DepartedInParticipantsListed,
                false => ReadingId::DepartedInParticipantsNotListed,
            };
            observations.takes(reading, view.call);
        }
    }
}

fn removed_socket(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for listener in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&listener.connection.room) else { continue };
        let opened = Interval { invoked: listener.established, returned: listener.established };
        let memberships = room.members.get(&listener.user).into_iter().flatten();
        let mut departures = memberships
            .filter(|it| it.joined.precedes(opened) && it.departure.is_some())
            .filter_map(|it| it.left.filter(|left| opened.precedes(*left)));
        let Some(left) = departures.next().filter(|left| left.returned < Nanoseconds::MAX) else {
            continue;
        };
        let closing = listener.connection.closed.as_ref();
        let by_server = closing.is_some_and(|closing| {
            closing.by == CloseOrigin::Server
                && closing.at >= left.invoked
                && !closing.is_unavailability()
        });
        // Others received something that was sent after the departure, and this socket stayed open even after that.
        let outlived = || {
            let mut others = input.model.sockets.in_room(&room.id);
            others.any(|other| {
                let received = other.received_later(left.returned);
                other.user != listener.user && received.is_some_and(|at| at < listener.until)
            })
        };
        // The target may close idle sockets (idle-sockets).
        let is_idle = listener.idle_ends().any(|end| matches!(end, IdleEnd::Closed(_)));
        if by_server && !is_idle {
            observations.takes(ReadingId::RemovedSocketClosed, listener.connection);
        } else if closing.is_none_or(|it| it.by == CloseOrigin::Client) && outlived() {
            observations.takes(ReadingId::RemovedSocketSilent, listener.connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::{ROOM, observed};

    #[test]
    fn the_last_admin_may_leave_a_successor() {
        let of = |status: &str, is_admin: bool| {
            let lines = format!(
                r#"{ROOM}
                [3..4] alice rooms.leave $r1 => {status}
                [5..6] bob rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [@participant {{"is_admin": {is_admin}}}]}}"#
            );
            observed("last-admin-leaves", &lines)
        };
        assert_eq!(of("200 {}", true), ["successor"]);
        assert_eq!(of("200 {}", false), ["no-admin"]);
        assert_eq!(of("400 @error", true), ["400"]);
        assert_eq!(of("403 @error", true), ["403"]);
    }

    #[test]
    fn departed_members_are_listed_or_not() {
        let of = |participants: &str| {
            let lines = format!(
                r#"{ROOM}
                [3..4] bob rooms.leave $r1 => 200 {{}}
                [5..6] alice rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [{participants}]}}"#
            );
            observed("departed-in-participants", &lines)
        };
        assert_eq!(of(r#"@participant {"user": {"id": 1}}"#), ["not-listed"]);
        assert_eq!(of(r#"@participant {"user": {"id": 2}}"#), ["listed"]);
    }

    #[test]
    fn a_socket_that_was_idle_is_not_closed_for_the_removal() {
        let of = |closed: u64| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "participants": [@participant {{"id": 1, "room": "$r1", "user": @user {{"id": 1}}}}, @participant {{"id": 2, "room": "$r1", "user": @user {{"id": 2}}}}]}}
                [3..3] bob@r1 open
                [10..20] alice participants.remove 2 => 200 {{}}
                [{closed}..{closed}] bob@r1 close 4003"#
            );
            observed("removed-socket", &lines)
        };
        assert_eq!(of(21), ["closed"]);
        assert!(of(20_000).is_empty());
    }
}
