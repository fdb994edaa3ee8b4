//! A request without a valid access token is rejected with 401 and not with another 4xx.
//!
//! "`401 Unauthorized` - Invalid/expired token" names the status. Requests that were not rejected
//! at all belong to the requirements on the kinds of tokens. A request without a token presents
//! neither an invalid nor an expired one, so 403 is accepted as well (missing-token-status). A server
//! decides this in one place as a rule, so findings are grouped by the kind of token and not by
//! operation.

use hearback_contract::RequirementId;
use hearback_history::CredentialKind;

use super::tokens::requires_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthRefusedWith401, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        if call.is_authorized() || !requires_token(call) || !call.refused() {
            continue;
        }
        let status = call.status();
        let kind = call.invocation.credential.kind;
        let is_missing = kind == CredentialKind::Anonymous;
        context.check(status == Some(401) || (is_missing && status == Some(403)), || {
            // Servers usually decide this in one place, so the kind of token is the variant.
            let variant = format!("{kind:?}");
            let actual = status.map(|status| status.to_string()).unwrap_or_default();
            let expected = if is_missing { "401 or 403" } else { "401" };
            Violation::new(variant, expected, actual).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_missing_token_is_not_an_invalid_one() {
        assert_detects(
            "auth/refused-with-401",
            "alice[anonymous] rooms.leave $r1 => 404 @error",
            "alice[anonymous] rooms.leave $r1 => 403 @error",
        );
    }

    #[test]
    fn another_status_is_a_violation() {
        assert_detects(
            "auth/refused-with-401",
            "alice[expired] rooms.leave $r1 => 403 @error",
            "alice[expired] rooms.leave $r1 => 401 @error\nalice rooms.leave $r1 => 403 @error",
        );
    }
}
