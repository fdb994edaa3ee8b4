//! Checks that `rooms.list` with a documented `room_type` contains rooms of that type only, and all
//! of the viewer's active rooms of that type. A missing room is blamed only if the list is complete
//! and the viewer is certainly a member.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::listing::{Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomFilterType, check };

const TYPES: [&str; 4] = ["direct", "group", "task", "property"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing = Missing {
        variant: "room_type omits",
        why: "which has that type and the caller as a member",
    };
    let listings = Listings::of(input, context);
    for listing in &listings.pages {
        let Some(requested) = listing.room_type.filter(|requested| TYPES.contains(requested))
        else {
            continue;
        };
        for item in listing.items {
            let Some(is) = member(item, "room_type", Value::as_str, context) else { continue };
            context.check(is == requested, || {
                Violation::new(
                    "rooms.list: room_type includes",
                    format!("{} lists only rooms of type {requested}", listing.title()),
                    format!("a room has `room_type` {}", quoted(is)),
                )
                .evidence(listing.call)
            });
        }
        if listing.search.is_none() {
            let wanted =
                |room: &Room<'h>| room.surely_active(listing.at) && listing.surely_admits(room);
            check_present(&listings, listing, &MISSING, wanted, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{ARCHIVED, assert_lists};
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn room_type_filters_by_type() {
        assert_lists(
            "room/filter-type",
            &[
                (Held, "", "alice", "?room_type=group", &["r1"]),
                (Broken, "", "alice", "?room_type=group", &[]),
                (Broken, "", "alice", "?room_type=group", &["r1", "r2"]),
                (Broken, "", "alice", "?room_type=task", &["r1", "r2"]),
                (NotExercised, "", "alice", "?room_type=club", &["r1", "r2"]),
                (NotExercised, ARCHIVED, "alice", "?room_type=group", &[]),
                (NotExercised, "bob rooms.leave $r1 => ?", "bob", "?room_type=group", &[]),
            ],
        );
    }
}
