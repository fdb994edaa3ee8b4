//! Checks that a connection survives invalid frames. It survives if anything that was sent after
//! the frame is answered, or reaches another socket. It is blamed if the target ends it within the
//! timeout of its last invalid frame, or if it answered a message before, but none of at least three
//! after the frame: a single one may be a lost delivery. Endings are skipped if another connection
//! without invalid frames ended at the same time, because the target may have restarted, or alike.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, RequirementId, ServerEvent};
use hearback_history::{CloseOrigin, ConnectionId, Interval, Nanoseconds};

use super::delivery::ordinary;
use super::endings::{UnprovokedEndings, ending};
use super::error_answers::{Answer, answers};
use crate::model::{InvalidFrame, InvalidFrameKind, Listener, SocketSend};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Number of messages without an answer from which on a connection is dead.
const UNANSWERED: usize = 3;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketSurvivesBadInput, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let guilty: AHashSet<_> =
        input.model.invalid_frames.iter().map(|invalid| invalid.connection.id).collect();
    let unprovoked = UnprovokedEndings::of(input, |it| !guilty.contains(&it.connection.id));
    let mut sends: AHashMap<ConnectionId, Vec<&SocketSend<'h>>> = AHashMap::new();
    for (send, _) in ordinary(input) {
        sends.entry(send.connection.id).or_default().push(send);
    }
    let all: Vec<_> = answers(input).collect();
    for of_connection in all.chunk_by(|(_, a, _), (_, b, _)| a.connection.id == b.connection.id) {
        let (listener, ..) = of_connection[0];
        let sent = sends.get(&listener.connection.id).map_or(&[][..], Vec::as_slice);
        let answered = last_answered(listener, of_connection);
        for (index, (_, invalid, _)) in of_connection.iter().enumerate() {
            if invalid.kind == InvalidFrameKind::Hostile
                || !input.model.rooms.contains_key(&listener.connection.room)
            {
                continue;
            }
            let at = invalid.frame.at;
            let reached = || sent.iter().any(|send| send.frame.at > at && send.id.is_some());
            if at < answered || listener.handled(at).is_some() || reached() {
                context.held();
                continue;
            }
            let is_last = index + 1 == of_connection.len();
            match failure(input, listener, invalid, is_last, sent, &unprovoked) {
                Some(actual) => context.check(false, || {
                    Violation::new(
                        invalid.kind.as_str(),
                        format!("the connection survives {}", invalid.kind.as_str()),
                        actual,
                    )
                    .evidence((invalid.connection, invalid.frame))
                    .evidence(invalid.connection)
                }),
                None => context.inconclusive(Reason::NothingFollowed),
            }
        }
    }
}

