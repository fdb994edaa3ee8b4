//! A field of a message as one read or event shows it.

use super::requests::requested;
use crate::model::{Message, MessageObservation, Origin};
use crate::violation::Violation;

/// Returns whether the send had no `attachment`, not even one that is not a file.
pub(super) fn is_plain(message: &Message<'_>) -> bool {
    match message.origin {
        Origin::Rest(call) => requested(call, "attachment").is_none(),
        Origin::Socket(..) => true,
    }
}

/// A violation about one field of an observation of `message`.
pub(super) fn violation<'h>(
    observation: &MessageObservation<'h>,
    message: &Message<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    Violation::new(
        format!("{field} in {}", observation.place()),
        format!("{field} is {expected}"),
        format!("{field} is {actual} for {}", observation.viewer),
    )
    .member(if field == "reply" { "reply_to" } else { field })
    .evidence(message.origin)
    .evidence(observation.evidence)
}

#[cfg(test)]
pub(super) mod testing {
    //! A message that alice sends.

    pub(in super::super) const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice messages.send {"room": "$r1", "content": "a\n€"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a\n€", "sender": {"id": 1}}
    "#;

    pub(in super::super) fn after(line: &str) -> String {
        format!("{SENT}\n{line}")
    }
}
