//! Pages of `rooms.list`, and the rooms that must be on them.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::Room;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// A page of rooms that a user with a known id received.
pub(super) struct Listing<'h> {
    pub(super) call: &'h Call,
    pub(super) viewer: UserId,
    pub(super) at: Interval,
    pub(super) items: &'h [Value],
    pub(super) room_type: Option<&'h str>,
    pub(super) search: Option<&'h str>,
    /// `None` if the value of the parameter is not documented.
    pub(super) include_archived: Option<bool>,
    /// True if no other pages exist.
    pub(super) is_whole: bool,
}

/// All pages of rooms, and the rooms that each user was ever a member of.
pub(super) struct Listings<'h> {
    pub(super) pages: Vec<Listing<'h>>,
    pub(super) rooms_of: AHashMap<UserId, Vec<&'h Room<'h>>>,
}

impl<'h> Listings<'h> {
    pub(super) fn of(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Self {
        let mut rooms_of: AHashMap<_, Vec<_>> = AHashMap::new();
        for room in input.model.rooms.values() {
            for user in room.members.keys() {
                rooms_of.entry(*user).or_default().push(room);
            }
        }
        let calls =
            input.history.calls_of(Operation::RoomsList).filter(|call| call.is_authorized());
        let mut pages = Vec::new();
        for call in calls {
            if call.status().is_some_and(|status| status >= 500) {
                context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
            }
            let Some(items) = call.items() else { continue };
            let Some(viewer) = input.model.user_id(&call.invocation.actor) else {
                context.inconclusive(Reason::UnknownUser(call.invocation.actor.to_string()));
                continue;
            };
            pages.push(Listing::of(call, viewer, items));
        }
        Self { pages, rooms_of }
    }

    /// Returns whether the page shows a room that the viewer may have joined while it was read. A server that counts
    /// first and selects afterwards then drops another room from the end of the page.
    fn has_grown(&self, listing: &Listing<'_>) -> bool {
        let ids = listing.ids();
        let shown =
            self.rooms_of(listing.viewer).iter().filter(|it| ids.contains(&it.id.borrowed()));
        let mut joins = shown.filter_map(|room| room.members.get(&listing.viewer)).flatten();
        joins.any(|membership| membership.joined.overlaps(listing.at))
    }

    pub(super) fn rooms_of(&self, user: UserId) -> &[&'h Room<'h>] {
        self.rooms_of.get(&user).map_or(&[], Vec::as_slice)
    }
}

impl<'h> Listing<'h> {
    pub(super) fn of(call: &'h Call, viewer: UserId, items: &'h [Value]) -> Self {
        let is_null =
            |link| call.response().and_then(|body| body.get(link)).is_some_and(Value::is_null);
        Self {
            call,
            viewer,
            at: call.interval(),
            items,
            room_type: call.query("room_type"),
            search: call.query("search").map(str::trim).filter(|text| !text.is_empty()),
            include_archived: match call.query("include_archived") {
                None | Some("false") => Some(false),
                Some("true") => Some(true),
                Some(_) => None,
            },
            is_whole: is_null("next")
                && is_null("previous")
                && call.query("page").is_none_or(|page| page == "1"),
        }
    }

    /// Returns the ids of the rooms on the page.
    pub(super) fn ids(&self) -> AHashSet<RoomRef<'h>> {
        self.items.iter().filter_map(|item| item.get("id").and_then(RoomRef::from_json)).collect()
    }

    /// Returns whether the filters certainly admit the room.
    pub(super) fn surely_admits(&self, room: &Room<'_>) -> bool {
        let created =
            |field: &str| room.creation.success().and_then(|body| body.get(field)?.as_str());
        // A room that was not created with the requested type or name is left to another requirement.
        let is_of_type = |requested| {
            room.room_type == Some(requested) && created("room_type") == Some(requested)
        };
        // A server may search for whole words (room-search-scope).
        let is_named = |text: &str| {
            let has_words = |name: &str| format!(" {name} ").contains(&format!(" {text} "));
            room.name.is_some_and(|name| has_words(name) && created("name") == Some(name))
        };
        self.room_type.is_none_or(is_of_type) && self.search.is_none_or(is_named)
    }

