//! Attempts to give a message a text, by sending or editing.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageId, MessageRef, Operation, RoomRef};
use hearback_history::Call;
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::letters;
use crate::rule::RuleInput;

/// The first attempt to send a text.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Attempt<'h> {
    /// The room that it was sent to; `None` for an edit.
    pub(in crate::rules) room: Option<RoomRef<'h>>,
    /// The request or frame.
    pub(in crate::rules) evidence: Evidence<'h>,
    /// The id of the message, if it is known.
    pub(in crate::rules) id: Option<MessageRef<'h>>,
    /// Number of uses of the text in the whole run, including edits.
    uses: u32,
}

impl<'h> Attempt<'h> {
    /// The call that sent it, if it was not sent on a socket.
    pub(in crate::rules) fn call(&self) -> Option<&'h Call> {
        match self.evidence {
            Evidence::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The call that sent it, if it was rejected.
    pub(in crate::rules) fn refused(&self) -> Option<&'h Call> {
        self.call().filter(|call| call.refused())
    }
}

/// Every attempt by its text, without surrounding white space, which some servers remove.
#[derive(Debug, Default)]
pub(in crate::rules) struct Attempts<'h> {
    by_text: AHashMap<&'h str, Attempt<'h>>,
    /// The letters of each text, which survive alterations.
    letters: AHashSet<String>,
    /// Rooms with a message of unknown id and unpredictable content; `None` for any room.
    unpredictable: AHashSet<Option<RoomRef<'h>>>,
}

impl<'h> Attempts<'h> {
    pub(in crate::rules) fn of(input: RuleInput<'h>) -> Self {
        let mut attempts = Self::default();
        for call in &input.history.calls {
            let field = |name| call.request.as_ref().and_then(|body| body.get(name));
            let text = field("content").and_then(Value::as_str);
            let (room, id) = (call.room_in_request(), call.message_in_response());
            match call.operation() {
                Some(Operation::MessagesSend) => {
                    let is_odd = text.is_none_or(is_blank) || field("attachment").is_some();
                    if is_odd && id.is_none() && call.maybe_done() {
                        attempts.unpredictable.insert(room);
                    }
                    attempts.note(text, room, call.into(), id);
                }
                Some(Operation::MessagesEdit) => {
                    if text.is_none() && call.maybe_done() {
                        attempts.unpredictable.insert(None);
                    }
                    attempts.note(text, None, call.into(), None);
                }
                _ => {}
            }
        }
        for send in &input.model.socket_sends {
            let evidence = (send.connection, send.frame).into();
            let room = Some(send.connection.room.borrowed());
            if is_blank(send.text) && send.id.is_none() {
                attempts.unpredictable.insert(room);
            }
            attempts.note(
                Some(send.text),
                room,
                evidence,
                send.id.as_ref().map(MessageId::borrowed),
            );
        }
        attempts
    }

    fn note(
        &mut self,
        text: Option<&'h str>,
        room: Option<RoomRef<'h>>,
        evidence: Evidence<'h>,
        id: Option<MessageRef<'h>>,
    ) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        self.letters.extend(Some(letters(text)).filter(|letters| !letters.is_empty()));
        self.by_text.entry(text).or_insert(Attempt { room, evidence, id, uses: 0 }).uses += 1;
    }

    /// Returns whether the text was ever used, although the target may have altered it.
    pub(in crate::rules) fn has(&self, text: &str) -> bool {
        self.by_text.contains_key(text.trim()) || self.letters.contains(&letters(text))
    }

    /// The only attempt to send this text, if it was used once.
    pub(in crate::rules) fn only(&self, text: &str) -> Option<&Attempt<'h>> {
        self.by_text.get(text.trim()).filter(|attempt| attempt.uses == 1 && attempt.room.is_some())
    }

    /// Returns whether the room may contain a message of unknown id and unpredictable content.
    pub(in crate::rules) fn is_unpredictable(&self, room: RoomRef<'h>) -> bool {
        self.unpredictable.contains(&Some(room)) || self.unpredictable.contains(&None)
    }

    /// Sends whose text was used once, with the text.
    pub(in crate::rules) fn distinct(&self) -> impl Iterator<Item = (&'h str, &Attempt<'h>)> {
        self.by_text
            .iter()
            .filter(|(_, attempt)| attempt.uses == 1 && attempt.room.is_some())
            .map(|(text, attempt)| (*text, attempt))
    }
}

/// Returns whether a text may be empty once it is stored, so that its message could be any.
fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| letter.is_whitespace() || letter.is_control())
}
