//! Checks that the response to a handshake is not one for which RFC 6455 obliges clients to fail the connection.

use hearback_contract::RequirementId;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolHandshakeValid, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for connection in &input.history.connections {
        if connection.invalid_handshake.is_none() && !connection.is_answered() {
            continue;
        }
        let error = connection.invalid_handshake.as_deref();
        context.check(error.is_none(), || {
            let expected = "a response that conforms to RFC 6455";
            Violation::new("handshake", expected, error.unwrap_or_default()).evidence(connection)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn responses_to_handshakes_conform() {
        let rule = "protocol/handshake-valid";
        assert_states(&[
            (rule, Held, "alice@r1 open"),
            (rule, Held, "alice@r1 refused 403"),
            (rule, Broken, "alice@r1 invalid-handshake SubProtocol"),
            (rule, NotExercised, "alice@r1 unanswered"),
        ]);
    }
}
