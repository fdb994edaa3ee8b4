//! Checks that a message that was sent by socket comes back on the same connection. It is missing
//! only if something that was sent later came back, or the socket stayed open long enough.

use hearback_contract::RequirementId;
use hearback_history::Interval;

use super::delivery::ordinary;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketMessageReachesSender, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (send, room) in ordinary(input) {
        let Some(source) = input.model.sockets.listener(send.connection) else { continue };
        if send.echo.is_none() {
            let Some(over) = input.model.sockets.silence_proven_at(source, send.frame.at) else {
                context.inconclusive(Reason::ObservedTooBriefly);
                continue;
            };
            let meanwhile = Interval { invoked: send.frame.at, returned: over };
            if !source.is_entitled(room, meanwhile) || !room.surely_active(meanwhile) {
                continue;
            }
        }
        context.check(send.echo.is_some(), || {
            Violation::new(
                "chat_message to its sender",
                format!("{} receives the own message {}", send.connection.actor, quoted(send.text)),
                "it did not come back on the connection",
            )
            .evidence((send.connection, send.frame))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::delivery::testing::{lines, received, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn messages_come_back_to_their_sender() {
        let rule = "socket/message-reaches-sender";
        let (a, b) = (sent(10, "m1"), sent(20, "m2"));
        assert_states(&[
            (rule, Held, &lines(&[&a, &received(11, "alice", "m1", "")])),
            (rule, Broken, &lines(&[&a, &b, &received(21, "alice", "m2", "")])),
            (rule, Broken, &lines(&[&a, &received(12, "bob", "m1", ""), LATER])),
            (rule, Undecided, &lines(&[&a, "[11..11] alice@r1 close", LATER])),
            (
                rule,
                NotExercised,
                &lines(&[&a, "[9..20] alice rooms.archive $r1 => 200 @room", LATER]),
            ),
        ]);
    }
}
