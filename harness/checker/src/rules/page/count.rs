//! `count` is the number of items on all pages together.
//!
//! A walk to the last page counts the items itself, so every page's `count` can be compared with
//! that number. The rule abstains if messages were written during the walk, and if the walk is
//! incomplete (fewer messages than were acknowledged, or more than were sent): page/walk-complete
//! reports that.

use hearback_contract::RequirementId;

use super::visits::still_walks;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in still_walks(input, 1, context) {
        let walked: usize = walk.pages.iter().map(|page| page.items.len()).sum();
        let listing = walk.listing();
        let room = listing.room;
        let sent = room.acknowledged_before(listing.at) as u64;
        let is_short = listing.is_by_initial_member() && (walked as u64) < listing.least();
        if !room.has_foreign_messages && (is_short || walked as u64 > sent) {
            context.inconclusive(Reason::Violates(RequirementId::PageWalkComplete));
            continue;
        }
        for page in &walk.pages {
            let Some(count) = page.count else {
                context.inconclusive(Reason::SchemaBroken("count".into()));
                continue;
            };
            context.check(count == walked as u64, || {
                Violation::new(
                    "messages.list: count",
                    format!("`count` is {walked}, as many as are in all pages"),
                    format!("it is {count}"),
                )
                .magnitude(count.abs_diff(walked as u64))
                .evidence(page.listing.call)
                .evidence(walk.last().listing.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{SENT, walk};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn count_is_what_is_walked() {
        const RULE: &str = "page/count";
        assert_states(&[
            (RULE, Held, &walk([4, 4], &[0, 1], "", &[2, 3])),
            (RULE, Broken, &walk([4, 5], &[0, 1], "", &[2, 3])),
            (RULE, Broken, &walk([2, 2], &[0, 1], "", &[2, 3])),
            // Incomplete walks and walks with writes are not decided here.
            (RULE, Undecided, &walk([4, 4], &[0, 1], "", &[2])),
            (RULE, Undecided, &walk([4, 5], &[0, 1], SENT, &[2, 3, 4])),
        ]);
    }
}
