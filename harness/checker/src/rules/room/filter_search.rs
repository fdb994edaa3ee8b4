//! Checks that `rooms.list` with `search` contains the viewer's rooms that were named with the
//! text, and none that was named without it. Parts of a word may be left out, because a server may
//! search for words, in any order (room-search-scope). The name and the shown `display_name` are compared
//! regardless of case, and one matching word of the text is enough. Texts that are not ASCII are
//! skipped, because collations may equate other letters.

use hearback_contract::{RequirementId, RoomRef};
use serde_json::Value;

use super::listing::{Listings, Missing, check_present};
use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomFilterSearch, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    const MISSING: Missing = Missing {
        variant: "search omits",
        why: "which has a name with that text and the caller as a member",
    };
    let listings = Listings::of(input, context);
    for listing in &listings.pages {
        let Some(text) = listing.search else { continue };
        let words = words(text);
        // A server may ignore a text that contains no words.
        if words.is_empty() {
            continue;
        }
        for item in listing.items {
            let id = item.get("id").and_then(RoomRef::from_json);
            let Some(room) = id.and_then(|id| input.model.room(id)) else { continue };
            let Some(name) = room.name.filter(|name| !name.trim().is_empty()) else { continue };
            let shown = item.get("display_name").and_then(Value::as_str).unwrap_or_default();
            // Collations may equate letters that differ in more than case.
            if ![text, name, shown].iter().all(|text| text.is_ascii()) {
                continue;
            }
            let names = [name.to_lowercase(), shown.to_lowercase()];
            let is_named = words.iter().any(|word| names.iter().any(|name| name.contains(word)));
            context.check(is_named, || {
                Violation::new(
                    "rooms.list: search includes",
                    format!(
                        "{} lists only rooms whose name contains {}",
                        listing.title(),
                        quoted(text)
                    ),
                    format!("a room is named {} and displayed as {}", quoted(name), quoted(shown)),
                )
                .evidence(room.creation)
                .evidence(listing.call)
            });
        }
        let wanted =
            |room: &Room<'h>| room.surely_active(listing.at) && listing.surely_admits(room);
        check_present(&listings, listing, &MISSING, wanted, context);
    }
}

/// The words of a text, in lower case. A server may search for them instead of the text, and one may be enough.
fn words(text: &str) -> Vec<String> {
    let separates = |letter: char| letter.is_whitespace() || matches!(letter, ',' | '"' | '\'');
    let words = text.split(separates).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::room::listing::testing::{ARCHIVED, assert_lists};
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn search_filters_by_name() {
        assert_lists(
            "room/filter-search",
            &[
                (Held, "", "bob", "?search=door", &["r1"]),
                (Broken, "", "bob", "?search=door", &[]),
                (Broken, "", "bob", "?search=blue", &["r1"]),
                (Held, "", "bob", "?search=RED", &["r1"]),
                (NotExercised, "", "bob", "?search=RED", &[]),
                (NotExercised, "", "bob", "?search=oor", &[]),
                (Held, "", "bob", "?search=oor", &["r1"]),
                (NotExercised, "", "bob", "?search=door,red", &[]),
                (Held, "", "bob", "?search=door,red", &["r1"]),
                (NotExercised, "", "alice", "?search=blue", &["r2"]),
                (NotExercised, ARCHIVED, "bob", "?search=door", &[]),
            ],
        );
    }
}
