//! With `ordering=-created_at` the newest message comes first.
//!
//! `created_at` must never increase within a page, nor from one page of a walk to the next.
//! Messages of the same instant have no order, so pages of a single instant show nothing. Two pages
//! are compared only if nothing was written in between. The rule abstains if a `created_at` cannot
//! be read.

use hearback_contract::RequirementId;
use std::cmp::Ordering;

use super::ordering::check_order;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageOrderingDescending, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_order(input, "-created_at", Ordering::Less, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{ordered, ordered_walk};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "page/ordering-descending";

    #[test]
    fn a_page_keeps_the_order() {
        assert_states(&[
            (RULE, Held, &ordered("-created_at", &[2, 1, 0])),
            (RULE, Broken, &ordered("-created_at", &[0, 1, 2])),
            (RULE, NotExercised, &ordered("created_at", &[0, 1, 2])),
        ]);
    }

    #[test]
    fn a_walk_keeps_the_order_unless_messages_arrive() {
        let sent = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m9", "room": "$r1"}"#;
        assert_states(&[
            (RULE, Held, &ordered_walk("-created_at", 1, "", 0)),
            (RULE, Broken, &ordered_walk("-created_at", 0, "", 1)),
            (RULE, NotExercised, &ordered_walk("-created_at", 0, sent, 1)),
        ]);
    }
}
