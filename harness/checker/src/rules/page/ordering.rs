//! The order of messages in pages and from page to page.

use std::cmp::Ordering;

use hearback_history::Interval;
use jiff::Timestamp;
use serde_json::Value;

use super::listing::{Page, is_still, pages};
use super::walk::walks;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};

pub(super) fn ascending<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_order(input, "created_at", Ordering::Greater, context);
}

pub(super) fn descending<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_order(input, "-created_at", Ordering::Less, context);
}

/// When the messages of a page were created; `None` if one does not say.
fn times(page: &Page<'_>) -> Option<Vec<Timestamp>> {
    let created_at = |item: &Value| item.get("created_at")?.as_str()?.parse().ok();
    page.items.iter().map(created_at).collect()
}

fn check_order<'h>(
    input: RuleInput<'h>,
    ordering: &str,
    wrong: Ordering,
    context: &mut RuleContext<'h>,
) {
    let words = if wrong == Ordering::Greater { "decreases" } else { "increases" };
    for page in pages(input).filter(|page| page.listing.ordering == Some(ordering)) {
        let Some(times) = times(&page) else {
            context.inconclusive("`created_at` is absent or mistyped: see the schema requirements");
            continue;
        };
        // Messages of one instant have no order.
        if times.iter().all(|time| *time == times[0]) {
            continue;
        }
        let inversion = times.windows(2).find(|pair| pair[0].cmp(&pair[1]) == wrong);
        context.check(inversion.is_none(), || {
            let pair = inversion.unwrap_or_default();
            Violation::new(
                "messages.list: order within a page",
                format!("with `ordering={ordering}`, `created_at` never {words}"),
                format!("{} is followed by {}", pair[0], pair[1]),
            )
            .evidence(page.listing.call)
        });
    }
    for walk in walks(input).iter().filter(|walk| walk.listing().ordering == Some(ordering)) {
        for pair in walk.pages.windows(2) {
            let (one, other) = (pair[0].listing, pair[1].listing);
            let meanwhile = Interval { invoked: one.at.invoked, returned: other.at.returned };
            if !is_still(input, one.room, meanwhile) {
                continue;
            }
            let (Some(before), Some(after)) = (times(&pair[0]), times(&pair[1])) else { continue };
            let (Some(last), Some(first)) = (before.last(), after.first()) else { continue };
            context.check(last.cmp(first) != wrong, || {
                Violation::new(
                    "messages.list: order from page to page",
                    format!("with `ordering={ordering}`, `created_at` never {words}"),
                    format!("a page ends with {last}, the next begins with {first}"),
                )
                .evidence(one.call)
                .evidence(other.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page_of, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn pages_keep_the_order() {
        const UP: &str = "page/ordering-ascending";
        const DOWN: &str = "page/ordering-descending";
        let one = |ordering: &str, numbers: &[usize]| {
            format!(
                "{}{}",
                room_with(3),
                page_of(&format!("&ordering={ordering}"), numbers, 3, "null")
            )
        };
        assert_states(&[
            (UP, Held, &one("created_at", &[0, 1, 2])),
            (UP, Broken, &one("created_at", &[0, 2, 1])),
            (UP, NotExercised, &one("created_at", &[1])),
            (UP, NotExercised, &one("created_at", &[1, 1])),
            (UP, NotExercised, &one("-created_at", &[2, 1, 0])),
            (UP, NotExercised, &one("", &[2, 1])),
            (UP, Undecided, &one("created_at", &[0, 2, 1]).replace("15:00:01Z", "soon")),
            (DOWN, Held, &one("-created_at", &[2, 1, 0])),
            (DOWN, Broken, &one("-created_at", &[0, 1, 2])),
            (DOWN, NotExercised, &one("created_at", &[0, 1, 2])),
        ]);
    }

    #[test]
    fn walks_keep_the_order_unless_messages_arrive() {
        let walk = |ordering: &str, first: &[usize], second: &[usize], between: &str| {
            let query = format!("&ordering={ordering}&page_size=1");
            format!(
                "{}{}\n{between}\n{}",
                room_with(3),
                page_of(&query, first, 3, &link("&page=2")),
                page_of(&format!("{query}&page=2"), second, 3, "null")
            )
        };
        const UP: &str = "page/ordering-ascending";
        const DOWN: &str = "page/ordering-descending";
        let sent = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m9", "room": "$r1"}"#;
        assert_states(&[
            (UP, Held, &walk("created_at", &[0], &[1], "")),
            (UP, Broken, &walk("created_at", &[1], &[0], "")),
            (DOWN, Held, &walk("-created_at", &[1], &[0], "")),
            (DOWN, Broken, &walk("-created_at", &[0], &[1], "")),
            (DOWN, NotExercised, &walk("-created_at", &[0], &[1], sent)),
        ]);
    }
}
