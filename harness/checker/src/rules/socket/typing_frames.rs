//! The `typing` events that clients sent.

use hearback_contract::ClientEvent;
use hearback_history::Frame;

use crate::model::Listener;
use crate::rule::RuleInput;

/// A well-formed `typing` event that a client sent.
pub(super) struct Typed<'h> {
    pub(super) by: &'h Listener<'h>,
    pub(super) frame: &'h Frame,
    pub(super) is_typing: bool,
}

/// Returns every `typing` event that clients sent, ordered by time.
pub(super) fn typed<'h>(input: RuleInput<'h>) -> Vec<Typed<'h>> {
    let mut typed: Vec<_> = input
        .model
        .sockets
        .all()
        .flat_map(|by| {
            let sent = by.sent();
            sent.filter(|frame| frame.sends(ClientEvent::Typing)).filter_map(move |frame| {
                let is_typing = frame.json()?.get("is_typing")?.as_bool()?;
                Some(Typed { by, frame, is_typing })
            })
        })
        .collect();
    typed.sort_by_key(|typed| typed.frame.at);
    typed
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with a socket of alice's and one of bob's, and events on them.

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [4..4] bob@r1 open
            [5..5] alice@r1 -> {{"type": "typing", "is_typing": true}}
            {}
            "#,
            lines.join("\n")
        )
    }

    /// A message of alice that comes back, and then one that bob receives.
    pub(in super::super) const FENCE: &str = r#"
        [10..10] alice@r1 -> {"type": "chat_message", "message": "a"}
        [11..11] alice@r1 <- @chat_message {"message": {"id": "$m1", "content": "a", "sender": {"id": 1}}}
        [12..13] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2"}
        [14..14] bob@r1 <- @chat_message {"message": {"id": "$m2", "content": "b", "sender": {"id": 1}}}
    "#;
}
