//! Checks that `rooms.list` with `include_archived=true` contains the archived rooms of its viewer.
//! A missing room is blamed only if the list is complete, the viewer is certainly a member, and the
//! filters certainly admit the room.

use hearback_contract::RequirementId;

use super::listing::{Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchivedIncluded, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing = Missing {
        variant: "include_archived",
        why: "which is archived and has the caller as a member",
    };
    let listings = Listings::of(input, context);
    for listing in listings.pages.iter().filter(|it| it.include_archived == Some(true)) {
        let wanted =
            |room: &Room<'h>| room.surely_archived(listing.at) && listing.surely_admits(room);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{ARCHIVED, assert_lists, overlapping};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "room/archived-included";

    #[test]
    fn archived_rooms_are_listed_on_request() {
        let query = "?include_archived=true";
        assert_lists(
            RULE,
            &[
                (Held, ARCHIVED, "bob", query, &["r1"]),
                (Broken, ARCHIVED, "bob", query, &[]),
                (NotExercised, ARCHIVED, "carol", query, &[]),
                (NotExercised, "", "bob", query, &[]),
            ],
        );
        assert_states(&[(RULE, NotExercised, &overlapping(ARCHIVED, query, &[]))]);
    }
}
