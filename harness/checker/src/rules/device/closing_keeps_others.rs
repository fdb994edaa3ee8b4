//! Checks that a socket is not closed by the target when the client closes another socket of the same user. Sockets of
//! other users that end at the same time show that the target went down.

use hearback_contract::RequirementId;
use hearback_history::{CloseOrigin, Nanoseconds};

use super::endings::{Endings, ended, of_one_user, outlived};
use crate::model::Listener;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeviceClosingKeepsOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let endings = Endings::of(input);
    for group in of_one_user(input) {
        for &closed in &group {
            let end = closed.connection.closed.as_ref();
            let Some(end) = end.filter(|end| end.by == CloseOrigin::Client) else { continue };
            for &other in &group {
                if other.connection.id != closed.connection.id
                    && other.established < end.at
                    && other.until >= end.at
                {
                    check_pair(input, &endings, (closed, end.at), other, context);
                }
            }
        }
    }
}

fn check_pair<'h>(
    input: RuleInput<'h>,
    endings: &Endings<'h>,
    (closed, at): (&'h Listener<'h>, Nanoseconds),
    other: &'h Listener<'h>,
    context: &mut RuleContext<'h>,
) {
    if let Some(closing) = endings.effect(input, other, at) {
        if endings.follows_login(input, other, closing) {
            return;
        }
        context.check(false, || ended("end of a socket", other, closing, [closed, other]));
    } else if outlived(input, other, at) {
        context.held();
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::device::endings::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    /// Bob closes a socket, and the target another one of his.
    const BOB_AS_WELL: &str = "
        [6..6] bob/phone@r1 open
        [10..10] bob@r1 close
        [11..11] bob/phone@r1 close 4000";

    /// Carol receives a message that Alice sends at `at`, in milliseconds.
    fn carol_stays(at: u64) -> String {
        format!(
            r#"
            [7..7] carol@r1 open
            [{at}..{}] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            [{}..{}] carol@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1"}}}}"#,
            at + 1,
            at + 2,
            at + 2,
        )
    }

    #[test]
    fn the_end_of_a_socket_keeps_the_others() {
        let rule = "device/closing-keeps-others";
        let sockets = |lines: &[&str]| sockets(&[&["[5..5] alice/phone@r1 open"], lines].concat());
        let end = "[10..10] alice@r1 close";
        let ended = "[11..11] alice/phone@r1 close 4000";
        assert_states(&[
            (rule, Held, &sockets(&[end])),
            (rule, Broken, &sockets(&[end, ended])),
            (rule, NotExercised, &sockets(&[end, "[10..10] alice/phone@r1 close"])),
            (rule, NotExercised, &sockets(&[end, ended, "[11..11] bob@r1 close 1006"])),
            (rule, NotExercised, &sockets(&[end, ended, BOB_AS_WELL])),
            (rule, Broken, &sockets(&[end, ended, BOB_AS_WELL, &carol_stays(12)])),
            (rule, NotExercised, &sockets(&[end, ended, BOB_AS_WELL, &carol_stays(8)])),
            (rule, NotExercised, &sockets(&[end, &ended.replace("4000", "1012")])),
            (rule, NotExercised, &sockets(&[])),
        ]);
    }
}
