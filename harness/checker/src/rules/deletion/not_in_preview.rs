//! Checks that `last_message` and `last_message_preview` show no text of a deleted message.
//! `last_message` is checked if its id is that of a deleted message; a preview is checked if the
//! newest messages of the room are certainly deleted. A text that the newest message left, or a
//! later edit, also begins with is skipped, because it need not come from the deleted message.

use hearback_contract::{MessageRef, Operation, RequirementId, RoomRef};
use hearback_history::{Call, Interval};
use serde_json::Value;

use super::deleted_messages::{Deleted, DeletedMessages, deleted_messages};
use crate::model::is_beginning;
use crate::model::{Message, Room, WriteKind};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, text_or_null};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionNotInPreview, check };

/// Maximum number of deleted messages to skip in search of one that is left.
const MAX_SKIPPED: usize = 20;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    for observation in &input.model.room_observations {
        let Some(last) = observation.value.get("last_message") else { continue };
        let deleted =
            last.get("id").and_then(MessageRef::from_json).and_then(|id| deleted_messages.get(&id));
        let at = observation.call.interval();
        let Some(deleted) = deleted.filter(|deleted| deleted.precedes(at)) else { continue };
        if let Some(content) = member(last, "content", Value::as_str, context) {
            check_text(&[deleted], None, content, observation.call, "last_message", context);
        }
    }
    let lists = input.history.calls_of(Operation::RoomsList).filter(|call| call.is_authorized());
    for call in lists {
        for item in call.items().into_iter().flatten() {
            let id = item.get("id").and_then(RoomRef::from_json);
            let Some(room) = id.and_then(|id| input.model.room(id)) else { continue };
            let Some(newest) = newest(input, &deleted_messages, room, call.interval()) else {
                continue;
            };
            let preview = member(item, "last_message_preview", text_or_null, context);
            let Some(preview) = preview else { continue };
            let preview = preview.unwrap_or_default();
            let (deleted, left) = newest;
            check_text(&deleted, left, preview, call, "last_message_preview", context);
        }
    }
}

/// Returns the deleted messages that are newer than any other message, at least one, and the newest of
/// the others. `None` if the order of the messages or a deletion is uncertain.
fn newest<'g, 'h>(
    input: RuleInput<'h>,
    deleted_messages: &'g DeletedMessages<'h>,
    room: &'h Room<'h>,
    at: Interval,
) -> Option<(Vec<&'g Deleted<'h>>, Option<&'h Message<'h>>)> {
    if room.has_foreign_messages || !input.model.is_quiet(room, &[WriteKind::Send], at) {
        return None;
    }
    let sent = room.acknowledged_before(at);
    let mut newest = Vec::new();
    for index in (0..sent).rev().take(MAX_SKIPPED) {
        let message = input.model.messages.get(room.messages.get(index)?)?;
        let is_alone =
            room.acknowledged_before(message.sent) == index && !input.model.is_ambiguous(message);
        match deleted_messages.get(&message.id.borrowed()).filter(|deleted| deleted.precedes(at)) {
            _ if !is_alone || message.file.is_some() => return None,
            Some(deleted) => newest.push(deleted),
            None if message.maybe_deleted(at) || newest.is_empty() => return None,
            None => return Some((newest, Some(message))),
        }
    }
    (0 < sent && sent <= MAX_SKIPPED).then_some((newest, None))
}

fn check_text<'h>(
    newest: &[&Deleted<'h>],
    left: Option<&Message<'h>>,
    text: &str,
    call: &'h Call,
    field: &str,
    context: &mut RuleContext<'h>,
) {
    let at = call.interval();
    let revealed = newest.iter().find(|deleted| deleted.begins_as_old(text));
    // Another message or a later edit may have the same text.
    let mut later = newest.iter().flat_map(|deleted| deleted.later_texts(at));
    let is_of_another = left
        .is_some_and(|it| it.contents(at).any(|content| is_beginning(text, content)))
        || later.any(|content| is_beginning(text, content));
    if revealed.is_some() && is_of_another {
        return;
    }
    context.check(revealed.is_none(), || {
        let place = call.operation().map_or("", Operation::id);
        let violation = Violation::new(
            format!("{place}: {field}"),
            format!("`{field}` does not show the text of a deleted message"),
            format!("it shows {}", quoted(text)),
        );
        let shown = |violation: Violation<'h>, it: &&Deleted<'h>| {
            violation.evidence(it.message.origin).evidence(it.call)
        };
        revealed.into_iter().fold(violation, shown).evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const RULE: &str = "deletion/not-in-preview";

    #[test]
    fn the_last_message_does_not_show_deleted_text() {
        let get = |last: &str| {
            let get = format!(
                r#"[50..51] bob rooms.get $r1 => 200 @room {{"id": "$r1", "last_message": {last}}}"#
            );
            history(&[DELETED, &get])
        };
        assert_states(&[
            (RULE, Held, &get(r#"{"id": "$m1", "content": "[Message deleted]"}"#)),
            (RULE, Broken, &get(r#"{"id": "$m1", "content": "zebra crossing"}"#)),
            (RULE, Broken, &get(r#"{"id": "$m1", "content": "zebra…"}"#)),
            (RULE, NotExercised, &get(r#"{"id": "$m0", "content": "zebra crossing"}"#)),
            (RULE, NotExercised, &get("null")),
        ]);
    }

    #[test]
    fn the_preview_does_not_show_deleted_text() {
        let list = |between: &str, preview: &str| {
            let list = format!(
                r#"[50..51] bob rooms.list => 200 {{"results": [@room_summary {{"id": "$r1", "last_message_preview": {preview}}}]}}"#
            );
            history(&[between, &list])
        };
        let old = r#""zebra crossing""#;
        let before = r#"[3..4] bob messages.send {"room": "$r1", "content": "zebra crossing"} => 201 @message {"id": "$m0", "room": "$r1"}"#;
        let after = before.replace("[3..4]", "[22..24]");
        assert_states(&[
            (RULE, Held, &list(DELETED, r#""[Message deleted]""#)),
            (RULE, Held, &list(DELETED, "null")),
            (RULE, Broken, &list(DELETED, old)),
            (RULE, Broken, &list(DELETED, r#""zebra""#)),
            (RULE, NotExercised, &list("", old)),
            (RULE, NotExercised, &list(&DELETED.replace("200 {}", "?"), old)),
            // The same text in another message, sent earlier or later.
            (RULE, NotExercised, &list(&format!("{before}\n{DELETED}"), old)),
            (RULE, NotExercised, &list(&format!("{after}\n{DELETED}"), old)),
            (
                RULE,
                NotExercised,
                &list(&format!("{DELETED}\n{}", after.replace("..24]", "..60]")), old),
            ),
        ]);
    }
}
