//! A page of messages.list never holds more than 100 messages.
//!
//! A response of more than 100 messages contradicts "max: 100" for every request. The requirement
//! is exercised if an initial member of a room of more than 100 messages requested more than 100,
//! and got at most 100 or a 400. Requests in smaller rooms show nothing.

use hearback_contract::RequirementId;

use super::listing::{MAXIMUM_SIZE, listings};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::success;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageMaximumSize, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input) {
        let is_due = listing.asked_size().is_some_and(|size| size > MAXIMUM_SIZE)
            && listing.is_by_initial_member()
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

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

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
}
