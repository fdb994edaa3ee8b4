//! Checks that no connection ended because of a frame that RFC 6455 forbids. Text that is not UTF-8 is reported by
//! `schema/event-type`, and invalid compression by `protocol/compression-works`.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Compression, Handshake};

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolFramesValid, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for connection in &input.history.connections {
        let is_opened = matches!(connection.handshake, Handshake::Accepted { .. });
        let closing = connection.closed.as_ref();
        let invalid = closing.filter(|closing| closing.by == CloseOrigin::InvalidFrame);
        let is_compressed = connection.compression == Compression::Accepted;
        if !is_opened || is_compressed || connection.frames.is_empty() && closing.is_none() {
            continue;
        }
        context.check(invalid.is_none(), || {
            let actual = invalid.map_or("", |closing| closing.reason.as_str());
            Violation::new("frame", "frames that conform to RFC 6455", actual).evidence(connection)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn frames_of_the_target_conform() {
        let rule = "protocol/frames-valid";
        assert_states(&[
            (rule, Held, "alice@r1 open"),
            (rule, Held, "alice@r1 open\nalice@r1 break reset"),
            (rule, Broken, "alice@r1 open\nalice@r1 invalid-frame Reserved bits are non-zero"),
            (rule, NotExercised, "alice@r1 refused 403"),
        ]);
    }
}
