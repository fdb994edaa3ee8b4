//! Rule `room/archived-included`.

use hearback_contract::RequirementId;

use super::listing::{Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchivedIncluded, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing =
        Missing { variant: "include_archived", why: "which the caller is in and is archived" };
    let listings = Listings::of(input, context);
    for listing in listings.pages.iter().filter(|it| it.include_archived == Some(true)) {
        let wanted =
            |room: &Room<'h>| room.surely_archived(listing.at) && listing.surely_admits(room);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}
