//! A refresh token is not accepted after refreshing has replaced it. Responses of 500 and above show nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::check_no_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::AuthSupersededRefreshRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_no_token(input, context, Operation::TokenRefresh, &[CredentialKind::Superseded]);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_token_for_a_replaced_one_is_a_violation() {
        assert_detects(
            "auth/superseded-refresh-refused",
            r#"alice[superseded] token.refresh {} => 200 {"access": "x"}"#,
            "alice[superseded] token.refresh {} => 401 @error",
        );
    }
}
