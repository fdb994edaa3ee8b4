//! Lists with the same ordering show the same relative order every time.
//!
//! Two lists may contain different messages, but a pair of messages that both contain must not
//! change places: clients merge pages. Lists of different orderings are not compared with each
//! other.

use hearback_contract::RequirementId;

use super::chains::{check_agreement, listed};
use super::cycle::compare;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderListIsStable, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for ordering in [None, Some("created_at"), Some("-created_at")] {
        for chains in listed(input, ordering, |page| page.items.iter().collect()).values() {
            let comparison = compare(chains);
            let variant = format!("lists by {} disagree", ordering.unwrap_or("default"));
            let expected = "every list shows the same relative order";
            check_agreement(input, &variant, expected, chains, comparison, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::order::testing::{list, room};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn lists_keep_their_order() {
        const RULE: &str = "order/list-is-stable";
        let two = |query: &str, first: &[(&str, u32)], second: &[(&str, u32)]| {
            room(&[list(query, first), list(query, second)])
        };
        let (one, other) = (("m1", 1), ("m2", 1));
        assert_states(&[
            (RULE, Held, &two("", &[one, other], &[one, other])),
            (RULE, Broken, &two("", &[one, other], &[other, one])),
            (RULE, Broken, &two("&ordering=-created_at", &[one, ("m3", 1), other], &[other, one])),
            (RULE, NotExercised, &two("", &[one], &[other])),
            (
                RULE,
                NotExercised,
                &room(&[
                    list("&ordering=created_at", &[one, other]),
                    list("&ordering=-created_at", &[one, other]),
                ]),
            ),
        ]);
    }
}
