//! Rooms as the response to their creation shows them.

use std::collections::BTreeSet;

use hearback_contract::UserId;
use serde_json::Value;

use crate::model::{Room, WriteKind, user_of};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;

/// Returns the rooms whose creation no write of `kind` overlaps, with the body of the response.
pub(super) fn new_rooms<'h>(
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

/// Returns the user id and `is_admin` of each participant. `None` if one of them cannot be read.
pub(super) fn participants(room: &Value) -> Option<Vec<(UserId, bool)>> {
    let participants = room.get("participants")?.as_array()?;
    participants
        .iter()
        .map(|participant| Some((user_of(participant)?, participant.get("is_admin")?.as_bool()?)))
        .collect()
}

/// A new room with its participants, from the response to its creation.
pub(super) struct NewRoom<'h> {
    pub(super) room: &'h Room<'h>,
    pub(super) creator: UserId,
    /// User id and `is_admin`.
    pub(super) participants: Vec<(UserId, bool)>,
}

/// Returns the new rooms whose participants can be read.
pub(super) fn rooms_with_participants<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<NewRoom<'h>> {
    let mut rooms_with_participants = Vec::new();
    for (room, body) in new_rooms(input, WriteKind::Membership) {
        match (input.model.user_id(&room.creator), participants(body)) {
            (None, _) => {
                context.inconclusive(Reason::UnknownUser(room.creator.to_string()));
            }
            (_, None) => context.inconclusive(Reason::SchemaBroken("participants".into())),
            (Some(creator), Some(participants)) => {
                rooms_with_participants.push(NewRoom { room, creator, participants });
            }
        }
    }
    rooms_with_participants
}

/// Returns the users who must be members from the start.
pub(super) fn initial_members(room: &Room<'_>) -> BTreeSet<UserId> {
    let created = room.creation.interval();
    let is_initial_member = |memberships: &Vec<crate::model::Membership>| {
        memberships.first().is_some_and(|membership| membership.joined == created)
    };
    room.members
        .iter()
        .filter(|(_, memberships)| is_initial_member(memberships))
        .map(|(user, _)| *user)
        .collect()
}
