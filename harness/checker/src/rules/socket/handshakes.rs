//! The outcomes of handshakes.

use hearback_contract::{Operation, RequirementId, UserId};
use hearback_history::{CloseOrigin, Connection, Handshake, Interval, Nanoseconds};

use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// The part of the timeout in which a login counts as recent.
const RECENT: u64 = 10;

/// The outcome of a handshake.
pub(in super::super) enum Opening {
    /// `connection_established` arrived.
    Established,
    /// Rejected with a status or a close frame.
    Refused(String),
    /// Accepted without an event within the timeout, or not answered at all.
    Silent(&'static str),
    /// Unknown, with the reason.
    Inconclusive(Reason),
}

/// Returns the outcome of a handshake, and its interval.
pub(in super::super) fn opening(
    input: RuleInput<'_>,
    connection: &Connection,
) -> (Opening, Interval) {
    let invoked = connection.invoked;
    let recent = invoked.saturating_sub(Nanoseconds::new(input.history.timeout().get() / RECENT));
    let (opening, returned) = if let Some(established) = connection.established() {
        (Opening::Established, established.at)
    } else {
        match (&connection.handshake, &connection.closed) {
            (Handshake::Excused { at, reason }, _) => {
                (Opening::Inconclusive(Reason::from(*reason)), *at)
            }
            (Handshake::Throttled { at, .. }, _) => (Opening::Inconclusive(Reason::Throttled), *at),
            (Handshake::Refused { at, status: Some(status), .. }, _) => {
                let opening = match status {
                    500.. => {
                        Opening::Inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
                    }
                    401 | 403 if may_have_ended_session(input, connection, (invoked, *at)) => {
                        Opening::Inconclusive(Reason::SessionEnded)
                    }
                    _ => Opening::Refused(format!("answered {status}")),
                };
                (opening, *at)
            }
            (Handshake::Accepted { .. }, Some(closing)) if closing.by == CloseOrigin::Server => {
                let code = closing.code.map_or("without a code".to_owned(), |it| it.to_string());
                let opening = if closing.is_unavailability() {
                    Opening::Inconclusive(Reason::TargetUnavailable)
                } else if may_have_ended_session(input, connection, (recent, closing.at)) {
                    Opening::Inconclusive(Reason::SessionEnded)
                } else {
                    Opening::Refused(format!("accepted, then closed {code}"))
                };
                (opening, closing.at)
            }
            (Handshake::Accepted { at }, _) => {
                let until = connection.closed_at().min(input.history.last);
                let timeout = input.history.timeout();
                let is_silent = !timeout.is_zero() && *at + timeout <= until;
                let inconclusive = Opening::Inconclusive(Reason::ObservedTooBriefly);
                let silent = Opening::Silent("accepted, but no event arrived");
                (if is_silent { silent } else { inconclusive }, until)
            }
            (Handshake::Refused { at, .. }, _)
                if connection.is_unanswered(input.history.timeout()) =>
            {
                (Opening::Silent("the handshake was not answered"), *at)
            }
            _ => (Opening::Inconclusive(Reason::HandshakePending), input.history.last),
        }
    };
    (opening, Interval { invoked: connection.invoked, returned })
}

/// Returns whether a login or a refresh of the same user may have ended the token of a handshake that is rejected
/// (sessions). The client cannot tell this case from a rejected member.
///
/// `since` is the time from which on a login counts.
fn may_have_ended_session(
    input: RuleInput<'_>,
    connection: &Connection,
    (since, at): (Nanoseconds, Nanoseconds),
) -> bool {
    let meanwhile = Interval { invoked: since, returned: at };
    let mut calls = [Operation::TokenObtain, Operation::TokenRefresh]
        .into_iter()
        .flat_map(|operation| input.history.calls_of(operation));
    connection.credential.kind.is_valid()
        && calls.any(|call| {
            call.invocation.actor == connection.actor
                && call.maybe_done()
                && call.interval().overlaps(meanwhile)
        })
}

/// Returns the handshakes with a valid token, and the user ids of their users.
pub(in super::super) fn handshakes<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Connection, UserId)> {
    input
        .history
        .connections
        .iter()
        // A server may reject pages of other sites (protocol/foreign-origin-refused).
        .filter(|connection| connection.credential.kind.is_valid() && connection.origin.is_none())
        .filter_map(move |connection| Some((connection, input.model.user_id(&connection.actor)?)))
}

/// Checks that a handshake did not lead to an open socket.
pub(super) fn expect_rejection<'h>(
    connection: &'h Connection,
    opening: Opening,
    expected: String,
    context: &mut RuleContext<'h>,
) {
    if let Opening::Inconclusive(reason) = opening {
        return context.inconclusive(reason);
    }
    context.check(!matches!(opening, Opening::Established), || {
        Violation::new("handshake", expected, "connection_established arrived").evidence(connection)
    });
}

#[cfg(test)]
pub(super) mod testing {
    //! A room of alice and bob, and handshakes.

    /// The timeout is 50 ms.
    pub(in super::super) fn in_room(lines: &str) -> String {
        format!(
            r#"
            alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            {lines}
            [200..201] alice rooms.list => 200 {{}}
            "#
        )
    }
}
