//! Checks that a ping is answered with its payload.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_answers;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolPingAnswered, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_answers(input, &[Probe::Ping], "a pong with the same payload arrives", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn pings_are_answered() {
        let rule = "protocol/ping-answered";
        assert_states(&[
            (rule, Held, &probed("ping", "answered")),
            (rule, Broken, &probed("ping", "timed-out")),
            (rule, Undecided, &probed("ping", "")),
            (rule, Undecided, &silence_after("ping")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
