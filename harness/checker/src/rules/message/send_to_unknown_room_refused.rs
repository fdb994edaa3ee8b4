//! Checks that a message to a room id that hearback invented is rejected with 400, 403 or 404.

use hearback_contract::{Operation, RequirementId};
use hearback_history::synthetic_ids;
use serde_json::Value;

use super::rejection::{Rejection, expect_rejection};
use super::requests::requested;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSendToUnknownRoomRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        let room = requested(call, "room").and_then(Value::as_str);
        let has_content = requested(call, "content").is_some();
        if call.is_authorized() && has_content && room.is_some_and(synthetic_ids::is_uuid) {
            let accepted = Rejection::OneOf(&[400, 403, 404]);
            let expected = "a message to a room that does not exist is rejected";
            expect_rejection(call, accepted, "messages.send room", expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{ANY, VALID_SEND, assert_responses};
    use crate::verdict::State::NotExercised;

    const RULE: &str = "message/send-to-unknown-room-refused";

    #[test]
    fn sends_to_unknown_rooms_are_rejected() {
        let unknown = r#"alice messages.send {"room": "NONE", "content": "a"}"#;
        assert_responses(RULE, unknown, ANY);
        assert_responses(RULE, VALID_SEND, &[("201 @message {\"id\": \"$m3\"}", NotExercised)]);
    }
}
