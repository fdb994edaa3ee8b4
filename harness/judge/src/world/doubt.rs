//! Messages of which less is known than it seems.

use std::collections::{HashMap, HashSet};

use hearback_contract::Operation;
use hearback_history::{Call, History};
use serde_json::Value;

use super::World;
use super::message::Origin;

/// Ids of messages whose fields may rightly be others than what was asked for: edited or deleted without
/// right or without text, with fields smuggled in, or of a text that was sent more than once.
pub(super) fn in_doubt(world: &World<'_>, history: &History) -> HashSet<String> {
    let mut doubtful = HashSet::new();
    let mut texts: HashMap<(&str, &str), u32> = HashMap::new();
    for send in &world.socket_sends {
        *texts.entry((&send.connection.room, send.text)).or_default() += 1;
    }
    for call in &history.calls {
        match call.operation() {
            Some(Operation::MessagesSend) => {
                let field = |name| call.request.as_ref()?.get(name)?.as_str();
                if let (Some(room), Some(content)) = (field("room"), field("content")) {
                    *texts.entry((room, content)).or_default() += 1;
                }
            }
            Some(Operation::MessagesEdit | Operation::MessagesDelete) if call.maybe_done() => {
                let is_edit = call.operation() == Some(Operation::MessagesEdit);
                if !call.is_authorized() || is_edit && !is_plain(call, &["content"]) {
                    doubtful.extend(call.subject().map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    for message in world.messages.values() {
        let is_doubtful = match message.origin {
            Origin::Rest(call) => {
                let fields = ["room", "content", "message_type", "reply_to", "attachment"];
                !is_plain(call, &fields)
            }
            Origin::Socket(..) => message.versions.first().is_none_or(|version| {
                texts.get(&(message.room.as_str(), version.content)).is_some_and(|sent| *sent > 1)
            }),
        };
        if is_doubtful {
            doubtful.insert(message.id.clone());
        }
    }
    doubtful
}

/// Whether the request's fields are among `fields` and its content, if any, is text.
fn is_plain(call: &Call, fields: &[&str]) -> bool {
    call.request.as_ref().and_then(Value::as_object).is_some_and(|request| {
        request.keys().all(|name| fields.contains(&name.as_str()))
            && request.get("content").is_none_or(Value::is_string)
    })
}
