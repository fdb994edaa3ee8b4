//! Sockets are not opened without a valid access token; one requirement for each kind of token.
//!
//! A socket counts as opened once `connection_established` was received. It counts as rejected if
//! the handshake was refused with a status below 500, or if the server closed the accepted
//! connection for a reason other than unavailability. Handshakes that were throttled, not answered,
//! or failed with 5xx are undecided.

use hearback_history::{CloseOrigin, CredentialKind, Handshake};

use super::token_kinds::rules_by_token;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

rules_by_token! {
    check;
    MISSING: AuthSocketMissingTokenRefused => Anonymous,
    GARBAGE: AuthSocketGarbageTokenRefused => Garbage,
    TAMPERED: AuthSocketTamperedTokenRefused => Tampered,
    ALG_NONE: AuthSocketAlgNoneRefused => AlgNone,
    EXPIRED: AuthSocketExpiredTokenRefused => Expired,
    REFRESH_AS_ACCESS: AuthSocketRefreshAsAccessRefused => RefreshAsAccess,
}

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
            Handshake::Throttled { .. } | Handshake::Excused { .. } | Handshake::Pending => false,
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
    use crate::rules::auth::token_kinds::testing::assert_each_rejected;
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
    fn sockets_with_every_kind_of_token_are_rejected() {
        let handshake = |kind: &str, outcome: &str| format!("alice[{kind}]@r1 {outcome}");
        assert_each_rejected("auth/socket-", |kind| {
            [handshake(kind, "open"), handshake(kind, "refused 401")]
        });
    }

    #[test]
    fn closing_an_accepted_connection_is_a_rejection() {
        assert_detects(
            "auth/socket-garbage-token-refused",
            "alice[garbage]@r1 open",
            "alice[garbage]@r1 mute-open\nalice[garbage]@r1 close 4001",
        );
    }
}
