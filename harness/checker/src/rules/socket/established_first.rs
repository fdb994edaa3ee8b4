//! Checks that `connection_established` is the first event on a socket, and arrives once.

use hearback_contract::{RequirementId, ServerEvent};
use hearback_history::FrameDirection;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketEstablishedFirst, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        if !input.model.rooms.contains_key(&listener.connection.room) {
            continue;
        }
        let connection = listener.connection;
        let mut frames = connection.frames.iter();
        let first = frames.find(|frame| frame.direction == FrameDirection::Received);
        let Some(first) = first else { continue };
        let is_established = first.received(ServerEvent::ConnectionEstablished).is_some();
        context.check(is_established, || {
            let kind = first.kind().unwrap_or("an event without a type");
            Violation::new(
                "first event",
                "connection_established is the first event",
                format!("the first event is {kind}"),
            )
            .evidence(connection)
            .evidence((connection, first))
        });
        let again = listener.received(ServerEvent::ConnectionEstablished).nth(1);
        context.check(again.is_none(), || {
            let violation = Violation::new(
                "connection_established again",
                "connection_established arrives once",
                "it arrived again",
            );
            let violation = violation.evidence(connection);
            again.into_iter().fold(violation, |it, (frame, _)| it.evidence((connection, frame)))
        });
    }
}

#[cfg(test)]
mod tests {

    use crate::rules::socket::handshakes::testing::in_room;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn connection_established_is_first_unique_and_right() {
        let first = "socket/established-first";
        assert_states(&[
            (first, Held, &in_room("bob@r1 open\nbob@r1 <- @typing")),
            (first, Broken, &in_room("bob@r1 open\nbob@r1 <- @connection_established")),
            (
                first,
                Broken,
                &in_room("bob@r1 mute-open\nbob@r1 <- @typing\nbob@r1 <- @connection_established"),
            ),
        ]);
    }
}
