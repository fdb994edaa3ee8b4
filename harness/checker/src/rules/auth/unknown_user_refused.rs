//! An unknown user gets no token, and the same status as a wrong password.
//!
//! Statuses that differ reveal which accounts exist. They are compared only if both logins were
//! refused: a login that succeeds is a violation of the requirement that covers it. Responses of
//! 500 and above show nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::{answered, check_no_token};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthUnknownUserRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_no_token(input, context, Operation::TokenObtain, &[CredentialKind::Anonymous]);
    let wrong_password = answered(input, Operation::TokenObtain, CredentialKind::Garbage).next();
    let unknown_user = answered(input, Operation::TokenObtain, CredentialKind::Anonymous).next();
    if let (Some((wrong, expected)), Some((unknown, actual))) = (wrong_password, unknown_user) {
        // Logins that succeed are reported elsewhere.
        if wrong.refused() && unknown.refused() {
            context.check(expected == actual, || {
                Violation::new(
                    "status",
                    format!("{expected}, as for a wrong password"),
                    format!("{actual}: it reveals which users exist"),
                )
                .evidence(wrong)
                .evidence(unknown)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_status_that_reveals_users_is_a_violation() {
        assert_detects(
            "auth/unknown-user-refused",
            "alice[garbage] token.obtain {} => 401 @error\nalice[anonymous] token.obtain {} => 404 @error",
            "alice[garbage] token.obtain {} => 401 @error\nalice[anonymous] token.obtain {} => 401 @error",
        );
    }
}
