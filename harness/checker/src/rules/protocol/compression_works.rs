//! Checks that a target that accepts compression sends messages that can be decompressed. Handshakes that are rejected
//! are left to `socket/opens`.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Compression};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolCompressionWorks, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for connection in &input.history.connections {
        let closing = connection.closed.as_ref();
        let invalid = closing.filter(|closing| {
            matches!(closing.by, CloseOrigin::InvalidFrame | CloseOrigin::InvalidText)
        });
        let is_established = connection.established().is_some();
        match connection.compression {
            Compression::Absent => {}
            Compression::Offered if is_established => context.held(),
            Compression::Accepted if invalid.is_none() && !is_established => {
                context.inconclusive(Reason::ObservedTooBriefly);
            }
            Compression::Accepted => context.check(invalid.is_none(), || {
                let actual = invalid.map_or("", |closing| closing.reason.as_str());
                Violation::new("compression", "messages that can be decompressed", actual)
                    .evidence(connection)
            }),
            Compression::Offered => context.inconclusive(Reason::HandshakePending),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn compression_is_declined_or_works() {
        let rule = "protocol/compression-works";
        let invalid = "alice@r1 mute-open\nalice@r1 compression accepted\nalice@r1 invalid-frame x";
        assert_states(&[
            (rule, Held, "alice@r1 open\nalice@r1 compression offered"),
            (rule, Held, "alice@r1 open\nalice@r1 compression accepted"),
            (rule, Broken, invalid),
            ("protocol/frames-valid", NotExercised, invalid),
            (rule, Broken, &invalid.replace("invalid-frame x", "invalid-text")),
            (rule, Undecided, "alice@r1 mute-open\nalice@r1 compression accepted"),
            (rule, Undecided, "alice@r1 mute-open\nalice@r1 compression offered"),
            (rule, NotExercised, "alice@r1 open"),
        ]);
    }
}
