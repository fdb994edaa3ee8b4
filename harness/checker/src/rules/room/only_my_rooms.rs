//! Rule `room/only-my-rooms`.

use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::listing::Listings;
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomOnlyMyRooms, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let listings = Listings::of(input, context);
    let mut made: Vec<Nanoseconds> =
        input.model.rooms.values().map(|room| room.creation.interval().returned).collect();
    made.sort_unstable();
    for listing in &listings.pages {
        let is_outside = |room: &Room<'h>| room.surely_outside(listing.viewer, listing.at);
        for id in listing.ids() {
            let Some(room) = input.model.rooms.get(id).filter(|room| is_outside(room)) else {
                continue;
            };
            context.check(false, || {
                let was_member = room.members.contains_key(&listing.viewer);
                let (variant, who) = if was_member {
                    ("a room that was left", "is no longer in it")
                } else {
                    ("somebody else's room", "never was in it")
                };
                Violation::new(
                    format!("rooms.list: {variant}"),
                    format!("room {id} is not listed: {} {who}", listing.call.invocation.actor),
                    "it is there",
                )
                .evidence(room.creation)
                .evidence(listing.call)
            });
        }
        // What is not there counts if there was a room that could have been.
        let rooms = listings.rooms_of(listing.viewer);
        let existing = made.partition_point(|returned| *returned < listing.at.invoked);
        if existing > rooms.len() || rooms.iter().any(|room| is_outside(room)) {
            context.held();
        }
    }
}
