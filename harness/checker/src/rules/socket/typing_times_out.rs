//! Checks that typing ends 10 seconds after the last event of the user who types. Another member's socket is blamed for
//! a missing event only if it received something that was sent two seconds after that.

use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::typing_ends::{expect_end, unended};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketTypingTimesOut, check };

/// The time after which clients clear the indicator, and two seconds more.
const LONGEST: Nanoseconds = Nanoseconds::from_millis(12_000);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for typing in unended(input) {
        let over = typing.frame.at.saturating_add(LONGEST);
        // An event or the end of the connection may end it sooner.
        let is_quiet = typing.next.is_none_or(|next| next > over) && typing.by.until > over;
        if is_quiet {
            expect_end(input, &typing, typing.frame.at, LONGEST, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::typing_frames::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn typing_times_out() {
        let rule = "socket/typing-times-out";
        let seen = r#"[10005..10006] bob@r1 <- @typing {"user_id": 1, "username": "alice", "is_typing": false}"#;
        let later = r#"[12100..12101] carol messages.send {"room": "$r1", "content": "x"} => 201 @message {"id": "$m1"}
            [12102..12102] bob@r1 <- @chat_message {"message": {"id": "$m1", "content": "x"}}"#;
        let again = r#"[9000..9000] alice@r1 -> {"type": "typing", "is_typing": true}"#;
        assert_states(&[
            (rule, Held, &sockets(&[seen, later])),
            (rule, Broken, &sockets(&[later])),
            (rule, Undecided, &sockets(&["[12100..12101] alice rooms.list => 200 {}"])),
            (rule, NotExercised, &sockets(&[again, later])),
            (rule, NotExercised, &sockets(&["[10..10] alice@r1 close", later])),
        ]);
    }
}