/// Returns the time of the last frame that an error or a confirmation answered.
fn last_answered<'h>(
    listener: &Listener<'h>,
    frames: &[(&Listener<'h>, &InvalidFrame<'h>, Answer<'h>)],
) -> Nanoseconds {
    let errors = frames.iter().filter(|(_, _, answer)| matches!(answer, Answer::Error(_)));
    let confirmed = listener.received(ServerEvent::RoomMarkedRead).last();
    let confirmed = confirmed.map_or(Nanoseconds::ZERO, |(frame, _)| frame.at);
    let marks = listener
        .connection
        .sent()
        .filter(|frame| frame.sends(ClientEvent::MarkRoomRead))
        .map(|frame| frame.at)
        .filter(|at| *at < confirmed);
    errors.map(|(_, invalid, _)| invalid.frame.at).chain(marks).max().unwrap_or_default()
}

/// Describes the failure of a connection that answered nothing after an invalid frame, if the frame
/// certainly caused it.
fn failure<'h>(
    input: RuleInput<'h>,
    listener: &Listener<'h>,
    invalid: &InvalidFrame<'h>,
    is_last: bool,
    sent: &[&SocketSend<'h>],
    unprovoked: &UnprovokedEndings<'_>,
) -> Option<String> {
    let room = input.model.rooms.get(&listener.connection.room)?;
    let (at, timeout) = (invalid.frame.at, input.history.timeout());
    let stays = |until| listener.is_entitled(room, Interval { invoked: at, returned: until });
    let ending = ending(listener).filter(|it| is_last && it.at >= at && it.at <= at + timeout);
    if let Some(closing) = ending {
        let went_down = unprovoked.may_include(closing, at, timeout);
        let code = closing.code.map_or("without a code".to_owned(), |code| format!("with {code}"));
        let description = match closing.by {
            CloseOrigin::Broken | CloseOrigin::InvalidText | CloseOrigin::InvalidFrame => {
                format!("it broke: {}", closing.reason)
            }
            _ => format!("the target closed it {code}"),
        };
        return (!went_down && stays(closing.at)).then_some(description);
    }
    // A connection that answered before must still answer.
    let answered_before = sent.iter().any(|send| send.frame.at < at && send.echo.is_some());
    let last = sent.iter().filter(|send| send.frame.at > at).nth(UNANSWERED - 1)?;
    let over = input.model.sockets.silence_proven_at(listener, last.frame.at)?;
    let meanwhile = Interval { invoked: at, returned: over };
    let is_deaf = answered_before && stays(over) && room.surely_active(meanwhile);
    is_deaf.then(|| "it does not answer any more".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::endings::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn said(at: u64, id: &str) -> String {
        format!(
            r#"[{at}..{at}] bob@r1 -> {{"type": "chat_message", "message": "{id}"}}
            [{at}..{at}] alice@r1 <- @chat_message {{"message": {{"id": "${id}", "content": "{id}", "sender": {{"id": 2}}}}}}"#
        )
    }

    fn echoed(at: u64, id: &str) -> String {
        let back = said(at, id).replace("alice@r1 <-", "bob@r1 <-");
        back.replace(&format!("[{at}..{at}] bob@r1 <-"), &format!("[{0}..{0}] bob@r1 <-", at + 1))
    }

    const ODD: &str = r#"[98..98] alice@r1 -> {"type": "typing", "is_typing": "true"}"#;

    /// Messages that no socket receives.
    const LOST: [&str; 3] = [
        r#"[20..20] bob@r1 -> {"type": "chat_message", "message": "x1"}"#,
        r#"[30..30] bob@r1 -> {"type": "chat_message", "message": "x2"}"#,
        r#"[40..40] bob@r1 -> {"type": "chat_message", "message": "x3"}"#,
    ];

    const BAD: &str = "[10..10] bob@r1 -> raw {";

    const PROBE: &str = "[11..13] bob@r1 probe unmasked ended";

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn connections_survive_invalid_frames() {
        let rule = "socket/survives-bad-input";
        let closed = "[12..12] bob@r1 close 1011";
        let errors = "[11..11] bob@r1 <- @error_event\n[13..13] bob@r1 <- @error_event";
        let again = BAD.replace("[10..10]", "[12..12]");
        assert_states(&[
            (rule, Held, &sockets(&[BAD, &echoed(20, "m1")])),
            (rule, Held, &sockets(&[BAD, &again, errors])),
            (rule, Broken, &sockets(&[BAD, closed])),
            (rule, Held, &sockets(&[&echoed(7, "m1"), BAD, &said(20, "m2"), LATER])),
            (rule, Broken, &sockets(&[&echoed(7, "m1"), BAD, LOST[0], LOST[1], LOST[2], LATER])),
            (rule, Undecided, &sockets(&[&echoed(7, "m1"), BAD, LOST[0], LOST[1], LATER])),
            (rule, Undecided, &sockets(&[BAD, LOST[0], LOST[1], LOST[2], LATER])),
            (rule, Undecided, &sockets(&[BAD, LATER])),
            (rule, Undecided, &sockets(&[BAD, &closed.replace("1011", ""), LATER])),
            (rule, Undecided, &sockets(&[BAD, &closed.replace("1011", "1001"), LATER])),
            (rule, Undecided, &sockets(&[BAD, closed, "[12..12] alice@r1 close 1011", LATER])),
            // What alice sent may be invalid as well (lenient-values).
            (rule, Broken, &sockets(&[BAD, closed, ODD, "[99..99] alice@r1 close 1011", LATER])),
            (rule, Undecided, &sockets(&[BAD, "[9..30] bob rooms.leave $r1 => ?", closed, LATER])),
            // A probe may have ended it.
            (rule, Undecided, &sockets(&[BAD, PROBE, closed, LATER])),
            (rule, NotExercised, &sockets(&[closed])),
        ]);
    }
}
