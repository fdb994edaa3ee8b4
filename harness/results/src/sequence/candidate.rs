//! The exchanges of calls and connections.

use hearback_history::{
    ActorName, Call, CloseOrigin, Connection, Frame, Handshake, Nanoseconds, Outcome,
};

use super::Direction;

/// An exchange of a history. Its text is formatted only if it is shown.
pub(super) struct Candidate<'h> {
    pub(super) at: Nanoseconds,
    /// Time at which its call or connection began.
    pub(super) begun: Nanoseconds,
    pub(super) actor: &'h ActorName,
    pub(super) direction: Direction,
    /// Position in the journal of the event that can be evidence.
    pub(super) seq: u64,
    pub(super) content: Content<'h>,
}

/// The content of an exchange.
pub(super) enum Content<'h> {
    Request(&'h Call),
    Response(&'h Call),
    Handshake(&'h Connection),
    HandshakeResponse(&'h Connection),
    Frame(&'h Frame),
    Close(&'h Connection),
    Expectation(&'h str, bool),
}

/// The request and the response of a call.
pub(super) fn of_call(call: &Call) -> impl Iterator<Item = Candidate<'_>> {
    let candidate = |at, direction, content| Candidate {
        at,
        begun: call.invoked,
        actor: &call.invocation.actor,
        direction,
        seq: call.seq,
        content,
    };
    let responded = match call.outcome {
        Outcome::Response { returned, .. } => Some(returned),
        _ => None,
    };
    let request = candidate(call.invoked, Direction::ToTarget, Content::Request(call));
    let response =
        responded.map(|at| candidate(at, Direction::FromTarget, Content::Response(call)));
    std::iter::once(request).chain(response)
}

/// The handshake, the frames and the end of a connection.
pub(super) fn of_connection(connection: &Connection) -> impl Iterator<Item = Candidate<'_>> {
    let candidate = |at, direction, seq, content| Candidate {
        at,
        begun: connection.invoked,
        actor: &connection.actor,
        direction,
        seq,
        content,
    };
    let responded = match connection.handshake {
        Handshake::Accepted { at }
        | Handshake::Throttled { at, .. }
        | Handshake::Excused { at, .. }
        | Handshake::Refused { at, .. } => Some(at),
        Handshake::Pending => None,
    };
    let opening = candidate(
        connection.invoked,
        Direction::ToTarget,
        connection.seq,
        Content::Handshake(connection),
    );
    let response = responded.map(|at| {
        candidate(at, Direction::FromTarget, connection.seq, Content::HandshakeResponse(connection))
    });
    let frames = connection.frames.iter().map(move |frame| {
        let direction = if frame.is_sent() { Direction::ToTarget } else { Direction::FromTarget };
        candidate(frame.at, direction, frame.seq, Content::Frame(frame))
    });
    let close = connection.closed.as_ref().map(|closing| {
        let direction = match closing.by {
            CloseOrigin::Client => Direction::ToTarget,
            CloseOrigin::Server
            | CloseOrigin::Broken
            | CloseOrigin::InvalidText
            | CloseOrigin::InvalidFrame => Direction::FromTarget,
        };
        candidate(closing.at, direction, closing.seq, Content::Close(connection))
    });
    std::iter::once(opening).chain(response).chain(frames).chain(close)
}
