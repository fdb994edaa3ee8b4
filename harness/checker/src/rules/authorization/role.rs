//! The role of a caller in the room of a request, where membership and admin rights are certain.

use hearback_contract::{Operation, Role};
use hearback_history::{Call, Interval, Nanoseconds};

use crate::model::{Departure, Message, Model, Origin, Room};

/// Returns the role of a user in a room during `at`, if it is certain: outsider, departed, removed,
/// member or admin.
pub(crate) fn role_in_room(
    model: &Model<'_>,
    room: &Room<'_>,
    user: i64,
    at: Interval,
) -> Option<Role> {
    if !room.creation.interval().precedes(at) {
        return None;
    }
    if room.surely_member(user, at) {
        let is_admin = model.is_admin(room, user, at)?;
        return Some(if is_admin { Role::Admin } else { Role::Member });
    }
    if !room.surely_outside(user, at) {
        return None;
    }
    let mut memberships = room.members.get(&user).into_iter().flatten();
    match memberships.rfind(|membership| !at.precedes(membership.joined)) {
        None => Some(Role::Outsider),
        Some(last) => last.departure.map(|departure| match departure {
            Departure::Left => Role::Departed,
            Departure::Removed => Role::Removed,
        }),
    }
}

/// Returns the room of this run that a call is about, and the caller's role there, if both are certain.
pub(crate) fn role_of<'w, 'h>(model: &'w Model<'h>, call: &Call) -> Option<(&'w Room<'h>, Role)> {
    let at = call.interval();
    let user = model.user_id(&call.invocation.actor)?;
    let (room, owner) = match call.operation()? {
        Operation::MessagesGet
        | Operation::MessagesEdit
        | Operation::MessagesDelete
        | Operation::MessagesMarkRead => {
            let message = model.messages.get(call.subject()?)?;
            if !message.sent.precedes(at) || !has_known_sender(model, message) {
                return None;
            }
            (model.rooms.get(&message.room)?, Some(model.user_id(&message.sender)?))
        }
        Operation::ParticipantsRemove | Operation::ParticipantsMute => {
            let (room, participant) = model.participant(call.subject()?)?;
            (room, Some(participant))
        }
        _ => (model.room_of(call)?, None),
    };
    let is_own = owner == Some(user);
    let ends_membership = match call.operation()? {
        Operation::RoomsLeave => true,
        Operation::ParticipantsRemove => is_own,
        _ => false,
    };
    let role = if ends_membership && call.succeeded() {
        // The effect of the call itself does not make the role uncertain: take the role before it. The
        // creator must be certain to have been a member, so that no other departure changed the admins.
        let before = call.invoked.saturating_sub(Nanoseconds::new(1));
        let before = Interval { invoked: before, returned: before };
        let creator = model.user_id(&room.creator)?;
        let is_settled = creator == user || room.surely_founder(creator, at);
        // An outsider may have been added meanwhile.
        let is_sure = |role: &Role| match role.is_member() {
            true => is_settled,
            false => room.surely_outside(user, at),
        };
        role_in_room(model, room, user, before).filter(is_sure)?
    } else if is_own && !ends_membership && room.surely_member(user, at) {
        Role::Member
    } else {
        role_in_room(model, room, user, at)?
    };
    let role = match (owner, role) {
        // Removing oneself is leaving, for which the specification has another operation.
        (Some(_), Role::Admin) if is_own && ends_membership => return None,
        (Some(_), Role::Member) if !is_own => Role::OtherMember,
        (_, role) => role,
    };
    Some((room, role))
}

/// Returns whether the sender of a message is certain. Of an ambiguous message it is if the id came in
/// the response to a REST send.
fn has_known_sender(model: &Model<'_>, message: &Message<'_>) -> bool {
    matches!(message.origin, Origin::Rest(_)) || !model.is_ambiguous(message)
}

#[cfg(test)]
mod tests {
    use hearback_contract::Role;
    use hearback_testkit::dsl;

    use super::role_of;
    use crate::model::Model;

    #[test]
    fn roles_follow_from_the_history() {
        const ROOM: &str = r#"
            [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1", "participants": [@participant {"id": 12, "room": "$r1", "user": {"id": 2}, "is_admin": false}]}
            [3..4] bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
            [5..6] alice participants.add {"room": "$r1", "user": 4, "is_admin": true} => 201 @participant {"id": 14, "room": "$r1", "user": {"id": 4}, "is_admin": true}
        "#;
        let cases = [
            ("alice rooms.get $r1", Some(Role::Admin)),
            ("bob rooms.get $r1", Some(Role::Member)),
            ("dave rooms.get $r1", Some(Role::Admin)),
            ("erin rooms.get $r1", Some(Role::Outsider)),
            ("bob messages.get $m1", Some(Role::Member)),
            ("carol messages.get $m1", Some(Role::OtherMember)),
            ("alice messages.get $m1", Some(Role::Admin)),
            ("erin messages.get $m1", Some(Role::Outsider)),
            ("bob participants.mute 12", Some(Role::Member)),
            ("carol participants.mute 12", Some(Role::OtherMember)),
            ("bob participants.remove 12", Some(Role::Member)),
            ("dave participants.remove 14", None),
            ("bob rooms.leave $r1 => 200 {}\nbob rooms.get $r1", Some(Role::Departed)),
            ("alice participants.remove 12 => 200 {}\nbob rooms.get $r1", Some(Role::Removed)),
            ("bob rooms.leave $r1 => ?\nbob rooms.get $r1", None),
            // If the last admin leaves, it is uncertain which member becomes an admin.
            ("alice rooms.leave $r1 => 200 {}\ncarol rooms.get $r1", None),
            ("alice rooms.leave $r1 => 200 {}\ndave rooms.get $r1", Some(Role::Admin)),
            (
                "bob participants.add {\"room\": \"$r1\", \"user\": 3, \"is_admin\": true} => 200 {}\ncarol rooms.get $r1",
                None,
            ),
        ];
        for (lines, expected) in cases {
            let history = dsl::parse(&format!("{ROOM}\n{lines} => 200 {{}}")).unwrap();
            let model = Model::of(&history);
            let role = role_of(&model, history.calls.last().unwrap()).map(|(_, role)| role);
            assert_eq!(role, expected, "{lines}");
        }
    }
}
