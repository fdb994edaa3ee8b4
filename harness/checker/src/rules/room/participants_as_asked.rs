//! Checks that the participants of a new room are exactly the creator and the requested users, each
//! once. A room about a task or a property may also have users who work on it (task-members). The
//! rule abstains if a requested user may not exist, because a server may ignore unknown users.

use std::collections::BTreeSet;

use hearback_contract::{RequirementId, UserId};
use serde_json::Value;

use super::creations::known_users;
use super::new_rooms::{NewRoom, initial_members, rooms_with_participants};
use crate::model::Room;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomParticipantsAsAsked, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for NewRoom { room, participants, .. } in rooms_with_participants(input, context) {
        if !requested_users_exist(room, &known) {
            context.inconclusive(Reason::UnknownReference);
            continue;
        }
        let initial_members = initial_members(room);
        let shown: BTreeSet<UserId> = participants.iter().map(|(user, _)| *user).collect();
        let may_have_others = matches!(room.room_type, Some("task" | "property"));
        let is_as_requested =
            shown == initial_members || (may_have_others && shown.is_superset(&initial_members));
        context.check(is_as_requested && shown.len() == participants.len(), || {
            let variant =
                if is_as_requested { "a repeated participant" } else { "other participants" };
            let users: Vec<_> = participants.iter().map(|(user, _)| *user).collect();
            Violation::new(
                format!("rooms.create: {variant}"),
                format!("the participants are users {initial_members:?}, each once"),
                format!("they are users {users:?}"),
            )
            .evidence(room.creation)
        });
    }
}

fn requested_users_exist(room: &Room<'_>, known: &ahash::AHashSet<UserId>) -> bool {
    let requested =
        room.creation.request.as_ref().and_then(|request| request.get("participant_ids"));
    let are_integers = requested.is_none_or(|requested| {
        requested.as_array().is_some_and(|requested| requested.iter().all(Value::is_i64))
    });
    are_integers && initial_members(room).iter().all(|user| known.contains(user))
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::new_room::{BOTH, WITHOUT_CREATOR, with_participants};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn participants_are_as_requested() {
        let about_task = |participants: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "task", "task": 1, "participant_ids": [2]}} => 201 @room {{"id": "$r1", "room_type": "task", "created_by": {{"id": 1}}, "last_message": null, "participants": {participants}}}"#
            )
        };
        let crew = r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}, @participant {"user": {"id": 3}}]"#;
        let twice = with_participants(
            r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}, @participant {"user": {"id": 2}}]"#,
        );
        let alone = with_participants(r#"[@participant {"user": {"id": 1}}]"#);
        assert_states(&[
            ("room/participants-as-asked", Held, &with_participants(BOTH)),
            ("room/participants-as-asked", Broken, &twice),
            ("room/participants-as-asked", Broken, &alone),
            ("room/participants-as-asked", Broken, &with_participants(crew)),
            ("room/participants-as-asked", Held, &about_task(crew)),
            ("room/participants-as-asked", Broken, &about_task(WITHOUT_CREATOR)),
            ("room/participants-as-asked", Broken, &with_participants(WITHOUT_CREATOR)),
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
