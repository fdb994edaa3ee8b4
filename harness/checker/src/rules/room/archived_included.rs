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
