//! Valid credentials are answered with an access token and a refresh token.
//!
//! The specification shows a response with both, so they have to be two different, non-empty
//! strings. Responses of 500 and above belong to status/no-server-error.

use hearback_contract::{Operation, RequirementId};
use hearback_history::CredentialKind;

use super::tokens::{answered, text};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthTokenPair, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, Operation::TokenObtain, CredentialKind::Access) {
        let (access, refresh) = (text(call, "access"), text(call, "refresh"));
        let holds = access.is_some() && refresh.is_some() && access != refresh;
        context.check(holds, || {
            let actual = if status == 200 {
                format!(
                    "200, with {} and {}",
                    access.map_or("no `access`", |_| "`access`"),
                    refresh.map_or("no `refresh`", |_| "`refresh` (the same)")
                )
            } else {
                status.to_string()
            };
            Violation::new(
                "token.obtain",
                "200 with two different tokens, `access` and `refresh`",
                actual,
            )
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn two_equal_tokens_are_a_violation() {
        assert_detects(
            "auth/token-pair",
            r#"alice token.obtain {} => 200 {"access": "same", "refresh": "same"}"#,
            "alice token.obtain {} => 200 @token_pair {\"access\": \"a\", \"refresh\": \"b\"}",
        );
    }
}
