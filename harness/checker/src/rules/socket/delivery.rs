//! Events that must reach a socket, and sends that no server has a reason to reject.

use ahash::AHashSet;
use hearback_contract::{ClientEvent, UserId, schemas};
use hearback_history::Interval;

use crate::model::{Listener, PendingEvent, Room, SocketSend};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::text;
use crate::rules::text::ORDINARY_LENGTH;
use crate::violation::Violation;

/// Checks that an event reached `listener`. A missing event is a violation only if it can certainly not
/// arrive any more, and if sender and receiver were certainly members of the active room until then.
pub(in crate::rules) fn expect_delivery<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    (sender, pending): (UserId, PendingEvent),
    listener: &Listener<'h>,
    has_arrived: bool,
    context: &mut RuleContext<'h>,
    violation: impl FnOnce() -> Violation<'h>,
) {
    if has_arrived {
        return context.held();
    }
    let Some(over) = input.model.sockets.absence_proven_at(pending, listener) else {
        return context.inconclusive(Reason::ObservedTooBriefly);
    };
    let meanwhile = Interval { invoked: pending.at, returned: over };
    if room.surely_member(sender, meanwhile)
        && listener.is_entitled(room, meanwhile)
        && room.surely_active(meanwhile)
    {
        context.check(false, violation);
    }
}

/// Returns the messages sent by socket that no server has a reason to reject, and their rooms.
pub(in crate::rules) fn ordinary<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h SocketSend<'h>, &'h Room<'h>)> {
    let rejectable: AHashSet<u64> =
        input.model.invalid_frames.iter().map(|invalid| invalid.frame.seq).collect();
    let schema = schemas::client_event(ClientEvent::ChatMessage);
    input.model.socket_sends.iter().filter_map(move |send| {
        let room = input.model.rooms.get(&send.connection.room)?;
        let is_answerable = send.reply_to.is_none_or(|id| {
            input.model.message(id).is_some_and(|answered| answered.deletions.is_empty())
        });
        // A server may accept or reject other events that do not match the schema (lenient-values).
        let fits = || send.frame.json().is_some_and(|event| schema.is_valid(event));
        let is_ordinary = !rejectable.contains(&send.frame.seq)
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

    /// A room with a socket of alice's and one of bob's. The timeout is 50 ms.
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
