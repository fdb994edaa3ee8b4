//! Successful edits that no other request of the run interferes with.

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use crate::model::Message;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::success;

/// Returns the successful edits of unambiguous messages that no other request may have changed meanwhile.
pub(super) fn edits<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Call, &'h Message<'h>, &'h Value)> {
    let calls = input.history.calls_of(Operation::MessagesEdit);
    calls
        .filter_map(|call| {
            let body = success(call, context)?;
            let message = input.model.message(call.message_in_path()?)?;
            let others = message
                .versions
                .iter()
                .skip(1)
                .map(|version| version.written)
                .filter(|written| *written != call.interval())
                .chain(message.deletions.iter().copied())
                .any(|other| other.overlaps(call.interval()));
            let is_deleted = message.maybe_deleted(call.interval());
            if others || is_deleted || input.model.is_ambiguous(message) {
                context.inconclusive(Reason::ConcurrentWrites);
                return None;
            }
            Some((call, message, body))
        })
        .collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! A message that alice edits.

    pub(in super::super) const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [10..11] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    pub(in super::super) fn edit(fields: &str, meanwhile: &str) -> String {
        format!(
            r#"{SENT}
            [20..30] alice messages.edit $m1 {{"content": "b"}} => 200 @message {{"id": "$m1", "room": "$r1", "content": "b", "is_edited": true, "edited_at": "2026-01-01T00:00:00Z"{fields}}}
            {meanwhile}"#
        )
    }
}
