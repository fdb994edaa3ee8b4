//! A `page_size` from 1 to 100 is accepted and decides how many messages a page holds.
//!
//! The expected number follows from the page number, the size and `count`. It can only be compared
//! with a `count` that is credible: nothing was written during the request and the number lies
//! between the messages that surely and possibly exist. Otherwise the rule abstains, because a
//! wrong `count` belongs to page/count. A member whose valid size is rejected with 400 is a
//! violation too.

use hearback_contract::RequirementId;

use super::listing::{DEFAULT_SIZE, Page, listings, pages};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageSizeHonoured, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(|it| it.page_size.is_some() && it.is_documented()) {
        let size = listing.documented_size().unwrap_or(DEFAULT_SIZE);
        let is_first = listing.number() == Some(1);
        if is_first && listing.call.status() == Some(400) && listing.is_by_member() {
            context.check(false, || {
                Violation::new(
                    "messages.list: page_size rejected",
                    format!("`page_size={size}` is honoured"),
                    refusal(listing.call),
                )
                .evidence(listing.call)
            });
        }
    }
    for page in pages(input) {
        let Page { listing, items, .. } = page;
        if listing.page_size.is_none() || !listing.is_documented() {
            continue;
        }
        let (Some(number), Some(size)) = (listing.number(), listing.documented_size()) else {
            continue;
        };
        let Some(count) = page.credible_count(input) else {
            context.inconclusive(Reason::CountUncertain);
            continue;
        };
        let left = count.saturating_sub((number - 1).saturating_mul(size)).min(size);
        context.check(items.len() as u64 == left, || {
            Violation::new(
                "messages.list: page_size",
                format!("page {number} of {count} messages with `page_size={size}` holds {left}"),
                format!("it holds {}", items.len()),
            )
            .evidence(listing.call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn sizes_in_between_are_honoured() {
        const RULE: &str = "page/size-honoured";
        let of = |query: &str, listed, count| {
            format!("{}{}", room_with(5), page(query, listed, count, "null"))
        };
        assert_states(&[
            (RULE, Held, &of("&page_size=2", 0..2, 5)),
            (RULE, Held, &of("&page_size=2&page=3", 4..5, 5)),
            (RULE, Held, &of("&page_size=9", 0..5, 5)),
            (RULE, Broken, &of("&page_size=2", 0..3, 5)),
            (RULE, Broken, &of("&page_size=2&page=3", 3..5, 5)),
            (RULE, Broken, &of("&page_size=9", 0..4, 5)),
            // A wrong count is reported by page/count.
            (RULE, Undecided, &of("&page_size=9", 0..5, 6)),
            (RULE, NotExercised, &of("&page_size=0", 0..5, 5)),
            (
                RULE,
                Broken,
                &format!("{}alice messages.list ?room=$r1&page_size=2 => 400 @error", room_with(5)),
            ),
            (
                RULE,
                NotExercised,
                &format!("{}dave messages.list ?room=$r1&page_size=2 => 400 @error", room_with(5)),
            ),
        ]);
    }
}
