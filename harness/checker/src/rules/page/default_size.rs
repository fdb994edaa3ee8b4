//! The first page of messages.list holds 50 messages when the request names no `page_size`.
//!
//! "Results per page (default: 50, max: 100)" leaves no choice once the room holds more than 50
//! messages. Only an initial member is certain to see every message, so a short page is a violation
//! only if an initial member requested it; messages that may be deleted do not count. A page of
//! more than 50 is a violation for every caller.

use hearback_contract::RequirementId;

use super::listing::{DEFAULT_SIZE, Page, pages};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageDefaultSize, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for page in pages(input) {
        let Page { listing, items, .. } = page;
        if listing.page_size.is_some() || listing.number() != Some(1) || !listing.is_documented() {
            continue;
        }
        let length = items.len() as u64;
        if length > DEFAULT_SIZE || listing.is_by_initial_member() && listing.least() > DEFAULT_SIZE
        {
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

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

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
}
