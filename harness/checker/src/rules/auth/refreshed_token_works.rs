//! An access token obtained by refreshing is accepted.
//!
//! Any status but 401 shows that the target recognized the token: whether the caller has the
//! permission is checked elsewhere.

use hearback_contract::RequirementId;
use hearback_history::CredentialKind;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthRefreshedTokenWorks, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        if call.invocation.credential.kind == CredentialKind::Refreshed
            && let Some(status) = call.status()
        {
            context.check(status != 401, || {
                Violation::new(
                    "access",
                    "not 401: the token was just obtained by refreshing",
                    "401",
                )
                .evidence(call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_detects;

    #[test]
    fn a_rejected_new_token_is_a_violation() {
        assert_detects(
            "auth/refreshed-token-works",
            "alice[refreshed] rooms.list => 401 @error",
            "alice[refreshed] rooms.list => 200 @page_of_rooms",
        );
    }
}
