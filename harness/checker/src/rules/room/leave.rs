//! Checks that a user who left a room is not a current participant in any full room that began
//! after `rooms.leave` returned, until the user may have been added again.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use hearback_history::Call;

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomLeave, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut leavers: AHashMap<RoomRef<'_>, Vec<(UserId, &Call)>> = AHashMap::new();
    let calls = input.history.calls_of(Operation::RoomsLeave);
    for call in calls.filter(|call| call.is_authorized() && call.succeeded()) {
        let user = input.model.user_id(&call.invocation.actor);
        if let (Some(room), Some(user)) = (input.model.room_of(call), user) {
            leavers.entry(room.id.borrowed()).or_default().push((user, call));
        }
    }
    for observation in &input.model.room_observations {
        let Some(room) = observation.id().and_then(|id| input.model.room(id)) else {
            continue;
        };
        let Some(leavers) = leavers.get(&room.id.borrowed()) else { continue };
        let Some(participants) = observation.participants() else {
            context.inconclusive(Reason::SchemaBroken("participants".into()));
            continue;
        };
        let at = observation.call.interval();
        for (user, call) in leavers {
            if !call.interval().precedes(at) || !room.surely_outside(*user, at) {
                continue;
            }
            context.check(!participants.contains(user), || {
                let place = observation.call.operation().map_or("", Operation::id);
                Violation::new(
                    format!("{place}: participants after rooms.leave"),
                    format!(
                        "{} (user {user}) left the room and is not a current participant",
                        call.invocation.actor
                    ),
                    "the user is a participant whose `left_at` is null",
                )
                .evidence(*call)
                .evidence(observation.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    fn get(users: &[u32]) -> String {
        let participants: Vec<_> = users
            .iter()
            .map(|user| format!(r#"@participant {{"user": {{"id": {user}}}}}"#))
            .collect();
        format!(
            r#"alice rooms.get $r1 => 200 @room {{"id": "$r1", "participants": [{}]}}"#,
            participants.join(", ")
        )
    }

    #[test]
    fn users_who_left_are_not_participants() {
        const RULE: &str = "room/leave";
        let after = |lines: &str, users: &[u32]| format!("{CREATED}\n{lines}\n{}", get(users));
        let leave = "bob rooms.leave $r1 => 200 {}";
        let back = format!(
            r#"{leave}
            alice participants.add {{"room": "$r1", "user": 2}} => 201 @participant"#
        );
        let overlapping = format!("{CREATED}\n[10..20] {leave}\n[12..13] {}", get(&[1, 2]));
        assert_states(&[
            (RULE, Held, &after(leave, &[1])),
            (RULE, Broken, &after(leave, &[1, 2])),
            (RULE, NotExercised, &after(&back, &[1, 2])),
            (RULE, NotExercised, &after("bob rooms.leave $r1 => 400 @error", &[1, 2])),
            (RULE, NotExercised, &after("bob rooms.leave $r1 => ?", &[1, 2])),
            (RULE, NotExercised, &overlapping),
        ]);
    }
}
