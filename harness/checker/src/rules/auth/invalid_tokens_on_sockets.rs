//! Sockets are not opened without a valid access token; one requirement for each kind of token.
//!
//! A socket counts as opened once `connection_established` was received. It counts as rejected if
//! the handshake was refused with a status below 500, or if the server closed the accepted
//! connection for a reason other than unavailability. Handshakes that were throttled, not answered,
//! or failed with 5xx are undecided.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, CredentialKind, Handshake};

use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const MISSING: Rule = Rule {
    requirement: RequirementId::AuthSocketMissingTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Anonymous),
};

pub(super) const GARBAGE: Rule = Rule {
    requirement: RequirementId::AuthSocketGarbageTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Garbage),
};

pub(super) const TAMPERED: Rule = Rule {
    requirement: RequirementId::AuthSocketTamperedTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Tampered),
};

pub(super) const ALG_NONE: Rule = Rule {
    requirement: RequirementId::AuthSocketAlgNoneRefused,
    check: |input, context| check(input, context, CredentialKind::AlgNone),
};

pub(super) const EXPIRED: Rule = Rule {
    requirement: RequirementId::AuthSocketExpiredTokenRefused,
    check: |input, context| check(input, context, CredentialKind::Expired),
};

pub(super) const REFRESH_AS_ACCESS: Rule = Rule {
    requirement: RequirementId::AuthSocketRefreshAsAccessRefused,
    check: |input, context| check(input, context, CredentialKind::RefreshAsAccess),
};

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, kind: CredentialKind) {
    for connection in &input.history.connections {
        if connection.credential.kind != kind {
            continue;
        }
        let opened = connection.established();
        let is_refused = match &connection.handshake {
            Handshake::Refused { status, .. } => status.is_some_and(|status| status < 500),
            Handshake::Accepted { .. } => connection.closed.as_ref().is_some_and(|closing| {
                closing.by == CloseOrigin::Server && !closing.is_unavailability()
            }),
            Handshake::Throttled { .. } | Handshake::Pending => false,
        };
        if opened.is_none() && !is_refused {
            context.inconclusive(Reason::HandshakePending);
            continue;
        }
        context.check(opened.is_none(), || {
            let violation =
                Violation::new("handshake", "refused", "`connection_established` was received");
            match opened {
                Some(frame) => violation.evidence((connection, frame)),
                None => violation.evidence(connection),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_socket_that_was_never_answered_shows_nothing() {
        let verdict = verdict_of("auth/socket-garbage-token-refused", "bob[garbage]@r1 mute-open");
        assert_eq!(verdict.state, State::Undecided);
        for ending in
            ["refused", "refused 503", "throttled 403", "mute-open\nbob[garbage]@r1 close 1013"]
        {
            let history = format!("bob[garbage]@r1 {ending}");
            let verdict = verdict_of("auth/socket-garbage-token-refused", &history);
            assert_eq!(verdict.state, State::Undecided, "{ending}");
        }
    }

    #[test]
    fn missing_tokens_are_rejected() {
        assert_detects(
            "auth/socket-missing-token-refused",
            "alice[anonymous]@r1 open",
            "alice[anonymous]@r1 refused 401",
        );
    }

    #[test]
    fn garbage_is_rejected() {
        assert_detects(
            "auth/socket-garbage-token-refused",
            "alice[garbage]@r1 open",
            "alice[garbage]@r1 mute-open\nalice[garbage]@r1 close 4001",
        );
    }

    #[test]
    fn tampered_tokens_are_rejected() {
        assert_detects(
            "auth/socket-tampered-token-refused",
            "alice[tampered]@r1 open",
            "alice[tampered]@r1 refused 403",
        );
    }

    #[test]
    fn unsigned_tokens_are_rejected() {
        assert_detects(
            "auth/socket-alg-none-refused",
            "alice[alg-none]@r1 open",
            "alice[alg-none]@r1 refused 401",
        );
    }

    #[test]
    fn expired_tokens_are_rejected() {
        assert_detects(
            "auth/socket-expired-token-refused",
            "alice[expired]@r1 open",
            "alice[expired]@r1 refused 401",
        );
    }

    #[test]
    fn refresh_tokens_are_rejected() {
        assert_detects(
            "auth/socket-refresh-as-access-refused",
            "alice[refresh-as-access]@r1 open",
            "alice[refresh-as-access]@r1 refused 401",
        );
    }
}
