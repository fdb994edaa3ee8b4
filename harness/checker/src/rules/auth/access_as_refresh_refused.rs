//! An access token is not accepted as a refresh token.
//!
//! Access tokens are short-lived because they travel with every request; one that can be refreshed
//! lives for ever. Responses of 500 and above show nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::check_no_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::AuthAccessAsRefreshRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_no_token(input, context, Operation::TokenRefresh, &[CredentialKind::AccessAsRefresh]);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_token_for_an_access_token_is_a_violation() {
        assert_detects(
            "auth/access-as-refresh-refused",
            r#"alice[access-as-refresh] token.refresh {} => 200 {"access": "x"}"#,
            "alice[access-as-refresh] token.refresh {} => 401 @error",
        );
    }
}
