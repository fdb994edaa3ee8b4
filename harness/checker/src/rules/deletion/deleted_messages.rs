//! Deleted messages and how they are observed afterwards.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{Call, Interval};

use crate::model::{Message, MessageObservation, PLACEHOLDER, Transport};
use crate::rule::RuleInput;
use crate::rule_context::Violation;
use crate::rules::room::is_beginning;

/// A text of fewer bytes stands in others by chance.
pub(super) const TELLING: usize = 4;

/// A message that surely was deleted.
pub(super) struct Deleted<'h> {
    pub(super) message: &'h Message<'h>,
    /// The deletion that returned first.
    pub(super) call: &'h Call,
    /// Attempts to edit it that surely came after, whatever became of them.
    pub(super) edits: Vec<&'h Call>,
}

impl<'h> Deleted<'h> {
    /// Whether the deletion surely came before `interval`.
    pub(super) fn precedes(&self, interval: Interval) -> bool {
        self.call.interval().precedes(interval)
    }

    /// Texts that it had.
    pub(super) fn old_texts(&self) -> impl Iterator<Item = &'h str> {
        let deletion = self.call.interval();
        let old = self.message.versions.iter().filter(move |it| !deletion.precedes(it.written));
        old.map(|version| version.content).filter(|text| !text.trim().is_empty())
    }

    /// Whether `text` contains a text that it had.
    pub(super) fn shows_old(&self, text: &str) -> bool {
        let mut old = self.old_texts();
        let is_in = |old: &str| old == text || old.len() >= TELLING && text.contains(old);
        text != PLACEHOLDER && old.any(is_in)
    }

    /// Whether `text` is, or is the beginning of, a text that it had.
    pub(super) fn begins_as_old(&self, text: &str) -> bool {
        text != PLACEHOLDER && self.old_texts().any(|old| is_beginning(text, old))
    }

    /// What it may have been edited to after that, as seen during `at`.
    pub(super) fn later_texts(&self, at: Interval) -> impl Iterator<Item = &'h str> {
        let begun = self.edits.iter().filter(move |edit| edit.invoked <= at.returned);
        begun.filter_map(|edit| edit.request.as_ref()?.get("content")?.as_str())
    }

    /// Whether a sight shows what it was edited to after it was deleted.
    pub(super) fn is_edited_back(&self, observation: &MessageObservation<'h>) -> bool {
        let content = observation.content().filter(|content| *content != PLACEHOLDER);
        content.is_some_and(|content| self.later_texts(observation.at).any(|text| text == content))
    }
}

/// Messages that surely were deleted, by id.
pub(super) type Graveyard<'h> = AHashMap<&'h str, Deleted<'h>>;

pub(super) fn graveyard<'h>(input: RuleInput<'h>) -> Graveyard<'h> {
    let mut graveyard = Graveyard::new();
    let deletions = input.history.calls_of(Operation::MessagesDelete);
    for call in deletions.filter(|call| call.is_authorized() && call.succeeded()) {
        let Some(message) = call.subject().and_then(|id| input.model.messages.get(id)) else {
            continue;
        };
        let first =
            graveyard.entry(&message.id).or_insert(Deleted { message, call, edits: Vec::new() });
        if call.interval().returned < first.call.interval().returned {
            first.call = call;
        }
    }
    for edit in input.history.calls_of(Operation::MessagesEdit) {
        if let Some(deleted) = edit.subject().and_then(|id| graveyard.get_mut(id))
            && deleted.precedes(edit.interval())
        {
            deleted.edits.push(edit);
        }
    }
    graveyard
}

/// Sights by REST of messages that surely were deleted before.
pub(super) fn sights<'g, 'h>(
    input: RuleInput<'h>,
    graveyard: &'g Graveyard<'h>,
) -> impl Iterator<Item = (&'h MessageObservation<'h>, &'g Deleted<'h>)> {
    let by_rest = |it: &&MessageObservation<'h>| it.transport == Transport::Rest;
    input.model.observations.iter().filter(by_rest).filter_map(|observation| {
        let deleted = graveyard.get(observation.id()?)?;
        // The answer to an edit is not a read.
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
    //! Fixtures.

    /// The room, and the message sent from 10 to 20 ms.
    pub(in super::super) const SENT: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "zebra crossing"} => 201 @message {"id": "$m1", "room": "$r1", "content": "zebra crossing", "sender": {"id": 1}}
    "#;

    /// Deleted from 30 to 40 ms.
    pub(in super::super) const DELETED: &str = "[30..40] alice messages.delete $m1 => 200 {}";

    /// The message as it should be shown, but for some fields.
    pub(in super::super) fn shown(fields: &str) -> String {
        format!(
            r#"@message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "content": "[Message deleted]", "is_deleted": true, "deleted_at": "2025-10-19T15:00:00Z"{fields}}}"#
        )
    }

    /// Bob gets it.
    pub(in super::super) fn get(times: &str, fields: &str) -> String {
        format!("{times} bob messages.get $m1 => 200 {}", shown(fields))
    }

    /// The message sent, then some lines.
    pub(in super::super) fn history(lines: &[&str]) -> String {
        format!("{SENT}\n{}", lines.join("\n"))
    }
}
