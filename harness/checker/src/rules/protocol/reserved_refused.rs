//! Checks that a frame with a reserved bit or opcode ends its connection.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_end;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolReservedRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_end(input, &[Probe::ReservedBit, Probe::ReservedOpcode], context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn reserved_bits_end_the_connection() {
        let rule = "protocol/reserved-refused";
        assert_states(&[
            (rule, Held, &probed("reserved-bit", "ended")),
            (rule, Broken, &probed("reserved-bit", "timed-out")),
            (rule, Undecided, &probed("reserved-bit", "")),
            (rule, Undecided, &silence_after("reserved-bit")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
