//! Checks that a message in several fragments comes back as one message.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_answers;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolFragmentsJoined, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_answers(input, &[Probe::Fragments], "the message comes back to its sender", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn fragments_are_one_message() {
        let rule = "protocol/fragments-joined";
        assert_states(&[
            (rule, Held, &probed("fragments", "answered")),
            (rule, Broken, &probed("fragments", "timed-out")),
            (rule, Undecided, &probed("fragments", "")),
            (rule, Undecided, &silence_after("fragments")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
