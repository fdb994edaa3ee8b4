//! Files that were sent with messages.

use hearback_history::Call;

use crate::model::{Message, Origin, SentFile};
use crate::rule::RuleInput;

/// Returns the successful sends of a file, and the message and file of each.
pub(super) fn files<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, &'h Message<'h>, &'h SentFile<'h>)> {
    input.model.messages.values().filter_map(move |message| {
        let Origin::Rest(call) = message.origin else { return None };
        (!input.model.is_ambiguous(message)).then_some((call, message, message.file.as_ref()?))
    })
}

#[cfg(test)]
pub(super) mod testing {
    //! A message with a file.

    pub(in super::super) fn send(content_type: &str, answer: &str) -> String {
        format!(
            r#"{ROOM}
            alice messages.send {{"room": "$r1", "content": "see", "attachment": {{"name": "a.png", "content_type": "{content_type}", "base64": "AAEC"}}}} => {answer}"#
        )
    }

    pub(in super::super) fn message(fields: &str) -> String {
        format!(
            r#"201 @message {{"id": "$m1", "room": "$r1", "content": "see", "message_type": "image", "attachment": "/media/1", "attachment_name": "a.png", "attachment_size": 3{fields}}}"#
        )
    }

    pub(in super::super) const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
}
