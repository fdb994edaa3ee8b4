//! Messages that were certainly deleted: the texts that they had, the edits that were attempted
//! later, and what REST shows of them.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation};
use hearback_history::{Call, Interval};

use crate::model::is_beginning;
use crate::model::{DELETED_CONTENT, Message, MessageObservation, Transport};
use crate::rule::RuleInput;
use crate::violation::Violation;

/// Texts with fewer bytes appear in other texts by chance.
const DISTINCTIVE: usize = 4;

/// A message that was certainly deleted.
pub(super) struct Deleted<'h> {
    pub(super) message: &'h Message<'h>,
    /// The deletion that returned first.
    pub(super) call: &'h Call,
    /// Attempts to edit it that certainly began after the deletion, whatever their outcome.
    pub(super) edits: Vec<&'h Call>,
    /// Further deletions that certainly began after the first, whatever their outcome.
    pub(super) again: Vec<&'h Call>,
}

impl<'h> Deleted<'h> {
    /// Returns whether the deletion certainly returned before `interval`.
    pub(super) fn precedes(&self, interval: Interval) -> bool {
        self.call.interval().precedes(interval)
    }

    /// Returns the non-blank texts that the message had before the deletion.
    pub(super) fn old_texts(&self) -> impl Iterator<Item = &'h str> {
        let deletion = self.call.interval();
        let old = self.message.versions.iter().filter(move |it| !deletion.precedes(it.written));
        old.map(|version| version.content).filter(|text| !text.trim().is_empty())
    }

    /// Returns whether `text` contains an old text of the message.
    pub(super) fn shows_old(&self, text: &str) -> bool {
        let mut old = self.old_texts();
        let is_in = |old: &str| old == text || old.len() >= DISTINCTIVE && text.contains(old);
        text != DELETED_CONTENT && old.any(is_in)
    }

    /// Returns whether `text` is, or is the beginning of, an old text of the message.
    pub(super) fn begins_as_old(&self, text: &str) -> bool {
        text != DELETED_CONTENT && self.old_texts().any(|old| is_beginning(text, old))
    }

    /// Returns the texts of later edits that a read during `at` may show.
    pub(super) fn later_texts(&self, at: Interval) -> impl Iterator<Item = &'h str> {
        let begun = self.edits.iter().filter(move |edit| edit.invoked <= at.returned);
        begun.filter_map(|edit| edit.request.as_ref()?.get("content")?.as_str())
    }

    /// Returns whether an observation shows the text of a later edit.
    pub(super) fn is_edited_back(&self, observation: &MessageObservation<'h>) -> bool {
        let content = observation.content().filter(|content| *content != DELETED_CONTENT);
        content.is_some_and(|content| self.later_texts(observation.at).any(|text| text == content))
    }
}

/// Messages that were certainly deleted, by id.
pub(super) type DeletedMessages<'h> = AHashMap<MessageRef<'h>, Deleted<'h>>;

pub(super) fn deleted_messages<'h>(input: RuleInput<'h>) -> DeletedMessages<'h> {
    let mut deleted_messages = DeletedMessages::new();
    let deletions = input.history.calls_of(Operation::MessagesDelete);
    for call in deletions.filter(|call| call.is_authorized() && call.succeeded()) {
        let Some(message) = call.message_in_path().and_then(|id| input.model.message(id)) else {
            continue;
        };
        let first = deleted_messages.entry(message.id.borrowed()).or_insert(Deleted {
            message,
            call,
            edits: Vec::new(),
            again: Vec::new(),
        });
        if call.interval().returned < first.call.interval().returned {
            first.call = call;
        }
    }
    for again in input.history.calls_of(Operation::MessagesDelete) {
        if let Some(deleted) = again.message_in_path().and_then(|id| deleted_messages.get_mut(&id))
            && deleted.precedes(again.interval())
        {
            deleted.again.push(again);
        }
    }
    for edit in input.history.calls_of(Operation::MessagesEdit) {
        if let Some(deleted) = edit.message_in_path().and_then(|id| deleted_messages.get_mut(&id))
            && deleted.precedes(edit.interval())
        {
            deleted.edits.push(edit);
        }
    }
    deleted_messages
}

/// Returns the REST reads of messages that were certainly deleted before.
pub(super) fn reads<'g, 'h>(
    input: RuleInput<'h>,
    deleted_messages: &'g DeletedMessages<'h>,
) -> impl Iterator<Item = (&'h MessageObservation<'h>, &'g Deleted<'h>)> {
    let by_rest = |it: &&MessageObservation<'h>| it.transport == Transport::Rest;
    input.model.observations.iter().filter(by_rest).filter_map(|observation| {
        let deleted = deleted_messages.get(&observation.id()?)?;
        // The response to an edit is not a read.
        let is_read = observation.operation != Some(Operation::MessagesEdit);
        (is_read && deleted.precedes(observation.at)).then_some((observation, deleted))
    })
}

pub(super) fn violation<'h>(
    deleted: &Deleted<'h>,
    observation: &MessageObservation<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    Violation::new(format!("{field} in {}", observation.place()), expected, actual)
        .evidence(deleted.message.origin)
        .evidence(deleted.call)
        .evidence(observation.evidence)
}

#[cfg(test)]
pub(super) mod testing {
    //! A message that alice sends and deletes, and how bob sees it later.

    /// The room, and the message, which is sent from 10 to 20 ms.
    pub(in super::super) const SENT: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "zebra crossing"} => 201 @message {"id": "$m1", "room": "$r1", "content": "zebra crossing", "sender": {"id": 1}}
    "#;

    /// The deletion, from 30 to 40 ms.
    pub(in super::super) const DELETED: &str = "[30..40] alice messages.delete $m1 => 200 {}";

    /// A correctly deleted message, with some fields replaced.
    pub(in super::super) fn shown(fields: &str) -> String {
        format!(
            r#"@message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "[Message deleted]", "is_deleted": true, "deleted_at": "2025-10-19T15:00:00Z"{fields}}}"#
        )
    }

    /// Bob gets the message.
    pub(in super::super) fn get(times: &str, fields: &str) -> String {
        format!("{times} bob messages.get $m1 => 200 {}", shown(fields))
    }

    /// The message, then some lines.
    pub(in super::super) fn history(lines: &[&str]) -> String {
        format!("{SENT}\n{}", lines.join("\n"))
    }
}
