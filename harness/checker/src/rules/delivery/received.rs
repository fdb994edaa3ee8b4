//! Messages that sockets received.

use serde_json::Value;

use crate::model::{Message, ReceivedMessage};
use crate::rule::RuleInput;

/// The message that was received, if this run sent it.
pub(super) fn sent_message<'h>(
    input: RuleInput<'h>,
    received: &ReceivedMessage<'h>,
) -> Option<&'h Message<'h>> {
    input.model.messages.get_index(received.message?).map(|(_, message)| message)
}

/// The content of a message object; empty if it is absent or mistyped.
pub(super) fn content(message: &Value) -> &str {
    message.get("content").and_then(Value::as_str).unwrap_or_default()
}
