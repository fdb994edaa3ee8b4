//! A refresh token gives a new access token.
//!
//! The refresh tokens used here were obtained in the same run, so the target has no reason to
//! reject them. Responses of 500 and above belong to status/no-server-error.

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, CredentialKind, Outcome};

use super::tokens::{answered, text};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::AuthRefresh, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, Operation::TokenRefresh, CredentialKind::Access) {
        if status == 401 && may_be_replaced(input, call) {
            context.inconclusive(Reason::TargetUnavailable);
            continue;
        }
        context.check(text(call, "access").is_some(), || {
            let actual = match status {
                200 => "200 without `access`".to_owned(),
                _ => status.to_string(),
            };
            Violation::new("token.refresh", "200 with a new `access`", actual).evidence(call)
        });
    }
}

/// Returns whether an earlier request of the actor whose response was lost may have replaced the refresh token.
fn may_be_replaced(input: RuleInput<'_>, call: &Call) -> bool {
    let mut others = input.history.calls_of(Operation::TokenRefresh);
    others.any(|other| {
        other.invocation.actor == call.invocation.actor
            && other.invoked < call.invoked
            && matches!(other.outcome, Outcome::Unknown { .. })
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, assert_states};
    use crate::verdict::State::{Broken, Undecided};

    #[test]
    fn a_lost_response_may_have_replaced_the_token() {
        let rejected = "alice token.refresh {} => 401 @error";
        let lost = format!("alice token.refresh {{}} => late\n{rejected}");
        let of_another = format!("bob token.refresh {{}} => late\n{rejected}");
        assert_states(&[("auth/refresh", Undecided, &lost), ("auth/refresh", Broken, &of_another)]);
    }

    #[test]
    fn a_rejected_refresh_token_is_a_violation() {
        assert_detects(
            "auth/refresh",
            "alice token.refresh {} => 401 @error",
            r#"alice token.refresh {} => 200 {"access": "x"}"#,
        );
    }
}
