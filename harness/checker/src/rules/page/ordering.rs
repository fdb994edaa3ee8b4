//! The order of `created_at` within pages and from page to page.

use std::cmp::Ordering;

use hearback_history::Interval;
use jiff::Timestamp;
use serde_json::Value;

use super::listing::{Page, is_still, pages};
use super::walk::walks;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// `created_at` of the messages of a page; `None` if one cannot be read.
fn times(page: &Page<'_>) -> Option<Vec<Timestamp>> {
    let created_at = |item: &Value| item.get("created_at")?.as_str()?.parse().ok();
    page.items.iter().map(created_at).collect()
}

pub(super) fn check_order<'h>(
    input: RuleInput<'h>,
    ordering: &str,
    wrong: Ordering,
    context: &mut RuleContext<'h>,
) {
    let words = if wrong == Ordering::Greater { "decreases" } else { "increases" };
    for page in pages(input).filter(|page| page.listing.ordering == Some(ordering)) {
        let Some(times) = times(&page) else {
            context.inconclusive(Reason::SchemaBroken("created_at".into()));
            continue;
        };
        // Messages of the same instant have no order.
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
