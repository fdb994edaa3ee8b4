//! Files that were sent with messages.

use hearback_history::Call;

use crate::model::{Message, Origin, SentFile};
use crate::rule::RuleInput;

/// Longest plain name, in characters.
const LONGEST_PLAIN: usize = 100;

/// Returns the successful sends of a file, and the message and file of each.
pub(super) fn files<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, &'h Message<'h>, &'h SentFile<'h>)> {
    input.model.messages.values().filter_map(move |message| {
        let Origin::Rest(call) = message.origin else { return None };
        (!input.model.is_ambiguous(message)).then_some((call, message, message.file.as_ref()?))
    })
}

/// Returns whether a file name has no character that a server may have a reason to change, and is not long.
pub(super) fn is_plain_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    (1..=LONGEST_PLAIN).contains(&name.len()) && name.chars().all(is_plain)
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

    /// A file that is sent with one name and returned with another.
    pub(in super::super) fn named(name: &str, answered: &str) -> String {
        let answer = message(&format!(r#", "attachment_name": "{answered}""#));
        send("image/png", &answer).replacen("a.png", name, 1)
    }

    pub(in super::super) const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
}
