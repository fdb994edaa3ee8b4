//! A wrong password gets no token.
//!
//! Every login with a wrong password has to be rejected with a 4xx, and the body must not contain a
//! token whatever its status is. Responses of 500 and above show nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::check_no_token;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthWrongPasswordRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_no_token(input, context, Operation::TokenObtain, &[CredentialKind::Garbage]);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_token_for_a_wrong_password_is_a_violation() {
        assert_detects(
            "auth/wrong-password-refused",
            "alice[garbage] token.obtain {} => 200 @token_pair",
            "alice[garbage] token.obtain {} => 401 @error",
        );
    }
}
