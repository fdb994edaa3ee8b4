//! Rule `socket/error-is-private`.

use hearback_contract::{RequirementId, ServerEvent};
use hearback_history::{Interval, Nanoseconds};

use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketErrorIsPrivate, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        let Some(room) = input.model.rooms.get(connection.room.as_str()) else { continue };
        let first = listener.sent().next().map_or(Nanoseconds::MAX, |frame| frame.at);
        for (frame, _) in listener.received(ServerEvent::Error) {
            // To who is being removed, it may say so.
            let so_far = Interval { invoked: listener.established, returned: frame.at };
            if !room.surely_member(listener.user, so_far) {
                continue;
            }
            context.check(first <= frame.at, || {
                Violation::new(
                    "error to others",
                    "an error goes to who caused it only",
                    format!("{}, who had sent nothing, received one", connection.actor),
                )
                .evidence(connection)
                .evidence((connection, frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::error_answers::testing::{frame, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const ERROR: &str = "[11..11] bob@r1 <- @error_event";

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
