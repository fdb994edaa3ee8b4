//! A refresh token gives a new access token.
//!
//! The refresh tokens used here were obtained in the same run, so the target has no reason to
//! reject them. Responses of 500 and above belong to status/no-server-error.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::{answered, text};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthRefresh, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, Operation::TokenRefresh, CredentialKind::Access) {
        context.check(text(call, "access").is_some(), || {
            let actual = match status {
                200 => "200 without `access`".to_owned(),
                _ => status.to_string(),
            };
            Violation::new("token.refresh", "200 with a new `access`", actual).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_rejected_refresh_token_is_a_violation() {
        assert_detects(
            "auth/refresh",
            "alice token.refresh {} => 401 @error",
            r#"alice token.refresh {} => 200 {"access": "x"}"#,
        );
    }
}
