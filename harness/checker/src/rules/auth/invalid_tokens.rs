//! Requests without a valid access token are rejected; one requirement for each kind of token.
//!
//! Every authenticated operation counts, because a server may check tokens view by view. Any
//! success is a violation: the request was executed. The status of the rejection is
//! auth/refused-with-401, and responses of 500 and above are undecided.

use hearback_contract::RequirementId;
use hearback_history::CredentialKind;

use super::tokens::requires_token;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const MISSING: Rule = Rule {
    requirement: RequirementId::AuthMissingTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Anonymous),
};

pub(super) const GARBAGE: Rule = Rule {
    requirement: RequirementId::AuthGarbageTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Garbage),
};

pub(super) const TAMPERED: Rule = Rule {
    requirement: RequirementId::AuthTamperedTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Tampered),
};

pub(super) const ALG_NONE: Rule = Rule {
    requirement: RequirementId::AuthAlgNoneRefused,
    check: |input, context| check(input, context, CredentialKind::AlgNone),
};

pub(super) const EXPIRED: Rule = Rule {
    requirement: RequirementId::AuthExpiredTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Expired),
};

pub(super) const REFRESH_AS_ACCESS: Rule = Rule {
    requirement: RequirementId::AuthRefreshAsAccessRefused,
    check: |input, context| check(input, context, CredentialKind::RefreshAsAccess),
};

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
    fn missing_tokens_are_rejected() {
        assert_detects(
            "auth/missing-token-refused",
            "alice[anonymous] rooms.list => 200 @page_of_rooms",
            "alice[anonymous] rooms.list => 401 @error",
        );
    }

    #[test]
    fn garbage_is_rejected() {
        assert_detects(
            "auth/garbage-token-refused",
            "alice[garbage] rooms.leave $r1 => 200 {}",
            "alice[garbage] rooms.leave $r1 => 403 @error",
        );
    }

    #[test]
    fn tampered_tokens_are_rejected() {
        assert_detects(
            "auth/tampered-token-refused",
            "alice[tampered] rooms.leave $r1 => 200 {}",
            "alice[tampered] rooms.leave $r1 => 401 @error",
        );
    }

    #[test]
    fn unsigned_tokens_are_rejected() {
        assert_detects(
            "auth/alg-none-refused",
            "alice[alg-none] rooms.leave $r1 => 200 {}",
            "alice[alg-none] rooms.leave $r1 => 401 @error",
        );
    }

    #[test]
    fn expired_tokens_are_rejected() {
        assert_detects(
            "auth/expired-token-refused",
            "alice[expired] rooms.leave $r1 => 200 {}",
            "alice[expired] rooms.leave $r1 => 401 @error",
        );
    }

    #[test]
    fn refresh_tokens_are_rejected() {
        assert_detects(
            "auth/refresh-as-access-refused",
            "alice[refresh-as-access] rooms.leave $r1 => 200 {}",
            "alice[refresh-as-access] rooms.leave $r1 => 401 @error",
        );
    }
}
