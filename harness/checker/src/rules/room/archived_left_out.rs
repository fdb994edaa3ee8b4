//! Checks that `rooms.list` without `include_archived=true` contains no archived room. An absent
//! room counts as an observation only if a complete list would have shown it otherwise. Other
//! values of the parameter are not documented, and are skipped.

use hearback_contract::RequirementId;

use super::listing::Listings;
use crate::model::Room;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchivedLeftOut, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let listings = Listings::of(input, context);
    for listing in listings.pages.iter().filter(|it| it.include_archived == Some(false)) {
        let ids = listing.ids();
        let is_archived = |room: &Room<'h>| room.surely_archived(listing.at);
        for id in &ids {
            let Some(room) = input.model.room(*id).filter(|room| is_archived(room)) else {
                continue;
            };
            context.check(false, || {
                Violation::new(
                    "rooms.list: archived",
                    format!("{} does not contain room {id}, which is archived", listing.title()),
                    "the room is listed",
                )
                .evidence(room.creation)
                .evidence(listing.call)
            });
        }
        // An absent room is an observation if it would be listed if it were not archived.
        for room in listings.rooms_of(listing.viewer) {
            let is_expected = is_archived(room)
                && listing.surely_admits(room)
                && room.surely_member(listing.viewer, listing.at)
                && !ids.contains(&room.id.borrowed());
            if is_expected && listing.is_whole {
                context.held();
            } else if is_expected {
                context.inconclusive(Reason::IncompleteList);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{ARCHIVED, assert_lists, overlapping};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "room/archived-left-out";

    #[test]
    fn archived_rooms_are_not_listed_by_default() {
        assert_lists(
            RULE,
            &[
                (Held, ARCHIVED, "bob", "", &[]),
                (Held, ARCHIVED, "alice", "?include_archived=false", &["r2"]),
                (Broken, ARCHIVED, "bob", "", &["r1"]),
                (NotExercised, ARCHIVED, "bob", "?include_archived=true", &["r1"]),
                (NotExercised, ARCHIVED, "carol", "", &["r2"]),
                (NotExercised, "alice rooms.archive $r1 => ?", "bob", "", &["r1"]),
                (NotExercised, "alice rooms.archive $r1 => 500 @error", "bob", "", &["r1"]),
            ],
        );
        assert_states(&[(RULE, NotExercised, &overlapping(ARCHIVED, "", &["r1"]))]);
    }
}
