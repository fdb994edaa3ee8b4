//! Checks that typing ends when the last connection of the user who types ends. Another member's socket is blamed for a
//! missing event only if it received something that was sent two seconds later.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Nanoseconds};

use super::typing_ends::{Typing, expect_end, unended};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketTypingEndsWithConnection, check };

/// The time that a server may take to notice the end of a connection.
const GRACE: Nanoseconds = Nanoseconds::from_millis(2_000);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for typing in unended(input) {
        let closed = typing.by.connection.closed.as_ref();
        let Some(end) = closed.filter(|it| it.by == CloseOrigin::Client).map(|it| it.at) else {
            continue;
        };
        let over = end.saturating_add(GRACE);
        let is_alone = !has_other_connection(input, &typing, over);
        if is_alone && typing.next.is_none_or(|next| next > over) {
            expect_end(input, &typing, end, GRACE, context);
        }
    }
}

/// Returns whether the user had, or may have had, another connection to the room before `over`.
fn has_other_connection(input: RuleInput<'_>, typing: &Typing<'_>, over: Nanoseconds) -> bool {
    input.history.connections.iter().any(|connection| {
        connection.actor == typing.by.connection.actor
            && connection.room == typing.by.connection.room
            && connection.id != typing.by.connection.id
            && connection.invoked < over
            && connection.closed_at() > typing.frame.at
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::typing_frames::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn typing_ends_with_the_connection() {
        let rule = "socket/typing-ends-with-connection";
        let closed = "[10..10] alice@r1 close";
        let seen =
            r#"[20..20] bob@r1 <- @typing {"user_id": 1, "username": "alice", "is_typing": false}"#;
        let later = r#"[2100..2101] carol messages.send {"room": "$r1", "content": "x"} => 201 @message {"id": "$m1"}
            [2102..2102] bob@r1 <- @chat_message {"message": {"id": "$m1", "content": "x"}}"#;
        let again = "[15..15] alice/phone@r1 open";
        let stopped = r#"[7..7] alice@r1 -> {"type": "typing", "is_typing": false}"#;
        assert_states(&[
            (rule, Held, &sockets(&[closed, seen])),
            (rule, Broken, &sockets(&[closed, later])),
            (rule, Undecided, &sockets(&[closed])),
            (rule, Undecided, &sockets(&[closed, &later.replace("[2100", "[1900")])),
            (rule, NotExercised, &sockets(&[later])),
            (rule, NotExercised, &sockets(&[stopped, closed, later])),
            (rule, NotExercised, &sockets(&[closed, again, later])),
        ]);
    }
}
