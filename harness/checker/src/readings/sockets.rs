//! Frames that the specification does not mention.

use hearback_contract::{AmbiguityId, Operation, ReadingId, ServerEvent};
use hearback_history::{CloseOrigin, Connection, Frame};
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::model::{HUGE, IdleEnd, Listener};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::BinaryFrames, binary_frames),
    row(AmbiguityId::HugeFrames, huge_frames),
    row(AmbiguityId::IdleSockets, idle_sockets),
];

/// Close codes for data that the server does not read, and for frames that are too large.
const UNSUPPORTED_DATA: u16 = 1003;
const TOO_BIG: u16 = 1009;

/// The next thing that the server did on the connection.
enum Reaction {
    Error,
    Closed(u16),
}

/// The first `error` or close after a frame, if no other frame of the connection may be the reason.
fn reaction(input: RuleInput<'_>, connection: &Connection, sent: &Frame) -> Option<Reaction> {
    let invalid = input.model.invalid_frames.iter().filter(|it| it.connection.id == connection.id);
    if invalid.filter(|it| it.frame.seq != sent.seq).count() > 0 {
        return None;
    }
    let later = connection.frames.iter().filter(|frame| frame.seq > sent.seq);
    let mut until_next = later.take_while(|frame| !frame.is_sent());
    if until_next.any(|frame| frame.received(ServerEvent::Error).is_some()) {
        return Some(Reaction::Error);
    }
    let closing = connection.closed.as_ref().filter(|it| it.by == CloseOrigin::Server)?;
    Some(Reaction::Closed(closing.code?))
}

fn binary_frames(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for listener in input.model.sockets.all() {
        for frame in listener.sent().filter(|frame| frame.body.payload.as_text().is_none()) {
            // Bytes without an event are an error for a server that reads binary frames, too.
            let bytes = frame.body.payload.to_bytes();
            let is_event = serde_json::from_slice::<Value>(&bytes)
                .is_ok_and(|event| event.get("type").is_some());
            match reaction(input, listener.connection, frame) {
                Some(Reaction::Closed(UNSUPPORTED_DATA)) => {
                    observations.takes(ReadingId::BinaryFrames1003, (listener.connection, frame));
                }
                Some(Reaction::Error) if is_event => {
                    observations.takes(ReadingId::BinaryFramesError, (listener.connection, frame));
                }
                _ => {}
            }
        }
    }
}

fn huge_frames(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for listener in input.model.sockets.all() {
        let huge = listener
            .sent()
            .filter(|frame| frame.body.payload.as_text().is_some_and(|text| text.len() > HUGE));
        for frame in huge {
            match reaction(input, listener.connection, frame) {
                Some(Reaction::Closed(TOO_BIG)) => {
                    observations.takes(ReadingId::HugeFrames1009, (listener.connection, frame));
                }
                Some(Reaction::Error) if is_accepted_over_rest(input, frame) => {
                    observations.takes(ReadingId::HugeFramesError, (listener.connection, frame));
                }
                _ => {}
            }
        }
    }
    for send in input.model.socket_sends.iter().filter(|send| send.text.len() > HUGE) {
        if let Some(echo) = send.echo {
            observations.takes(ReadingId::HugeFramesAccepted, (send.connection, echo));
        }
    }
}

/// Returns whether a text as long as that of a frame was accepted over REST, so that only the size of
/// the frame explains an error.
fn is_accepted_over_rest(input: RuleInput<'_>, frame: &Frame) -> bool {
    let characters = |value: &Value, field: &str| {
        value.get(field).and_then(Value::as_str).map(|text| text.chars().count())
    };
    let text = frame.body.payload.to_json().and_then(|event| characters(&event, "message"));
    let sends = input.history.calls_of(Operation::MessagesSend).filter(|call| call.succeeded());
    let mut accepted = sends.filter_map(|call| characters(call.request.as_ref()?, "content"));
    text.is_some_and(|text| accepted.any(|length| length >= text))
}

fn idle_sockets(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    // Sockets of users who left are closed for another reason, or stay silent (removed-socket).
    let stays = |listener: &&Listener<'_>| {
        let room = input.model.rooms.get(&listener.connection.room);
        room.is_some_and(|room| listener.is_entitled(room, listener.interval()))
    };
    for listener in input.model.sockets.all().filter(stays) {
        for end in listener.idle_ends() {
            let reading = match end {
                IdleEnd::Open => ReadingId::IdleSocketsOpen,
                IdleEnd::Closed(closing) if closing.is_unavailability() => continue,
                IdleEnd::Closed(_) => ReadingId::IdleSocketsClosed,
            };
            observations.takes(reading, listener.connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..3] bob@r1 open
    "#;

    #[test]
    fn binary_frames_are_refused_or_close_the_socket() {
        let of = |frame: &str, reaction: &str| {
            let lines =
                format!("{ROOM}\n[4..4] bob@r1 -> binary {frame}\n[5..5] bob@r1 {reaction}");
            observed("binary-frames", &lines)
        };
        assert_eq!(of("abc", "close 1003"), ["1003"]);
        assert_eq!(of(r#"{"type": "typing"}"#, "<- @error_event"), ["error"]);
        assert!(of("abc", "<- @error_event").is_empty());
    }

    #[test]
    fn idle_sockets_stay_open_or_are_closed() {
        let of =
            |end: &str| observed("idle-sockets", &format!("{ROOM}\n[20000..20000] bob@r1 {end}"));
        assert_eq!(of("close 4000"), ["closed"]);
        assert_eq!(of("close"), ["open"]);
        assert!(of("close 1001").is_empty());
        assert!(of("break reset").is_empty());
    }

    #[test]
    fn huge_frames_are_refused_or_close_the_socket() {
        let of = |reaction: &str, over_rest: &str| {
            let text = "x".repeat(70_000);
            let lines = format!(
                r#"{ROOM}
                [4..4] bob@r1 -> {{"type": "chat_message", "message": "{text}"}}
                [5..5] bob@r1 {reaction}
                [6..7] alice messages.send {{"room": "$r1", "content": "{text}"}} => {over_rest}"#
            );
            observed("huge-frames", &lines)
        };
        let (stored, bad) = ("201 @message", "400 @error");
        assert_eq!(of("close 1009", stored), ["1009"]);
        assert_eq!(of("<- @error_event", stored), ["error"]);
        // The text may be too long, whatever carries it.
        assert!(of("<- @error_event", bad).is_empty());
    }
}
