//! The last page's `next` is null, and every page before it has one.
//!
//! The number of pages follows from `count` and the page size, so both have to be right first: the
//! rule stops at a page whose `count` is not credible (page/count), at a wrong page size
//! (page/size-honoured), and when messages were written during the walk. A walk is checked up to
//! its first violation, because the pages after it depend on it.

use hearback_contract::RequirementId;

use super::listing::is_still;
use super::walk::{Walk, walks};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageLastHasNoNext, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in walks(input) {
        check_end(input, &walk, context);
    }
}

/// Checks page by page, up to the first page that is wrong or undecided.
fn check_end<'h>(input: RuleInput<'h>, walk: &Walk<'h>, context: &mut RuleContext<'h>) {
    let Some(size) = walk.listing().documented_size() else { return };
    for (index, page) in walk.pages.iter().enumerate() {
        if !is_still(input, walk.listing().room, walk.interval_to(index)) {
            context.inconclusive(Reason::ConcurrentWrites);
            return;
        }
        let (Some(count), Some(next)) = (page.credible_count(input), page.next) else {
            context.inconclusive(Reason::CountUncertain);
            return;
        };
        if walk.pages[0].items.len() as u64 != count.min(size) {
            context.inconclusive(Reason::Violates(RequirementId::PageSizeHonoured));
            return;
        }
        let needed = count.div_ceil(size).max(1);
        let number = index as u64 + 1;
        let holds = next.is_none() == (number >= needed);
        context.check(holds, || {
            let (variant, expected) = if next.is_some() {
                ("`next` on the last page", "`next` is null")
            } else {
                ("no `next` before the last page", "`next` leads on")
            };
            Violation::new(
                format!("messages.list: {variant}"),
                format!(
                    "{expected} on page {number} of {needed} ({count} messages, {size} a page)"
                ),
                next.map_or_else(|| "it is null".to_owned(), |link| format!("it is {link}")),
            )
            .evidence(page.listing.call)
        });
        if !holds {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page, room_with};
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn a_walk_ends_with_the_last_page() {
        const RULE: &str = "page/last-has-no-next";
        let of = |sent, pages: &[String]| format!("{}{}", room_with(sent), pages.join("\n"));
        let two = |end: &str| {
            of(
                4,
                &[
                    page("&page_size=2", 0..2, 4, &link("&page=2")),
                    page("&page_size=2&page=2", 2..4, 4, end),
                ],
            )
        };
        assert_states(&[
            (RULE, Held, &of(2, &[page("", 0..2, 2, "null")])),
            (RULE, Held, &of(0, &[page("", 0..0, 0, "null")])),
            (RULE, Held, &two("null")),
            (RULE, Broken, &two(&link("&page=3"))),
            (RULE, Broken, &of(2, &[page("", 0..2, 2, &link("&page=2"))])),
            (RULE, Broken, &of(4, &[page("&page_size=2", 0..2, 4, "null")])),
            // A wrong count and a wrong size are reported by page/count and page/size-honoured.
            (RULE, Undecided, &of(2, &[page("", 0..2, 3, "null")])),
            (RULE, Undecided, &of(4, &[page("&page_size=2", 0..3, 4, "null")])),
            (
                RULE,
                Undecided,
                &of(2, &[page("", 0..2, 3, "null")]).replace("alice messages.list", "bob messages.send {\"room\": \"$r1\", \"content\": \"b\"} => ?\nalice messages.list"),
            ),
        ]);
        assert_eq!(verdict_of(RULE, &two("null")).observations, 2);
    }
}
