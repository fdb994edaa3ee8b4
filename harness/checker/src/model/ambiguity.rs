//! Messages whose fields a conforming server may show differently than requested.

use ahash::AHashSet;
use hearback_contract::Operation;
use hearback_history::{Call, History};
use serde_json::Value;

use super::Model;
use super::message::Origin;

/// Ids of messages that were edited or deleted without permission, edited or sent with undocumented
/// fields or without text, or whose text was sent more than once.
pub(super) fn ambiguous_ids(model: &Model<'_>, history: &History) -> AHashSet<String> {
    let mut ambiguous = AHashSet::new();
    let alike = model.socket_sends.iter().filter(|send| !send.is_distinct);
    ambiguous.extend(alike.filter_map(|send| send.id.clone()));
    for call in &history.calls {
        match call.operation() {
            Some(Operation::MessagesEdit | Operation::MessagesDelete) if call.maybe_done() => {
                let is_edit = call.operation() == Some(Operation::MessagesEdit);
                if !call.is_authorized() || is_edit && !is_plain(call, &["content"]) {
                    ambiguous.extend(call.subject().map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    for message in model.messages.values() {
        let fields = ["room", "content", "message_type", "reply_to", "attachment"];
        if matches!(message.origin, Origin::Rest(call) if !is_plain(call, &fields)) {
            ambiguous.insert(message.id.clone());
        }
    }
    ambiguous
}

/// Whether the request has no other than these fields, and its content, if present, is text.
fn is_plain(call: &Call, fields: &[&str]) -> bool {
    call.request.as_ref().and_then(Value::as_object).is_some_and(|request| {
        request.keys().all(|name| fields.contains(&name.as_str()))
            && request.get("content").is_none_or(Value::is_string)
    })
}
