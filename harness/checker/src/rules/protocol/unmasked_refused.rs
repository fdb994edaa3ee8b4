//! Checks that a frame without a mask ends its connection.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_end;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolUnmaskedRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_end(input, &[Probe::Unmasked], context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn unmasked_frames_end_the_connection() {
        let rule = "protocol/unmasked-refused";
        assert_states(&[
            (rule, Held, &probed("unmasked", "ended")),
            (rule, Broken, &probed("unmasked", "timed-out")),
            (rule, Undecided, &probed("unmasked", "")),
            (rule, Undecided, &silence_after("unmasked")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
