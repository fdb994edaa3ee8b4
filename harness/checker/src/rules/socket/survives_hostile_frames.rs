//! Checks that a binary or huge frame does not disturb the other sockets of the room. The
//! connection that sent it may end. Another socket is blamed if it ends within the timeout, or if
//! it does not receive the room's last message, which was sent after the frame. Endings are skipped if
//! a connection to a room without such frames ended at the same time or alike: the target may end
//! connections for reasons of its own.

use ahash::AHashSet;
use hearback_contract::RequirementId;
use hearback_history::Interval;

use super::endings::{UnprovokedEndings, ending};
use crate::model::{InvalidFrame, InvalidFrameKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::SocketSurvivesHostileFrames, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let guilty: AHashSet<_> =
        input.model.invalid_frames.iter().map(|invalid| invalid.connection.id).collect();
    let is_hostile = |invalid: &&InvalidFrame<'_>| invalid.kind == InvalidFrameKind::Hostile;
    let hostile = || input.model.invalid_frames.iter().filter(is_hostile);
    let disturbed: AHashSet<_> = hostile().map(|invalid| &invalid.connection.room).collect();
    let unprovoked = UnprovokedEndings::of(input, |it| {
        !guilty.contains(&it.connection.id) && !disturbed.contains(&it.connection.room)
    });
    for invalid in hostile() {
        let Some(room) = input.model.rooms.get(&invalid.connection.room) else { continue };
        let at = invalid.frame.at;
        for listener in input.model.sockets.in_room(&room.id) {
            if guilty.contains(&listener.connection.id) || listener.established >= at {
                continue;
            }
            if listener.received_newer_than(at) {
                context.held();
                continue;
            }
            let timeout = input.history.timeout();
            let ending = ending(listener).filter(|it| it.at >= at && it.at <= at + timeout);
            if ending.is_some_and(|it| unprovoked.may_include(it, at, timeout)) {
                context.inconclusive(Reason::Indistinguishable);
                continue;
            }
            let until = ending.map_or(listener.until, |closing| closing.at);
            let meanwhile = Interval { invoked: at, returned: until };
            let newest_first =
                room.messages.iter().rev().filter_map(|id| input.model.messages.get(id));
            // The last message of the room was sent after the frame, and long enough ago.
            let is_deaf = newest_first.take(1).any(|message| {
                message.sent.invoked > at
                    && message.deletions.is_empty()
                    && !timeout.is_zero()
                    && message.sent.returned.saturating_add(timeout) <= listener.until
            });
            if !listener.is_entitled(room, meanwhile) || ending.is_none() && !is_deaf {
                context.inconclusive(Reason::NothingFollowed);
                continue;
            }
            context.check(false, || {
                let actual = match ending {
                    Some(_) => "it ended",
                    None => "it does not receive messages any more",
                };
                Violation::new(
                    "binary or huge frame",
                    format!("the socket of {} is not disturbed", listener.connection.actor),
                    actual,
                )
                .evidence((invalid.connection, invalid.frame))
                .evidence(listener.connection)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::endings::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    /// A socket of a room without hostile frames, which ends as well.
    const ELSEWHERE: &str = r#"
        [3..4] carol rooms.create {"room_type": "group", "participant_ids": [1]} => 201 @room {"id": "$r2"}
        [7..7] carol@r2 open
        [13..13] carol@r2 close 1006
    "#;

    #[test]
    fn hostile_frames_do_not_disturb_other_sockets() {
        let rule = "socket/survives-hostile-frames";
        let binary = "[10..10] bob@r1 -> binary abc";
        let huge = format!("[10..10] bob@r1 -> raw {}", "x".repeat(70_000));
        let send = r#"[20..21] bob messages.send {"room": "$r1", "content": "x"} => 201 @message {"id": "$m1"}"#;
        let heard =
            r#"[22..22] alice@r1 <- @chat_message {"message": {"id": "$m1", "content": "x"}}"#;
        let own = "[12..12] bob@r1 close 1003";
        let other = "[12..12] alice@r1 close 1006";
        for hostile in [binary, &huge] {
            assert_states(&[
                (rule, Held, &sockets(&[hostile, own, send, heard])),
                (rule, Broken, &sockets(&[hostile, own, other])),
                (rule, Broken, &sockets(&[hostile, send, LATER])),
                (rule, Undecided, &sockets(&[hostile, LATER])),
                (rule, Undecided, &sockets(&[hostile, send])),
                (rule, NotExercised, &sockets(&[send, heard])),
                (rule, Undecided, &sockets(&[ELSEWHERE, hostile, own, other])),
            ]);
        }
    }
}
