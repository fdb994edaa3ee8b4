//! Rules of family `participant`: who comes, who goes, and what follows.

mod adding;
mod listing;
mod muting;
mod refusal;
mod removing;
mod smuggling;
mod stream;

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{complete_items, refusal};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::ParticipantAdd, check: adding::add },
    Rule { requirement: RequirementId::ParticipantAddAsAdmin, check: adding::add_as_admin },
    Rule { requirement: RequirementId::ParticipantAddUnknownRefused, check: refusal::add_unknown },
    Rule { requirement: RequirementId::ParticipantListedOnce, check: listing::listed_once },
    Rule { requirement: RequirementId::ParticipantListEqualsRoom, check: listing::list_equals_room },
    Rule { requirement: RequirementId::ParticipantRemove, check: removing::remove },
    Rule { requirement: RequirementId::ParticipantRemovedStreamEnds, check: stream::removed },
    Rule { requirement: RequirementId::ParticipantDepartedStreamEnds, check: stream::departed },
    Rule { requirement: RequirementId::ParticipantMute, check: muting::mute },
    Rule { requirement: RequirementId::ParticipantUnmute, check: muting::unmute },
    Rule { requirement: RequirementId::ParticipantBadMutedUntilRefused, check: refusal::bad_muted_until },
    Rule { requirement: RequirementId::ParticipantThirdInDirectRefused, check: refusal::third_in_direct },
    Rule { requirement: RequirementId::ParticipantAddIgnoresOtherFields, check: smuggling::add },
    Rule { requirement: RequirementId::ParticipantMuteIgnoresOtherFields, check: smuggling::mute },
];

/// The participants of a room as one response shows them.
struct Roster<'h> {
    room: &'h Room<'h>,
    call: &'h Call,
    at: Interval,
    /// User ids of the current ones and whether each is an admin, as far as that can be read.
    current: Vec<(i64, Option<bool>)>,
    /// Whether there are no other pages.
    is_complete: bool,
}

impl Roster<'_> {
    fn has(&self, user: i64) -> bool {
        self.current.iter().any(|(shown, _)| *shown == user)
    }

    fn is_list(&self) -> bool {
        self.call.operation() == Some(Operation::ParticipantsList)
    }

    fn place(&self) -> &'static str {
        self.call.operation().map_or("", Operation::id)
    }
}

/// Every full room and page of participants of this run's rooms, in the order of the record.
fn rosters<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Roster<'h>> {
    let mut rosters = Vec::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let participants = |body: &'h Value| body.get("participants")?.as_array();
        let (objects, is_complete) = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                (call.success().map(participants), true)
            }
            Some(Operation::ParticipantsList) => {
                (call.success().map(|_| call.items()), complete_items(call).is_some())
            }
            _ => continue,
        };
        let (Some(room), Some(objects)) = (input.model.room_of(call), objects) else { continue };
        match objects.and_then(|objects| current(objects)) {
            Some(current) => {
                let at = call.interval();
                rosters.push(Roster { room, call, at, current, is_complete });
            }
            None => context.inconclusive("participants are mistyped: see the schema requirements"),
        }
    }
    rosters
}

fn current(objects: &[Value]) -> Option<Vec<(i64, Option<bool>)>> {
    let is_current = |object: &&Value| object.get("left_at").is_none_or(Value::is_null);
    let user = |object: &Value| {
        let is_admin = object.get("is_admin").and_then(Value::as_bool);
        Some((object.get("user")?.get("id")?.as_i64()?, is_admin))
    };
    objects.iter().filter(is_current).map(user).collect()
}

/// Whether the room's creator asks, who surely never left it and so is its admin, while it is active.
fn is_by_admin(input: RuleInput<'_>, room: &Room<'_>, call: &Call) -> bool {
    let at = call.interval();
    call.is_authorized()
        && call.invocation.actor == room.creator
        && input.model.user_id(&room.creator).is_some_and(|user| room.surely_founder(user, at))
        && room.surely_active(at)
}

/// Counts an answer that should be a success, or a refusal; anything else than an answer is no evidence.
fn check_answer<'h>(
    call: &'h Call,
    is_right: impl FnOnce(u16) -> bool,
    (variant, expected): (&str, impl FnOnce() -> String),
    context: &mut RuleContext<'h>,
) {
    match call.status() {
        None | Some(401) => {}
        Some(500..) => context.inconclusive("answered 5xx: see status/no-server-error"),
        Some(status) => {
            context.check(is_right(status), || {
                let operation = call.operation().map_or("", Operation::id);
                Violation::new(format!("{operation}: {variant}"), expected(), refusal(call))
                    .evidence(call)
            });
        }
    }
}

#[cfg(test)]
mod testing {
    //! A group of alice's and bob's, and its participants as they are shown.

    /// Alice, the admin, is participant 1, and bob is participant 2.
    pub(super) const MADE: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"id": 1, "user": {"id": 1}, "room": "$r1"}, @participant {"id": 2, "user": {"id": 2}, "room": "$r1", "is_admin": false}]}
    "#;

    /// Participants: user ids and whether admins.
    fn shown(users: &[(i64, bool)]) -> String {
        let participants: Vec<_> = users
            .iter()
            .map(|(user, is_admin)| {
                format!(
                    r#"@participant {{"id": {user}, "user": {{"id": {user}}}, "room": "$r1", "is_admin": {is_admin}, "left_at": null}}"#
                )
            })
            .collect();
        participants.join(", ")
    }

    /// Alice gets the room.
    pub(super) fn get(times: &str, users: &[(i64, bool)]) -> String {
        format!(
            r#"{times} alice rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [{}]}}"#,
            shown(users)
        )
    }

    /// Alice lists a page of its participants.
    pub(super) fn list(times: &str, users: &[(i64, bool)], next: &str) -> String {
        format!(
            r#"{times} alice participants.list ?room=$r1 => 200 {{"count": {}, "next": {next}, "previous": null, "results": [{}]}}"#,
            users.len(),
            shown(users)
        )
    }
}
