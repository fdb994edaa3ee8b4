//! Checks that a text frame that is not UTF-8 ends its connection.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_end;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ProtocolInvalidTextRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_end(input, &[Probe::InvalidText], context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn invalid_text_ends_the_connection() {
        let rule = "protocol/invalid-text-refused";
        assert_states(&[
            (rule, Held, &probed("invalid-text", "ended")),
            (rule, Broken, &probed("invalid-text", "timed-out")),
            (rule, Undecided, &probed("invalid-text", "")),
            (rule, Undecided, &silence_after("invalid-text")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
