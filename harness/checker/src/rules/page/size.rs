//! How many messages a page holds.

use super::listing::{DEFAULT_SIZE, MAXIMUM_SIZE, Page, listings, pages};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{refusal, success};

pub(super) fn default_size<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for page in pages(input) {
        let Page { listing, items, .. } = page;
        if listing.page_size.is_some() || listing.number() != Some(1) || !listing.is_documented() {
            continue;
        }
        let length = items.len() as u64;
        if length > DEFAULT_SIZE || listing.is_by_founder() && listing.least() > DEFAULT_SIZE {
            context.check(length == DEFAULT_SIZE, || {
                Violation::new(
                    "messages.list: default page size",
                    format!(
                        "the first page of {} messages or more holds {DEFAULT_SIZE}",
                        listing.least()
                    ),
                    format!("it holds {length}"),
                )
                .evidence(listing.call)
            });
        }
    }
}

pub(super) fn maximum_size<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input) {
        let is_due = listing.asked_size().is_some_and(|size| size > MAXIMUM_SIZE)
            && listing.is_by_founder()
            && listing.least() > MAXIMUM_SIZE;
        if is_due && listing.call.status() == Some(400) {
            context.held();
            continue;
        }
        if success(listing.call, context).is_none() {
            continue;
        }
        let length = listing.call.items().map_or(0, Vec::len) as u64;
        if is_due || length > MAXIMUM_SIZE {
            context.check(length <= MAXIMUM_SIZE, || {
                Violation::new(
                    "messages.list: maximum page size",
                    format!("a page holds {MAXIMUM_SIZE} messages at the most"),
                    format!("it holds {length}"),
                )
                .evidence(listing.call)
            });
        }
    }
}

pub(super) fn size_honoured<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(|it| it.page_size.is_some() && it.is_documented()) {
        let size = listing.documented_size().unwrap_or(DEFAULT_SIZE);
        let is_first = listing.number() == Some(1);
        if is_first && listing.call.status() == Some(400) && listing.is_by_member() {
            context.check(false, || {
                Violation::new(
                    "messages.list: page_size refused",
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
            context.inconclusive("how many messages there were at the time cannot be told");
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
    fn fifty_is_the_default() {
        const RULE: &str = "page/default-size";
        let first =
            |sent, listed| format!("{}{}", room_with(sent), page("", 0..listed, sent, "null"));
        let deleted = format!(
            "{}alice messages.delete $m0 => 200 {{}}\n{}",
            room_with(51),
            page("", 0..49, 49, "null")
        );
        assert_states(&[
            (RULE, Held, &first(51, 50)),
            (RULE, Broken, &first(51, 49)),
            (RULE, Broken, &first(51, 51)),
            (RULE, NotExercised, &first(50, 50)),
            (RULE, NotExercised, &first(50, 20)),
            // Deleted messages may be listed or not.
            (RULE, NotExercised, &deleted),
            (RULE, NotExercised, &first(51, 20).replace("?room=$r1", "?room=$r1&page=2")),
        ]);
    }

    #[test]
    fn a_hundred_is_the_maximum() {
        const RULE: &str = "page/maximum-size";
        let first = |listed| {
            format!("{}{}", room_with(101), page("&page_size=101", 0..listed, 101, "null"))
        };
        let refused =
            format!("{}alice messages.list ?room=$r1&page_size=101 => 400 @error", room_with(101));
        assert_states(&[
            (RULE, Held, &first(100)),
            (RULE, Held, &first(50)),
            (RULE, Held, &refused),
            (RULE, Broken, &first(101)),
            (RULE, Undecided, &refused.replace("400", "500")),
            (
                RULE,
                NotExercised,
                &format!("{}{}", room_with(3), page("&page_size=101", 0..3, 3, "null")),
            ),
        ]);
    }

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
            // A wrong count is another requirement's business.
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
