//! Checks that an unfiltered `rooms.list` contains every active room of its viewer. A missing room
//! is blamed only if the list is complete and the viewer is certainly a member.

use hearback_contract::RequirementId;

use super::listing::{Listing, Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomListedForMembers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing =
        Missing { variant: "a room is missing", why: "which has the caller as a member" };
    let listings = Listings::of(input, context);
    let is_unfiltered = |listing: &&Listing<'h>| {
        listing.room_type.is_none() && listing.call.query("search").is_none_or(str::is_empty)
    };
    for listing in listings.pages.iter().filter(is_unfiltered) {
        let wanted = |room: &Room<'h>| room.surely_active(listing.at);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{
        ARCHIVED, CREATED, assert_lists, list, overlapping,
    };
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const RULE: &str = "room/listed-for-members";

    #[test]
    fn rooms_are_listed_for_their_members() {
        assert_lists(
            RULE,
            &[
                (Held, "", "alice", "", &["r1", "r2"]),
                (Broken, "", "alice", "", &["r1"]),
                (NotExercised, "", "alice", "?search=zzz", &[]),
                (NotExercised, "", "dave", "", &[]),
            ],
        );
    }

    #[test]
    fn more_pages_and_overlapping_changes_are_inconclusive() {
        let joining = r#"alice participants.add {"room": "$r1", "user": 4} => 201 {}
            [11..17] bob rooms.create {"room_type": "group", "participant_ids": [1]} => 201 @room {"id": "$r3"}"#;
        let grown = format!(
            "{CREATED}\n[10..20] {joining}\n[15..16] {}",
            list("alice", "", &["r1", "r3"], "null")
        );
        assert_states(&[
            (RULE, Held, &grown),
            (RULE, Broken, &grown.replace("[11..17]", "[11..12]")),
        ]);
        let more = format!("{CREATED}\n{}", list("alice", "", &["r1"], r#""/?page=2""#));
        assert_states(&[
            (RULE, Undecided, &more),
            (RULE, NotExercised, &overlapping(ARCHIVED, "", &[])),
        ]);
    }

    #[test]
    fn lists_may_show_the_state_of_a_time_before_their_request() {
        let missing = list("alice", "", &["r1"], "null");
        for (staleness, state) in [("stale 20 200", Broken), ("stale 50 200", NotExercised)] {
            let history = format!("{CREATED}\n[50..51] {}", missing.replace("200", staleness));
            assert_states(&[(RULE, state, &history)]);
        }
    }

    #[test]
    fn users_added_while_leaving_may_not_be_members() {
        let add = r#"alice participants.add {"room": "$r1", "user": 2} => 201 @participant"#;
        let leave = "bob rooms.leave $r1 => 200 {}";
        for rooms in [&["r1"][..], &[]] {
            let list = list("bob", "", rooms, "null");
            for (first, second) in [(add, leave), (leave, add)] {
                let history = format!("{CREATED}\n[10..20] {first}\n[15..25] {second}\n{list}");
                assert_states(&[(RULE, NotExercised, &history)]);
            }
        }
    }
}
