//! An unknown user gets no token, and the same status as a wrong password.
//!
//! Statuses that differ reveal which accounts exist. They are compared only if both logins were
//! refused: a login that succeeds is a violation of the requirement that covers it. Responses of
//! 500 and above show nothing.

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, CredentialKind, UNKNOWN_USER};

use super::tokens::{answered, check_refusal};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthUnknownUserRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in deliberate(input) {
        check_refusal(context, Operation::TokenObtain, call, status);
    }
    let wrong_password = answered(input, Operation::TokenObtain, CredentialKind::Garbage).next();
    let unknown_user = deliberate(input).next();
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

/// Logins of the user that does not exist. Generated logins have other bodies, which may be
/// rejected for another reason.
fn deliberate<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, u16)> {
    answered(input, Operation::TokenObtain, CredentialKind::Anonymous).filter(|(call, _)| {
        let username = call.request.as_ref().and_then(|body| body.get("username"));
        username.is_some_and(|name| name == UNKNOWN_USER)
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_status_that_reveals_users_is_a_violation() {
        assert_detects(
            "auth/unknown-user-refused",
            r#"
            alice[garbage] token.obtain {} => 401 @error
            alice[anonymous] token.obtain {"username": "hearback-unknown-user"} => 404 @error
            "#,
            r#"
            alice[anonymous] token.obtain {} => 400 @error
            alice[garbage] token.obtain {} => 401 @error
            alice[anonymous] token.obtain {"username": "hearback-unknown-user"} => 401 @error
            "#,
        );
    }
}
