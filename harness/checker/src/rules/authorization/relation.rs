//! The role of a caller: an invalid credential, or the relation to the room of a request where membership and admin
//! rights are certain.

use hearback_contract::{InvalidCredential, Operation, Relation, UserId};
use hearback_history::{Call, CredentialKind, Interval, Nanoseconds};

use crate::model::{Departure, Message, Model, Origin, Room};

/// The invalid credential that a request presents as an access token; `None` if the token is valid.
pub(crate) fn invalid_credential(kind: CredentialKind) -> Option<InvalidCredential> {
    match kind {
        CredentialKind::Anonymous => Some(InvalidCredential::Missing),
        CredentialKind::Garbage => Some(InvalidCredential::Garbage),
        CredentialKind::Tampered => Some(InvalidCredential::Tampered),
        CredentialKind::AlgNone => Some(InvalidCredential::AlgNone),
        CredentialKind::Expired => Some(InvalidCredential::Expired),
        CredentialKind::RefreshAsAccess => Some(InvalidCredential::RefreshAsAccess),
        CredentialKind::Access
        | CredentialKind::Refreshed
        | CredentialKind::Earlier
        | CredentialKind::Expiring
        | CredentialKind::AccessAsRefresh
        | CredentialKind::Superseded => None,
    }
}

/// Returns the relation of a user to a room during `at`, if it is certain: outsider, departed, removed,
/// member or admin.
pub(crate) fn relation_in_room(
    model: &Model<'_>,
    room: &Room<'_>,
    user: UserId,
    at: Interval,
) -> Option<Relation> {
    if !room.creation.interval().precedes(at) {
        return None;
    }
    if room.surely_member(user, at) {
        let is_admin = model.is_admin(room, user, at)?;
        return Some(if is_admin { Relation::Admin } else { Relation::Member });
    }
    if !room.surely_outside(user, at) {
        return None;
    }
    let mut memberships = room.members.get(&user).into_iter().flatten();
    match memberships.rfind(|membership| !at.precedes(membership.joined)) {
        None => Some(Relation::Outsider),
        Some(last) => last.departure.map(|departure| match departure {
            Departure::Left => Relation::Departed,
            Departure::Removed => Relation::Removed,
        }),
    }
}

/// Returns the room of this run that a call is about, and the caller's relation to it, if both are certain.
pub(crate) fn relation_of<'m, 'h>(
    model: &'m Model<'h>,
    call: &Call,
) -> Option<(&'m Room<'h>, Relation)> {
    let at = call.interval();
    let user = model.user_id(&call.invocation.actor)?;
    let (room, owner) = match call.operation()? {
        Operation::MessagesGet
        | Operation::MessagesEdit
        | Operation::MessagesDelete
        | Operation::MessagesMarkRead => {
            let message = model.message(call.message_in_path()?)?;
            if !message.sent.precedes(at) || !has_known_sender(model, message) {
                return None;
            }
            (model.rooms.get(&message.room)?, Some(model.user_id(&message.sender)?))
        }
        Operation::ParticipantsRemove | Operation::ParticipantsMute => {
            let (room, participant) = model.participant(call.participant_in_path()?)?;
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
    let relation = if ends_membership && call.succeeded() {
        // The effect of the call itself does not make the relation uncertain: take the relation before it. The
        // creator must be certain to have been a member, so that no other departure changed the admins.
        let before = call.invoked.saturating_sub(Nanoseconds::new(1));
        let before = Interval { invoked: before, returned: before };
        let creator = model.user_id(&room.creator)?;
        let is_settled = creator == user || room.surely_initial_member(creator, at);
        // An outsider may have been added meanwhile.
        let is_sure = |relation: &Relation| match relation.is_member() {
            true => is_settled,
            false => room.surely_outside(user, at),
        };
        relation_in_room(model, room, user, before).filter(is_sure)?
    } else if is_own && !ends_membership && room.surely_member(user, at) {
        Relation::Member
    } else {
        relation_in_room(model, room, user, at)?
    };
    let relation = match (owner, relation) {
        // Removing oneself is leaving, for which the specification has another operation.
        (Some(_), Relation::Admin) if is_own && ends_membership => return None,
        (Some(_), Relation::Member) if !is_own => Relation::OtherMember,
        (_, relation) => relation,
    };
    Some((room, relation))
}

/// Returns whether the sender of a message is certain. Of an ambiguous message it is if the id came in
/// the response to a REST send.
fn has_known_sender(model: &Model<'_>, message: &Message<'_>) -> bool {
    matches!(message.origin, Origin::Rest(_)) || !model.is_ambiguous(message)
}

#[cfg(test)]
mod tests {
    use hearback_contract::Relation;
    use hearback_testkit::dsl;

    use super::relation_of;
    use crate::model::Model;

    #[test]
    fn roles_follow_from_the_history() {
        const ROOM: &str = r#"
            [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1", "participants": [@participant {"id": 12, "room": "$r1", "user": {"id": 2}, "is_admin": false}]}
            [3..4] bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
            [5..6] alice participants.add {"room": "$r1", "user": 4, "is_admin": true} => 201 @participant {"id": 14, "room": "$r1", "user": {"id": 4}, "is_admin": true}
        "#;
        let cases = [
            ("alice rooms.get $r1", Some(Relation::Admin)),
            ("bob rooms.get $r1", Some(Relation::Member)),
            ("dave rooms.get $r1", Some(Relation::Admin)),
            ("erin rooms.get $r1", Some(Relation::Outsider)),
            ("bob messages.get $m1", Some(Relation::Member)),
            ("carol messages.get $m1", Some(Relation::OtherMember)),
            ("alice messages.get $m1", Some(Relation::Admin)),
            ("erin messages.get $m1", Some(Relation::Outsider)),
            ("bob participants.mute 12", Some(Relation::Member)),
            ("carol participants.mute 12", Some(Relation::OtherMember)),
            ("bob participants.remove 12", Some(Relation::Member)),
            ("dave participants.remove 14", None),
            ("bob rooms.leave $r1 => 200 {}\nbob rooms.get $r1", Some(Relation::Departed)),
            ("alice participants.remove 12 => 200 {}\nbob rooms.get $r1", Some(Relation::Removed)),
            ("bob rooms.leave $r1 => ?\nbob rooms.get $r1", None),
            // If the last admin leaves, it is uncertain which member becomes an admin.
            ("alice rooms.leave $r1 => 200 {}\ncarol rooms.get $r1", None),
            ("alice rooms.leave $r1 => 200 {}\ndave rooms.get $r1", Some(Relation::Admin)),
            (
                "bob participants.add {\"room\": \"$r1\", \"user\": 3, \"is_admin\": true} => 200 {}\ncarol rooms.get $r1",
                None,
            ),
        ];
        for (lines, expected) in cases {
            let history = dsl::parse(&format!("{ROOM}\n{lines} => 200 {{}}")).unwrap();
            let model = Model::of(&history);
            let relation =
                relation_of(&model, history.calls.last().unwrap()).map(|(_, relation)| relation);
            assert_eq!(relation, expected, "{lines}");
        }
    }
}
