//! Whose rooms are listed, and when.

use super::listing::{Listing, Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};

pub(super) fn archived_left_out<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
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

pub(super) fn archived_included<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing =
        Missing { variant: "include_archived", why: "which the caller is in and is archived" };
    let listings = Listings::of(input, context);
    for listing in listings.pages.iter().filter(|it| it.include_archived == Some(true)) {
        let wanted =
            |room: &Room<'h>| room.surely_archived(listing.at) && listing.surely_admits(room);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}

pub(super) fn listed_for_members<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing =
        Missing { variant: "a room is missing", why: "which the caller is in" };
    let listings = Listings::of(input, context);
    let is_unfiltered = |listing: &&Listing<'h>| {
        listing.room_type.is_none() && listing.call.query("search").is_none_or(str::is_empty)
    };
    for listing in listings.pages.iter().filter(is_unfiltered) {
        let wanted = |room: &Room<'h>| room.surely_active(listing.at);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}

pub(super) fn only_my_rooms<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let listings = Listings::of(input, context);
    let mut made: Vec<u64> =
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

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{ARCHIVED, MADE, assert_lists, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn archived_rooms_are_listed_when_asked_for() {
        assert_lists(
            "room/archived-left-out",
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
        assert_lists(
            "room/archived-included",
            &[
                (Held, ARCHIVED, "bob", "?include_archived=true", &["r1"]),
                (Broken, ARCHIVED, "bob", "?include_archived=true", &[]),
                (NotExercised, ARCHIVED, "carol", "?include_archived=true", &[]),
                (NotExercised, "", "bob", "?include_archived=true", &[]),
            ],
        );
    }

    #[test]
    fn rooms_are_listed_for_their_members_only() {
        assert_lists(
            "room/listed-for-members",
            &[
                (Held, "", "alice", "", &["r1", "r2"]),
                (Broken, "", "alice", "", &["r1"]),
                (NotExercised, "", "alice", "?search=zzz", &[]),
                (NotExercised, "", "dave", "", &[]),
            ],
        );
        assert_lists(
            "room/only-my-rooms",
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
    fn more_pages_and_changes_in_flight_leave_it_open() {
        let more = format!("{MADE}\n{}", list("alice", "", &["r1"], r#""/?page=2""#));
        let overlapping = |line: &str, query: &str, rooms: &[&str]| {
            format!("{MADE}\n[10..20] {line}\n[15..16] {}", list("bob", query, rooms, "null"))
        };
        assert_states(&[
            ("room/listed-for-members", Undecided, &more),
            ("room/listed-for-members", NotExercised, &overlapping(ARCHIVED, "", &[])),
            ("room/archived-left-out", NotExercised, &overlapping(ARCHIVED, "", &["r1"])),
            (
                "room/archived-included",
                NotExercised,
                &overlapping(ARCHIVED, "?include_archived=true", &[]),
            ),
            // There is alice's other room that bob could have seen.
            (
                "room/only-my-rooms",
                Held,
                &overlapping("bob rooms.leave $r1 => 200 {}", "", &["r1"]),
            ),
        ]);
    }

    #[test]
    fn who_is_added_while_leaving_may_be_in_or_out() {
        let add = r#"alice participants.add {"room": "$r1", "user": 2} => 201 @participant"#;
        let leave = "bob rooms.leave $r1 => 200 {}";
        for rooms in [&["r1"][..], &[]] {
            let list = list("bob", "", rooms, "null");
            for (first, second) in [(add, leave), (leave, add)] {
                let history = format!("{MADE}\n[10..20] {first}\n[15..25] {second}\n{list}");
                assert_states(&[
                    ("room/listed-for-members", NotExercised, &history),
                    ("room/only-my-rooms", Held, &history),
                ]);
                let settled =
                    format!("{MADE}\n[10..20] {first}\n[15..25] {second}\n{leave}\n{list}");
                let state = if rooms.is_empty() { Held } else { Broken };
                assert_states(&[("room/only-my-rooms", state, &settled)]);
            }
        }
    }
}
