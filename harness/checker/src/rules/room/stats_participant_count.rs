//! Checks that `participant_count` in `rooms.stats` is the number of current members. It abstains
//! if memberships are uncertain, or if the room did not start with the requested members, which is
//! left to `room/participants-as-asked`.

use std::collections::BTreeSet;

use ahash::AHashSet;
use hearback_contract::{RequirementId, RoomRef, UserId};

use super::creations::known_users;
use super::new_rooms::{initial_members, participants};
use super::statistics::statistics;
use crate::model::Room;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomStatsParticipantCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    let unsure: AHashSet<RoomRef<'_>> = input
        .model
        .rooms
        .values()
        .filter(|room| {
            !room.members.keys().all(|user| known.contains(user)) || !starts_as_requested(room)
        })
        .map(|room| room.id.borrowed())
        .collect();
    for (room, call, count) in statistics(input, "participant_count", context) {
        let members =
            room.members_at(call.interval()).filter(|_| !unsure.contains(&room.id.borrowed()));
        let Some(members) = members else {
            context.inconclusive(Reason::MembershipUncertain);
            continue;
        };
        context.check(count == members.len() as u64, || {
            Violation::new(
                "rooms.stats: participant_count",
                format!(
                    "`participant_count` is {}: the members are users {members:?}",
                    members.len()
                ),
                format!("it is {count}"),
            )
            .evidence(room.creation)
            .evidence(call)
        });
    }
}

/// Returns whether the response to the creation showed the requested participants.
fn starts_as_requested(room: &Room<'_>) -> bool {
    let shown = room.creation.success().and_then(participants);
    let shown: Option<BTreeSet<UserId>> =
        shown.map(|participants| participants.iter().map(|(user, _)| *user).collect());
    shown == Some(initial_members(room))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}]}"#;

    #[test]
    fn the_count_is_the_number_of_members() {
        const RULE: &str = "room/stats-participant-count";
        let stats = |between: &str, count: u32| {
            format!(
                "{CREATED}\n{between}\nalice rooms.stats $r1 => 200 @room_stats {{\"participant_count\": {count}}}"
            )
        };
        let leave = "bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (RULE, Held, &stats("", 2)),
            (RULE, Broken, &stats("", 3)),
            (RULE, Held, &stats(leave, 1)),
            (RULE, Broken, &stats(leave, 2)),
            (RULE, Undecided, &stats("bob rooms.leave $r1 => ?", 2)),
            (
                RULE,
                Undecided,
                &stats(&format!("[1..99] {leave}"), 2).replace("\nalice", "\n[50..51] alice"),
            ),
        ]);
    }
}
