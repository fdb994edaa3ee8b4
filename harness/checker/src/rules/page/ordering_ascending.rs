//! With `ordering=created_at` the oldest message comes first.
//!
//! `created_at` must never decrease within a page, nor from one page of a walk to the next.
//! Messages of the same instant have no order, so pages of a single instant show nothing. Two pages
//! are compared only if nothing was written in between. The rule abstains if a `created_at` cannot
//! be read.

use hearback_contract::RequirementId;
use std::cmp::Ordering;

use super::ordering::check_order;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageOrderingAscending, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_order(input, "created_at", Ordering::Greater, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{ordered, ordered_walk};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const RULE: &str = "page/ordering-ascending";

    #[test]
    fn a_page_keeps_the_order() {
        assert_states(&[
            (RULE, Held, &ordered("created_at", &[0, 1, 2])),
            (RULE, Broken, &ordered("created_at", &[0, 2, 1])),
            (RULE, NotExercised, &ordered("created_at", &[1])),
            (RULE, NotExercised, &ordered("created_at", &[1, 1])),
            (RULE, NotExercised, &ordered("-created_at", &[2, 1, 0])),
            (RULE, NotExercised, &ordered("", &[2, 1])),
            (RULE, Undecided, &ordered("created_at", &[0, 2, 1]).replace("15:00:01Z", "soon")),
        ]);
    }

    #[test]
    fn a_walk_keeps_the_order() {
        assert_states(&[
            (RULE, Held, &ordered_walk("created_at", 0, "", 1)),
            (RULE, Broken, &ordered_walk("created_at", 1, "", 0)),
        ]);
    }
}
