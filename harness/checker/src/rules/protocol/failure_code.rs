//! Checks that the close code after an invalid frame names the cause.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Probe, ProbeOutcome};

use super::probes::{check_code, probes};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolFailureCode, check };

/// The close code after a frame that violates RFC 6455.
const PROTOCOL_ERROR: u16 = 1002;

/// The close code after a text that is not UTF-8.
const INVALID_PAYLOAD: u16 = 1007;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (kinds, expected) in [
        (&[Probe::InvalidText][..], INVALID_PAYLOAD),
        (&[Probe::ReservedBit, Probe::ReservedOpcode, Probe::Unmasked], PROTOCOL_ERROR),
    ] {
        for (connection, probe) in probes(input, kinds) {
            // A connection may end without a close frame: RFC 6455 only recommends it.
            let closed = connection.closed.as_ref().filter(|it| it.by == CloseOrigin::Server);
            if probe.outcome == Some(ProbeOutcome::Ended)
                && let Some(closed) = closed
            {
                check_code(connection, probe, (expected, closed.code), context);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::{probed, socket};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn ended(probe: &str, code: &str) -> String {
        let probe = format!("[10..20] alice@r1 probe {probe} ended");
        socket(&[&probe, &format!("[15..15] alice@r1 close {code}")])
    }

    #[test]
    fn close_codes_name_the_cause() {
        let rule = "protocol/failure-code";
        assert_states(&[
            (rule, Held, &ended("invalid-text", "1007")),
            (rule, Held, &ended("reserved-bit", "1002")),
            (rule, Held, &ended("reserved-opcode", "1002")),
            (rule, Held, &ended("unmasked", "1002")),
            (rule, Broken, &ended("invalid-text", "1000")),
            (rule, Broken, &ended("unmasked", "1007")),
            (rule, Broken, &ended("reserved-bit", "none")),
            (rule, Undecided, &ended("reserved-bit", "1012")),
            (rule, Undecided, &ended("invalid-text", "4001")),
            (rule, NotExercised, &ended("invalid-text", "")),
            (rule, NotExercised, &probed("invalid-text", "timed-out")),
            (rule, NotExercised, &ended("ping", "1000")),
            (rule, NotExercised, &socket(&[])),
        ]);
    }
}
