//! A refresh token that was never issued gets no access token.
//!
//! The history contains random text and refresh tokens with a changed signature. Both have to be
//! rejected with a 4xx, and the body must not contain a token. Responses of 500 and above show
//! nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::check_no_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthGarbageRefreshRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_no_token(
        input,
        context,
        Operation::TokenRefresh,
        &[CredentialKind::Garbage, CredentialKind::Tampered],
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_token_for_a_tampered_one_is_a_violation() {
        assert_detects(
            "auth/garbage-refresh-refused",
            r#"alice[tampered] token.refresh {} => 200 {"access": "x"}"#,
            "alice[garbage] token.refresh {} => 401 @error",
        );
    }
}
