//! A request without a valid access token is rejected with 401 and not with another 4xx.
//!
//! "`401 Unauthorized` - Invalid/expired token" names the status. Requests that were not rejected
//! at all belong to the requirements on the kinds of tokens. A server decides this in one place as
//! a rule, so findings are grouped by the kind of token and not by operation.

use hearback_contract::RequirementId;

use super::tokens::requires_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthRefusedWith401, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        if call.is_authorized() || !requires_token(call) || !call.refused() {
            continue;
        }
        let status = call.status();
        context.check(status == Some(401), || {
            // Servers usually decide this in one place, so the kind of token is the variant.
            let variant = format!("{:?}", call.invocation.credential.kind);
            let actual = status.map(|status| status.to_string()).unwrap_or_default();
            Violation::new(variant, "401", actual).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn another_status_is_a_violation() {
        assert_detects(
            "auth/refused-with-401",
            "alice[expired] rooms.leave $r1 => 403 @error",
            "alice[expired] rooms.leave $r1 => 401 @error\nalice rooms.leave $r1 => 403 @error",
        );
    }
}
