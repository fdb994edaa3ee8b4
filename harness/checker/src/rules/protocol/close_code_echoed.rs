//! Checks that the answer to a close frame has its close code.

use hearback_contract::RequirementId;
use hearback_history::{Probe, ProbeOutcome};

use super::probes::{check_code, probes};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolCloseCodeEchoed, check };

/// The close code of hearback.
const NORMAL: u16 = 1000;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, probe) in probes(input, &[Probe::Close]) {
        if probe.outcome == Some(ProbeOutcome::Answered) {
            check_code(connection, probe, (NORMAL, probe.code), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn close_codes_are_echoed() {
        let rule = "protocol/close-code-echoed";
        assert_states(&[
            (rule, Held, &probed("close", "answered 1000")),
            (rule, Broken, &probed("close", "answered 1002")),
            (rule, Broken, &probed("close", "answered")),
            (rule, Undecided, &probed("close", "answered 1001")),
            (rule, Undecided, &probed("close", "answered 4000")),
            (rule, NotExercised, &probed("close", "ended")),
            (rule, NotExercised, &probed("close", "timed-out")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
