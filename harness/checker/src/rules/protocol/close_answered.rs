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
    use crate::rules::protocol::probes::testing::socket;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn close_frames_are_answered() {
        let rule = "protocol/close-answered";
        let outcome =
            |outcome: &str| socket(&[&format!("[10..20] alice@r1 probe close {outcome}")]);
        assert_states(&[
            (rule, Held, &outcome("answered")),
            (rule, Broken, &outcome("timed-out")),
            (rule, Undecided, &outcome("")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
