//! new_rooms

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Room, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;

/// Rooms whose creation nothing of `kind` overlaps, with the room as it was answered.
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

/// Current participants as shown: user id and whether an admin; `None` if one of them is misshapen.
pub(super) fn participants(room: &Value) -> Option<Vec<(i64, bool)>> {
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
pub(super) struct Founding<'h> {
    pub(super) room: &'h Room<'h>,
    pub(super) creator: i64,
    /// User id and whether an admin.
    pub(super) participants: Vec<(i64, bool)>,
}

/// New rooms whose participants can be read.
pub(super) fn foundings<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<Founding<'h>> {
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

/// Those who should be in the room from the start.
pub(super) fn founders(room: &Room<'_>) -> BTreeSet<i64> {
    let founded = room.creation.interval();
    let is_founder = |stays: &Vec<crate::model::Membership>| {
        stays.first().is_some_and(|stay| stay.joined == founded)
    };
    room.members.iter().filter(|(_, stays)| is_founder(stays)).map(|(user, _)| *user).collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! Fixtures.

    pub(in super::super) fn made(overrides: &str) -> String {
        format!(
            r#"alice rooms.create {{"room_type": "group", "name": "x", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "room_type": "group", {overrides}}}"#
        )
    }
}
