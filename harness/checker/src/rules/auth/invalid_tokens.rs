//! Requests without a valid access token are rejected; one requirement for each kind of token.
//!
//! Every authenticated operation counts, because a server may check tokens view by view. Any
//! success is a violation: the request was executed. The status of the rejection is
//! auth/refused-with-401, and responses of 500 and above are undecided.

use hearback_contract::RequirementId;
use hearback_history::CredentialKind;

use super::token_kinds::rules_by_token;
use super::tokens::requires_token;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

rules_by_token! {
    check;
    MISSING: AuthMissingTokenRefused => Anonymous,
    GARBAGE: AuthGarbageTokenRefused => Garbage,
    TAMPERED: AuthTamperedTokenRefused => Tampered,
    ALG_NONE: AuthAlgNoneRefused => AlgNone,
    EXPIRED: AuthExpiredTokenRefused => Expired,
    REFRESH_AS_ACCESS: AuthRefreshAsAccessRefused => RefreshAsAccess,
}

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, kind: CredentialKind) {
    let calls = input
        .history
        .calls
        .iter()
        .filter(|call| call.invocation.credential.kind == kind && requires_token(call));
    for call in calls {
        let (Some(status), Some(operation)) = (call.status(), call.operation()) else { continue };
        if status >= 500 {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
            continue;
        }
        context.check(!call.succeeded(), || {
            Violation::new(operation.id(), "401, and nothing done", status.to_string())
                .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::auth::token_kinds::testing::assert_each_rejected;
    use crate::rules::testing::{assert_detects, verdict_of};

    #[test]
    fn the_same_hole_in_one_operation_is_one_finding() {
        let verdict = verdict_of(
            "auth/tampered-token-refused",
            "alice[tampered] rooms.list => 200 {}\nbob[tampered] rooms.list => 200 {}",
        );
        assert_eq!(verdict.findings.len(), 1);
        assert_eq!(verdict.findings[0].count, 2);
    }

    #[test]
    fn requests_with_every_kind_of_token_are_rejected() {
        let leave = |kind: &str, answer: &str| format!("alice[{kind}] rooms.leave $r1 => {answer}");
        assert_each_rejected("auth/", |kind| [leave(kind, "200 {}"), leave(kind, "401 @error")]);
    }

    #[test]
    fn any_rejection_counts() {
        assert_detects(
            "auth/garbage-token-refused",
            "alice[garbage] rooms.list => 200 @page_of_rooms",
            "alice[garbage] rooms.list => 403 @error",
        );
    }
}
