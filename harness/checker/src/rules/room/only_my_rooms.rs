//! Checks that `rooms.list` contains no room of which its viewer is certainly not a member. A list
//! without such rooms counts as an observation if one existed when the list was requested.

use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::listing::Listings;
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomOnlyMyRooms, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let listings = Listings::of(input, context);
    let mut created: Vec<Nanoseconds> =
        input.model.rooms.values().map(|room| room.creation.interval().returned).collect();
    created.sort_unstable();
    for listing in &listings.pages {
        let is_outside = |room: &Room<'h>| room.surely_outside(listing.viewer, listing.at);
        for id in listing.ids() {
            let Some(room) = input.model.room(id).filter(|room| is_outside(room)) else {
                continue;
            };
            context.check(false, || {
                let was_member = room.members.contains_key(&listing.viewer);
                let (variant, reason) = if was_member {
                    ("a room that the user left", "is no longer a member")
                } else {
                    ("a room of other users", "was never a member")
                };
                Violation::new(
                    format!("rooms.list: {variant}"),
                    format!("room {id} is not listed: {} {reason}", listing.call.invocation.actor),
                    "the room is listed",
                )
                .evidence(room.creation)
                .evidence(listing.call)
            });
        }
        // An absent room is an observation if another room existed.
        let rooms = listings.rooms_of(listing.viewer);
        let existing = created.partition_point(|returned| *returned < listing.at.invoked);
        if existing > rooms.len() || rooms.iter().any(|room| is_outside(room)) {
            context.held();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{CREATED, assert_lists, list, overlapping};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "room/only-my-rooms";

    #[test]
    fn rooms_are_listed_for_their_members_only() {
        assert_lists(
            RULE,
            &[
                (Held, "", "dave", "", &[]),
                (Broken, "", "dave", "", &["r1"]),
                (Held, "bob rooms.leave $r1 => 200 {}", "bob", "", &[]),
                (Broken, "bob rooms.leave $r1 => 200 {}", "bob", "", &["r1"]),
                (NotExercised, "", "alice", "", &["r1", "r2"]),
            ],
        );
    }

    #[test]
    fn users_added_by_converted_ids_are_members() {
        let added = r#"alice participants.add {"room": "$r1", "user": "4"} => 201 @participant {"id": 9, "room": "$r1", "user": {"id": 4}}"#;
        let listed = format!("{CREATED}\n{added}\n{}", list("dave", "", &["r1"], "null"));
        let stranger = format!("{CREATED}\n{}", list("dave", "", &["r1"], "null"));
        assert_states(&[(RULE, Held, &listed), (RULE, Broken, &stranger)]);
    }

    #[test]
    fn overlapping_departures_are_skipped() {
        // Bob could have seen alice's other room.
        let leaving = overlapping("bob rooms.leave $r1 => 200 {}", "", &["r1"]);
        assert_states(&[(RULE, Held, &leaving)]);
    }

    #[test]
    fn users_added_while_leaving_may_be_members() {
        let add = r#"alice participants.add {"room": "$r1", "user": 2} => 201 @participant"#;
        let leave = "bob rooms.leave $r1 => 200 {}";
        for rooms in [&["r1"][..], &[]] {
            let list = list("bob", "", rooms, "null");
            for (first, second) in [(add, leave), (leave, add)] {
                let history = format!("{CREATED}\n[10..20] {first}\n[15..25] {second}\n{list}");
                let settled =
                    format!("{CREATED}\n[10..20] {first}\n[15..25] {second}\n{leave}\n{list}");
                let state = if rooms.is_empty() { Held } else { Broken };
                assert_states(&[(RULE, Held, &history), (RULE, state, &settled)]);
            }
        }
    }
}
