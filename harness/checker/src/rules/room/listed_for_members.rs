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