    /// Describes the request.
    pub(super) fn title(&self) -> String {
        let query = self.call.invocation.query.iter();
        let query: Vec<_> = query.map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() {
            "rooms.list".to_owned()
        } else {
            format!("rooms.list?{}", query.join("&"))
        }
    }
}

/// The texts about a missing room.
pub(super) struct Missing {
    pub(super) variant: &'static str,
    /// The reason why the room must be listed.
    pub(super) why: &'static str,
}

/// Checks that the `wanted` rooms of the viewer are on a page.
pub(super) fn check_present<'h>(
    listings: &Listings<'h>,
    listing: &Listing<'h>,
    missing: &Missing,
    wanted: impl Fn(&Room<'h>) -> bool,
    context: &mut RuleContext<'h>,
) {
    if !listing.is_whole {
        context.inconclusive(Reason::IncompleteList);
        return;
    }
    let ids = listing.ids();
    for room in listings.rooms_of(listing.viewer) {
        if !wanted(room) || !room.surely_member(listing.viewer, listing.at) {
            continue;
        }
        if !ids.contains(&room.id.borrowed()) && listings.has_grown(listing) {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        context.check(ids.contains(&room.id.borrowed()), || {
            Violation::new(
                format!("rooms.list: {}", missing.variant),
                format!("{} shows room {}, {}", listing.title(), room.id, missing.why),
                format!("it shows {} rooms, without that one", ids.len()),
            )
            .evidence(room.creation)
            .evidence(listing.call)
        });
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Two rooms, and lists of them.

    use crate::rules::testing::assert_states;
    use crate::verdict::State;

    /// Rooms `r1`, a group named "red door" of alice and bob, and `r2`, a task room of alice's.
    pub(in super::super) const CREATED: &str = r#"
        alice rooms.create {"room_type": "group", "name": "red door", "participant_ids": [2]} => 201 @room {"id": "$r1", "room_type": "group", "name": "red door"}
        alice rooms.create {"room_type": "task", "task": 1, "participant_ids": [3]} => 201 @room {"id": "$r2", "room_type": "task", "created_by": {"id": 1}, "last_message": null}
    "#;

    pub(in super::super) const ARCHIVED: &str = "alice rooms.archive $r1 => 200 @room";

    /// A user lists rooms, and receives some of them.
    pub(in super::super) fn list(who: &str, query: &str, rooms: &[&str], next: &str) -> String {
        let items: Vec<_> = rooms
            .iter()
            .map(|room| {
                let (room_type, name) =
                    if *room == "r1" { ("group", "red door") } else { ("task", "Task 1") };
                format!(
                    r#"@room_summary {{"id": "${room}", "room_type": "{room_type}", "display_name": "{name}"}}"#
                )
            })
            .collect();
        format!(
            r#"{who} rooms.list {query} => 200 {{"next": {next}, "previous": null, "results": [{}]}}"#,
            items.join(", ")
        )
    }

    /// Bob lists rooms while `line` is in progress.
    pub(in super::super) fn overlapping(line: &str, query: &str, rooms: &[&str]) -> String {
        format!("{CREATED}\n[10..20] {line}\n[15..16] {}", list("bob", query, rooms, "null"))
    }

    /// Asserts the states that a rule gives to lists: state, earlier lines, viewer, query, rooms.
    pub(in super::super) fn assert_lists(
        requirement: &str,
        cases: &[(State, &str, &str, &str, &[&str])],
    ) {
        for (state, between, who, query, rooms) in cases {
            let history = format!("{CREATED}\n{between}\n{}", list(who, query, rooms, "null"));
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
