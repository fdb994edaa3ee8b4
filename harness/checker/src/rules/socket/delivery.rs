//! delivery

use ahash::AHashSet;
use hearback_contract::{ClientEvent, schemas};
use hearback_history::Interval;

use crate::model::{Listener, PendingEvent, Room, SocketSend};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::text;
use crate::rules::text::ORDINARY_LENGTH;

/// Why nothing can be said of what did not come.
pub(super) const TOO_SHORT: &str = "the socket was not open for long enough to tell";

/// Counts something that should reach `listener`. That it did not counts only once that is certain, and
/// if sender and receiver surely were members of the active room all the while.
pub(super) fn expect_delivery<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    (sender, handed): (i64, PendingEvent),
    listener: &Listener<'h>,
    has_come: bool,
    context: &mut RuleContext<'h>,
    violation: impl FnOnce() -> Violation<'h>,
) {
    if has_come {
        return context.held();
    }
    let Some(over) = input.model.sockets.is_over(handed, listener) else {
        return context.inconclusive(TOO_SHORT);
    };
    let meanwhile = Interval { invoked: handed.at, returned: over };
    if room.surely_member(sender, meanwhile)
        && listener.is_entitled(room, meanwhile)
        && room.surely_active(meanwhile)
    {
        context.check(false, violation);
    }
}

/// Messages sent by socket that nothing in the document lets a server refuse, with their room.
pub(super) fn ordinary<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h SocketSend<'h>, &'h Room<'h>)> {
    let invalid_frames: AHashSet<u64> =
        input.model.invalid_frames.iter().map(|invalid_frames| invalid_frames.frame.seq).collect();
    let schema = schemas::client_event(ClientEvent::ChatMessage);
    input.model.socket_sends.iter().filter_map(move |send| {
        let room = input.model.rooms.get(send.connection.room.as_str())?;
        let is_answerable = send.reply_to.is_none_or(|id| {
            input.model.messages.get(id).is_some_and(|answered| answered.deletions.is_empty())
        });
        // One that does not fit and has no invalid_frame may be taken or not (lenient-values).
        let fits = || send.frame.json().is_some_and(|event| schema.is_valid(event));
        let is_ordinary = !invalid_frames.contains(&send.frame.seq)
            && fits()
            && send.is_distinct
            && send.text.chars().count() <= ORDINARY_LENGTH
            && text::is_ordinary(send.text)
            && is_answerable;
        is_ordinary.then_some((send, room))
    })
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with a socket of alice's and one of bob's, and messages on them.

    /// A room with a socket of alice's and one of bob's; silence counts from 50 ms on.
    pub(in super::super) fn sockets(lines: &str) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [4..4] bob@r1 open
            {lines}
            "#
        )
    }

    pub(in super::super) fn received(at: u64, who: &str, id: &str, fields: &str) -> String {
        format!(
            r#"[{at}..{at}] {who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}", "sender": {{"id": 1, "username": "alice"}}{fields}}}}}"#
        )
    }

    pub(in super::super) fn sent(at: u64, id: &str) -> String {
        format!(r#"[{at}..{at}] alice@r1 -> {{"type": "chat_message", "message": "{id}"}}"#)
    }

    pub(in super::super) fn lines(lines: &[&str]) -> String {
        sockets(&lines.join("\n"))
    }
}
