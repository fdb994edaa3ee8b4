//! observed_field

use super::requests::asked;
use crate::model::{Message, MessageObservation, Origin};
use crate::rule_context::Violation;

/// Whether nothing was attached, not even something that is no file.
pub(super) fn is_plain(message: &Message<'_>) -> bool {
    match message.origin {
        Origin::Rest(call) => asked(call, "attachment").is_none(),
        Origin::Socket(..) => true,
    }
}

/// A violation of what one field of a sight of `message` should hold.
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
        format!("{field} is {actual}, as {} sees it", observation.viewer),
    )
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
