//! A message of more than 64 KiB that is sent over REST, whether or not it is accepted, does not end or
//! silence the sockets of the other members.
//!
//! A socket is blamed if the target closes it within the timeout, or if it does not receive the last message of the room,
//! which was sent after the large one. Large frames are left to `socket/survives-hostile-frames`.

use hearback_contract::{Operation, RequirementId, RoomRef};
use hearback_history::{Call, CloseOrigin, Interval};

use crate::model::{Listener, Room};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::DeliveryLargeMessageSparesOthers, check };

/// Smallest size of a large request, in bytes.
const LARGE: usize = 64 * 1024;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend).filter(|call| is_large(call)) {
        let room = call.room_in_request().and_then(|id: RoomRef<'_>| input.model.room(id));
        let (Some(room), Some(_)) = (room, call.status()) else { continue };
        let at = call.interval().returned;
        for listener in input.model.sockets.in_room(&room.id) {
            if listener.connection.actor == call.invocation.actor || listener.established >= at {
                continue;
            }
            if listener.received_newer_than(at) {
                context.held();
                continue;
            }
            match ending(input, room, call, listener) {
                None => context.inconclusive(Reason::NothingFollowed),
                Some(actual) => context.check(false, || {
                    Violation::new(
                        "large message over REST",
                        format!("the socket of {} is not disturbed", listener.connection.actor),
                        actual,
                    )
                    .evidence(call)
                    .evidence(listener.connection)
                }),
            }
        }
    }
}

fn is_large(call: &Call) -> bool {
    let body = call.invocation.body.as_ref().and_then(|body| body.as_text());
    call.is_authorized()
        && body.is_some_and(|body| body.len() > LARGE)
        && call.request.as_ref().is_some_and(|request| request.get("attachment").is_none())
}

/// Returns how a socket certainly failed soon after the request; `None` if that is not certain.
fn ending<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    call: &Call,
    listener: &Listener<'h>,
) -> Option<&'static str> {
    let (from, timeout) = (call.invoked, input.history.timeout());
    let closing = listener.connection.closed.as_ref().filter(|closing| {
        let is_soon = closing.at >= from && closing.at <= call.interval().returned + timeout;
        is_soon
            && closing.by == CloseOrigin::Server
            && !closing.is_unavailability()
            && !listener.connection.may_have_expired(closing.at)
    });
    // A frame of its own may have ended the socket.
    let mut own = input.model.invalid_frames.iter();
    if own.any(|it| it.connection.id == listener.connection.id) {
        return None;
    }
    let until = closing.map_or(listener.until, |closing| closing.at);
    if !listener.is_entitled(room, Interval { invoked: from, returned: until }) {
        return None;
    }
    // The last message of the room was sent after the request, and long enough ago.
    let last = room.messages.iter().rev().find_map(|id| input.model.messages.get(id));
    let is_deaf = last.is_some_and(|message| {
        message.sent.invoked > call.interval().returned
            && message.deletions.is_empty()
            && !timeout.is_zero()
            && message.sent.returned.saturating_add(timeout) <= listener.until
    });
    match closing {
        Some(_) => Some("it ended"),
        None => is_deaf.then_some("it does not receive messages any more"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn large_messages_do_not_disturb_others() {
        const RULE: &str = "delivery/large-message-spares-others";
        let history = |length: usize, answer: &str, lines: &str| {
            format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [3..4] bob@r1 open
                [5..6] alice messages.send {{"room": "$r1", "content": "{}"}} => {answer}
                {lines}
                [200..201] alice rooms.list => 200 {{}}"#,
                "x".repeat(length)
            )
        };
        let refused = "400 @error";
        let send = r#"[20..21] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}"#;
        let heard =
            r#"[22..22] bob@r1 <- @chat_message {"message": {"id": "$m1", "content": "a"}}"#;
        let both = format!("{send}\n{heard}");
        assert_states(&[
            (RULE, Held, &history(70_000, refused, &both)),
            (RULE, Broken, &history(70_000, refused, "[10..10] bob@r1 close 1009")),
            (RULE, Broken, &history(70_000, refused, send)),
            (
                RULE,
                Undecided,
                &history(
                    70_000,
                    refused,
                    "[9..9] bob@r1 -> binary abc\n[10..10] bob@r1 close 1009",
                ),
            ),
            // Connections break for many reasons.
            (RULE, Undecided, &history(70_000, refused, "[10..10] bob@r1 break reset")),
            (RULE, Undecided, &history(70_000, refused, "[10..10] bob@r1 close")),
            (RULE, NotExercised, &history(7_000, refused, "[10..10] bob@r1 close 1009")),
        ]);
    }
}
