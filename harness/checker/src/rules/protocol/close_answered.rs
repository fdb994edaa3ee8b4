//! Checks that a close frame is answered with one, before the connection ends.

use hearback_contract::RequirementId;
use hearback_history::Probe;

use super::probes::expect_answers;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolCloseAnswered, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_answers(input, &[Probe::Close], "a close frame arrives", context);
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, silence_after, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn close_frames_are_answered() {
        let rule = "protocol/close-answered";
        assert_states(&[
            (rule, Held, &probed("close", "answered")),
            (rule, Broken, &probed("close", "timed-out")),
            (rule, Undecided, &probed("close", "")),
            (rule, Undecided, &silence_after("close")),
            (rule, Broken, &probed("close", "ended")),
            (rule, Undecided, &(probed("close", "ended") + "\n[15..15] bob@r1 break reset")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
