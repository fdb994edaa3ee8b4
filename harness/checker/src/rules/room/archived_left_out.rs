//! Rule `room/archived-left-out`.

use hearback_contract::RequirementId;

use super::listing::Listings;
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchivedLeftOut, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let listings = Listings::of(input, context);
    for listing in listings.pages.iter().filter(|it| it.include_archived == Some(false)) {
        let ids = listing.ids();
        let is_put_away = |room: &Room<'h>| room.surely_archived(listing.at);
        for id in &ids {
            let Some(room) = input.model.rooms.get(*id).filter(|room| is_put_away(room)) else {
                continue;
            };
            context.check(false, || {
                Violation::new(
                    "rooms.list: archived",
                    format!("{} leaves out room {id}, which was archived before", listing.title()),
                    "it is there",
                )
                .evidence(room.creation)
                .evidence(listing.call)
            });
        }
        // What is not there counts where it would be if it were not archived.
        for room in listings.rooms_of(listing.viewer) {
            let is_due = is_put_away(room)
                && listing.surely_admits(room)
                && room.surely_member(listing.viewer, listing.at)
                && !ids.contains(room.id.as_str());
            if is_due && listing.is_whole {
                context.held();
            } else if is_due {
                context.inconclusive("the list has more pages");
            }
        }
    }
}
