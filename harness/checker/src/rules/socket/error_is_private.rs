//! Checks that a socket that has sent nothing receives no `error`. Users who may have been removed
//! are skipped, because the event may say so.

use hearback_contract::{RequirementId, ServerEvent};
use hearback_history::{Interval, Nanoseconds};

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketErrorIsPrivate, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let first = listener.sent().next().map_or(Nanoseconds::MAX, |frame| frame.at);
        for (frame, _) in listener.received(ServerEvent::Error) {
            // A server may tell a user about their removal.
            let so_far = Interval { invoked: listener.established, returned: frame.at };
            if !room.surely_member(listener.user, so_far) {
                continue;
            }
            context.check(first <= frame.at, || {
                Violation::new(
                    "error to others",
                    "an error is sent only to the connection that caused it",
                    format!("{}, who had sent nothing, received an error", connection.actor),
                )
                .evidence(connection)
                .evidence((connection, frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::error_answers::testing::{ERROR, frame, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn errors_are_private() {
        let bad = frame(10, "raw {");
        assert_states(&[
            ("socket/error-is-private", Held, &sockets(&[&bad, ERROR])),
            (
                "socket/error-is-private",
                Broken,
                &sockets(&[&bad, ERROR, &ERROR.replace("bob", "alice")]),
            ),
            ("socket/error-is-private", NotExercised, &sockets(&[&bad])),
        ]);
    }
}
