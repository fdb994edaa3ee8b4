//! Invalid frames, and the `error` events that answer them.

use std::collections::VecDeque;

use hearback_contract::ServerEvent;
use hearback_history::{Frame, Interval, Nanoseconds};

use crate::model::{InvalidFrame, InvalidFrameKind, Listener};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// The answer to an invalid frame.
#[derive(Clone, Debug)]
pub(super) enum Answer<'h> {
    /// An `error`.
    Error(&'h Frame),
    /// No `error`, and none can arrive after this time.
    Silence(Nanoseconds),
    /// Unknown, with the reason.
    Inconclusive(Reason),
}

/// Returns every invalid frame with its answer, by connection and in order.
pub(super) fn answers<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Listener<'h>, &'h InvalidFrame<'h>, Answer<'h>)> {
    let by_connection =
        input.model.invalid_frames.chunk_by(|a, b| a.connection.id == b.connection.id);
    by_connection.flat_map(move |frames| {
        let listener = input.model.sockets.listener(frames[0].connection);
        listener.into_iter().flat_map(move |listener| {
            let answers = answers_on_connection(input, listener, frames);
            frames.iter().zip(answers).map(move |(invalid, answer)| (listener, invalid, answer))
        })
    })
}

/// Returns the answer to each invalid frame of one connection. Errors answer the frames in order; an
/// error without a pending frame answers the latest frame whose answer was given up.
fn answers_on_connection<'h>(
    input: RuleInput<'h>,
    listener: &Listener<'h>,
    frames: &[InvalidFrame<'h>],
) -> Vec<Answer<'h>> {
    let over: Vec<_> = frames
        .iter()
        .map(|invalid| input.model.sockets.silence_proven_at(listener, invalid.frame.at))
        .collect();
    let mut error_of = vec![None; frames.len()];
    let mut taken: Vec<(Nanoseconds, InvalidFrameKind)> = Vec::new();
    let (mut next, mut due, mut given_up) = (0, VecDeque::new(), Vec::new());
    for (error, _) in listener.received(ServerEvent::Error) {
        while frames.get(next).is_some_and(|invalid| invalid.frame.at <= error.at) {
            due.push_back(next);
            next += 1;
        }
        while let Some(front) = due.front().copied()
            && over[front].is_some_and(|over| over < error.at)
        {
            given_up.push(front);
            due.pop_front();
        }
        if let Some(index) = due.pop_front().or_else(|| given_up.pop()) {
            error_of[index] = Some(error);
            taken.push((error.at, frames[index].kind));
        }
    }
    let answer = |index: usize| {
        if let Some(error) = error_of[index] {
            return Answer::Error(error);
        }
        let Some(over) = over[index] else {
            return Answer::Inconclusive(Reason::ObservedTooBriefly);
        };
        let since = taken.partition_point(|(at, _)| *at < frames[index].frame.at);
        let meanwhile = taken[since..].iter().take_while(|(at, _)| *at <= over);
        // An error to a frame of another kind meanwhile may have been the answer to this one.
        if meanwhile.into_iter().all(|(_, invalid_frame)| *invalid_frame == frames[index].kind) {
            Answer::Silence(over)
        } else {
            Answer::Inconclusive(Reason::Indistinguishable)
        }
    };
    (0..frames.len()).map(answer).collect()
}

pub(super) fn expect_errors<'h>(
    input: RuleInput<'h>,
    invalid_frame: InvalidFrameKind,
    context: &mut RuleContext<'h>,
) {
    for (listener, invalid, answer) in answers(input) {
        let Some(room) = input.model.rooms.get(&invalid.connection.room) else { continue };
        if invalid.kind != invalid_frame {
            continue;
        }
        let over = match answer {
            Answer::Error(error) => error.at,
            Answer::Silence(over) => over,
            Answer::Inconclusive(reason) => {
                context.inconclusive(reason);
                continue;
            }
        };
        let meanwhile = Interval { invoked: invalid.frame.at, returned: over };
        if listener.is_entitled(room, meanwhile) {
            context.check(matches!(answer, Answer::Error(_)), || {
                Violation::new(
                    variant(invalid),
                    format!("{} is answered with error", invalid_frame.as_str()),
                    "no error arrived on the connection",
                )
                .evidence((invalid.connection, invalid.frame))
            });
        }
    }
}

/// Returns the documented type of the frame, if it has one, and its kind.
pub(super) fn variant(invalid: &InvalidFrame<'_>) -> String {
    let kind = invalid.frame.command();
    match kind {
        Some(kind) => format!("{kind}: {}", invalid.kind.as_str()),
        None => invalid.kind.as_str().to_owned(),
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with a socket of alice's and one of bob's, and frames that bob sends.

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    pub(in super::super) const ERROR: &str = "[11..11] bob@r1 <- @error_event";

    pub(in super::super) const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    const FENCE: &str = r#"
        [20..20] bob@r1 -> {"type": "chat_message", "message": "x"}
        [21..21] bob@r1 <- @chat_message {"message": {"id": "$m3", "content": "x", "sender": {"id": 2}}}
    "#;

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..4] alice messages.send {{"room": "$r2", "content": "a"}} => 201 @message {{"id": "$m2"}}
            [5..5] alice@r1 open
            [6..6] bob@r1 open
            {}
            "#,
            lines.join("\n")
        )
    }

    pub(in super::super) fn frame(at: u64, frame: &str) -> String {
        format!("[{at}..{at}] bob@r1 -> {frame}")
    }
    /// Asserts that a rule requires an error for the frame `bad`.
    pub(in super::super) fn assert_error_required(rule: &str, bad: &str) {
        let bad = frame(10, bad);
        assert_states(&[
            (rule, Held, &sockets(&[&bad, ERROR])),
            (rule, Held, &sockets(&[&bad, FENCE, &ERROR.replace("11", "30")])),
            (rule, Broken, &sockets(&[&bad, FENCE])),
            (rule, Broken, &sockets(&[&bad, LATER])),
            (rule, Broken, &sockets(&[&bad, &ERROR.replace("bob", "alice"), LATER])),
            (rule, Broken, &sockets(&[&ERROR.replace("11", "9"), &bad, LATER])),
            (rule, Undecided, &sockets(&[&bad])),
            (rule, Undecided, &sockets(&[&bad, "[11..11] bob@r1 close 1011", LATER])),
            (rule, NotExercised, &sockets(&[&bad, "[9..30] bob rooms.leave $r1 => ?", LATER])),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::error_answers::testing::{LATER, frame, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn one_error_answers_one_frame() {
        let (bad, unknown) = (frame(10, "raw {"), frame(12, r#"{"type": "presence"}"#));
        let between = r#"
            [11..11] bob@r1 -> {"type": "chat_message", "message": "x"}
            [11..11] bob@r1 <- @chat_message {"message": {"id": "$m3", "content": "x", "sender": {"id": 2}}}
        "#
        .replace("[11..11] bob@r1 <-", "[12..12] bob@r1 <-");
        let late = "[13..13] bob@r1 <- @error_event";
        assert_states(&[
            // Of two frames of one kind, one has no answer; of two kinds, either may have it.
            ("socket/malformed-json", Broken, &sockets(&[&bad, &frame(10, "raw ["), late, LATER])),
            ("socket/unknown-type", Undecided, &sockets(&[&bad, &unknown, late, LATER])),
            // An error that arrived before a frame was sent does not answer it.
            ("socket/malformed-json", Broken, &sockets(&[&bad, &between, &unknown, late, LATER])),
            ("socket/unknown-type", Held, &sockets(&[&bad, &between, &unknown, late, LATER])),
        ]);
    }
}
