//! Tokens and handshakes.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use hearback_history::{CloseOrigin, CredentialKind, Handshake};

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::CreatedStatus, created_status),
    row(AmbiguityId::MissingTokenStatus, missing_token_status),
    row(AmbiguityId::HandshakeRefusal, handshake_refusal),
    row(AmbiguityId::RefreshRotation, refresh_rotation),
    row(AmbiguityId::Sessions, sessions),
];

fn created_status(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const OPERATIONS: [Operation; 3] =
        [Operation::TokenObtain, Operation::TokenRefresh, Operation::MessagesMarkRead];
    let calls = OPERATIONS.into_iter().flat_map(|operation| input.history.calls_of(operation));
    observations.take_by_status(
        calls,
        &[(200, ReadingId::CreatedStatus200), (201, ReadingId::CreatedStatus201)],
    );
}

fn missing_token_status(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = input.history.calls.iter().filter(|call| {
        let takes_a_token =
            |operation| !matches!(operation, Operation::TokenObtain | Operation::TokenRefresh);
        call.operation().is_some_and(takes_a_token)
            && call.invocation.credential.kind == CredentialKind::Anonymous
    });
    observations.take_by_status(
        calls,
        &[(401, ReadingId::MissingTokenStatus401), (403, ReadingId::MissingTokenStatus403)],
    );
}

fn handshake_refusal(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let refused = input.history.connections.iter();
    for connection in refused.filter(|it| !it.credential.kind.is_valid()) {
        let is_closed = || {
            let closing = connection.closed.as_ref();
            closing.is_some_and(|it| it.by == CloseOrigin::Server && !it.is_unavailability())
                && connection.established().is_none()
        };
        match connection.handshake {
            Handshake::Refused { status: Some(_), .. } => {
                observations.takes(ReadingId::HandshakeRefusalStatus, connection);
            }
            Handshake::Accepted { .. } if is_closed() => {
                observations.takes(ReadingId::HandshakeRefusalClose, connection);
            }
            _ => {}
        }
    }
}

fn refresh_rotation(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for call in input.history.calls_of(Operation::TokenRefresh) {
        // The client has a superseded token only if a response replaced it.
        if call.invocation.credential.kind == CredentialKind::Superseded {
            observations.takes(ReadingId::RefreshRotationReplaced, call);
        }
        let sent = call.request.as_ref().and_then(|body| body.get("refresh"));
        let Some(body) = call.success().filter(|_| call.is_authorized()) else { continue };
        match body.get("refresh").filter(|returned| returned.is_string()) {
            Some(returned) if Some(returned) != sent => {
                observations.takes(ReadingId::RefreshRotationReplaced, call);
            }
            // Redaction may have made different tokens of a user equal.
            Some(_) => {}
            None => observations.takes(ReadingId::RefreshRotationKept, call),
        }
    }
}

fn sessions(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = input.history.calls.iter();
    for call in calls.filter(|it| it.invocation.credential.kind == CredentialKind::Earlier) {
        match call.status() {
            Some(200..300) => observations.takes(ReadingId::SessionsSeveral, call),
            Some(401) => observations.takes(ReadingId::SessionsSingle, call),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    #[test]
    fn statuses_of_missing_tokens_are_told_apart() {
        let of = |status| {
            observed(
                "missing-token-status",
                &format!("bob[anonymous] rooms.list => {status} @error"),
            )
        };
        assert_eq!(of(401), ["401"]);
        assert_eq!(of(403), ["403"]);
        assert!(of(500).is_empty());
    }

    #[test]
    fn a_new_refresh_token_replaces_the_old_one() {
        let of = |response: &str| {
            let call = r#"alice token.refresh {"refresh": "a"} => 200"#;
            observed("refresh-rotation", &format!("{call} {response}"))
        };
        assert_eq!(of(r#"{"access": "x", "refresh": "b"}"#), ["replaced"]);
        assert!(of(r#"{"access": "x", "refresh": "a"}"#).is_empty());
        assert_eq!(of(r#"{"access": "x"}"#), ["kept"]);
        let superseded = r#"alice[superseded] token.refresh {"refresh": "a"} => 401 @error"#;
        assert_eq!(observed("refresh-rotation", superseded), ["replaced"]);
    }

    #[test]
    fn a_login_may_end_the_earlier_session() {
        let of = |response: &str| {
            observed("sessions", &format!("alice[earlier] rooms.list => {response}"))
        };
        assert_eq!(of("200 {}"), ["several"]);
        assert_eq!(of("401 @error"), ["single"]);
        assert!(of("503 @error").is_empty());
    }

    #[test]
    fn a_refused_handshake_is_told_from_a_closed_socket() {
        let of = |lines| observed("handshake-refusal", lines);
        assert_eq!(of("bob[garbage]@r1 refused 401"), ["status"]);
        assert_eq!(of("bob[garbage]@r1 mute-open\nbob[garbage]@r1 close 4001"), ["close"]);
        assert!(of("bob@r1 refused 401").is_empty());
    }
}
