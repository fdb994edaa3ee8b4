//! All sockets of a room receive its messages in one order.
//!
//! The orders of all sockets are put into one graph; a cycle in it proves that no single order
//! explains them. Only the first receipt of an unambiguous message of this run counts, because an
//! edit may send a message again. Sockets with fewer than two messages in common show nothing.

use hearback_contract::RequirementId;

use super::chains::{check_agreement, live};
use super::cycle::compare;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderCommon, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for chains in live(input).values() {
        let comparison = compare(chains);
        let expected = "all sockets receive in one order";
        check_agreement(input, "sockets disagree", expected, chains, comparison, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::order::testing::{room, stream};
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn all_sockets_receive_in_one_order() {
        const RULE: &str = "order/common";
        let orders = |orders: [&[&str]; 3]| {
            let streams = ["alice", "bob", "carol"].iter().zip(orders);
            room(&streams.map(|(who, ids)| stream(who, ids)).collect::<Vec<_>>())
        };
        let three = orders([&["m1", "m2"], &["m2", "m3"], &["m3", "m1"]]);
        assert_states(&[
            (RULE, Held, &orders([&["m1", "m2", "m3"], &["m1", "m2"], &["m3"]])),
            (RULE, Broken, &orders([&["m1", "m3", "m2"], &["m2", "m1"], &[]])),
            (RULE, Broken, &three),
            (RULE, NotExercised, &orders([&["m1", "m2"], &["m2", "m3"], &[]])),
        ]);
        let finding = &verdict_of(RULE, &three).findings[0];
        assert_eq!(finding.evidence.len(), 6, "{finding:#?}");
    }
}
