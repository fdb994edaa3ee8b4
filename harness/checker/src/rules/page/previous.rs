//! `previous` is null on the first page and leads back from every other page.
//!
//! A null link after the first page is a violation by itself. Where a client followed the link, the
//! page behind it must hold the same messages as the page that it came from. The rule abstains if
//! messages were written between the two requests, and if ids or the link are absent or mistyped.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId};
use hearback_history::{ActorName, Interval};

use super::listing::{Page, is_still, pages};
use super::walk::{Query, base, query_of, sorted, walks};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PagePrevious, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let Some(base) = base(input) else { return };
    let mut pages_by_query: AHashMap<(&ActorName, Query), Vec<Page<'h>>> = AHashMap::new();
    for page in pages(input) {
        let invocation = &page.listing.call.invocation;
        pages_by_query
            .entry((&invocation.actor, sorted(&invocation.query)))
            .or_default()
            .push(page);
    }
    for walk in walks(input) {
        let actor = &walk.listing().call.invocation.actor;
        for (index, page) in walk.pages.iter().enumerate() {
            let call = page.listing.call;
            let Some(link) = page.previous else {
                context.inconclusive(Reason::SchemaBroken("previous".into()));
                continue;
            };
            let Some(before) = index.checked_sub(1).map(|before| &walk.pages[before]) else {
                context.check(link.is_none(), || {
                    Violation::new(
                        "messages.list: previous on the first page",
                        "`previous` is null on the first page",
                        format!("it is {}", link.unwrap_or_default()),
                    )
                    .evidence(call)
                });
                continue;
            };
            let Some(link) = link else {
                context.check(false, || {
                    Violation::new(
                        "messages.list: no previous",
                        format!("`previous` leads from page {} to the page before it", index + 1),
                        "it is null",
                    )
                    .evidence(call)
                });
                continue;
            };
            let same = query_of(Operation::MessagesList, &base, link)
                .and_then(|query| pages_by_query.get(&(actor, query)));
            let followed = same.and_then(|same| {
                let returned = page.listing.at.returned;
                same.get(same.partition_point(|other| other.listing.at.invoked <= returned))
            });
            let Some(followed) = followed else { continue };
            let meanwhile = Interval {
                invoked: before.listing.at.invoked,
                returned: followed.listing.at.returned,
            };
            if !is_still(input, page.listing.room, meanwhile) {
                context.inconclusive(Reason::ConcurrentWrites);
                continue;
            }
            let (Some(expected), Some(actual)) = (before.ids(), followed.ids()) else {
                context.inconclusive(Reason::SchemaBroken("id".into()));
                continue;
            };
            context.check(expected == actual, || {
                Violation::new(
                    "messages.list: previous leads elsewhere",
                    format!(
                        "`previous` of page {} leads to the {} messages of page {index}",
                        index + 1,
                        expected.len()
                    ),
                    format!(
                        "it leads to {} messages, {} of them the same",
                        actual.len(),
                        actual.iter().filter(|id| expected.contains(id)).count()
                    ),
                )
                .evidence(before.listing.call)
                .evidence(call)
                .evidence(followed.listing.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    /// Four messages in two pages of two; `back` is the second page's `previous`, then comes
    /// `after`.
    fn walk(back: &str, after: &str) -> String {
        let second = page("&page_size=2&page=2", 2..4, 4, "null")
            .replace(r#""previous": null"#, &format!(r#""previous": {back}"#));
        format!(
            "{}{}\n{second}\n{after}",
            room_with(4),
            page("&page_size=2", 0..2, 4, &link("&page_size=2&page=2"))
        )
    }

    #[test]
    fn previous_leads_back() {
        const RULE: &str = "page/previous";
        let back = link("&page_size=2&page=1");
        let again = |numbers| page("&page_size=2&page=1", numbers, 4, "null");
        let first = format!("{}{}", room_with(1), page("", 0..1, 1, "null"));
        assert_states(&[
            (RULE, Held, &walk(&back, &again(0..2))),
            (RULE, Held, &walk(&link("&page_size=2"), &page("&page_size=2", 0..2, 4, "null"))),
            (RULE, Broken, &walk(&back, &again(1..3))),
            (RULE, Broken, &walk("null", "")),
            (RULE, Held, &first),
            (RULE, Broken, &first.replace(r#""previous": null"#, r#""previous": "/x""#)),
            (RULE, Undecided, &first.replace(r#""previous": null"#, r#""previous": 5"#)),
        ]);
        let sent = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m9", "room": "$r1"}"#;
        let disturbed = walk(&back, &format!("{sent}\n{}", again(1..3)));
        assert_states(&[(RULE, Held, &disturbed)]);
    }
}
