//! Messages whose fields a conforming server may show differently than requested.

use ahash::AHashSet;
use hearback_contract::{MessageId, MessageRef, Operation};
use hearback_history::{Call, History};
use serde_json::Value;

use crate::model::Model;
use crate::model::message::Origin;

/// Ids of messages that were edited or deleted without permission, edited or sent with undocumented
/// fields or content types or without text, or whose text was sent more than once.
pub(super) fn ambiguous_ids(model: &Model<'_>, history: &History) -> AHashSet<MessageId> {
    let mut ambiguous = AHashSet::new();
    let alike = model.socket_sends.iter().filter(|send| !send.is_distinct);
    ambiguous.extend(alike.filter_map(|send| send.id.clone()));
    for call in &history.calls {
        match call.operation() {
            Some(Operation::MessagesEdit | Operation::MessagesDelete) if call.maybe_done() => {
                let is_edit = call.operation() == Some(Operation::MessagesEdit);
                if !call.is_authorized() || is_edit && !is_plain(call, &["content"]) {
                    ambiguous.extend(call.message_in_path().map(MessageRef::to_id));
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

/// Returns whether the request is declared as JSON or a form, has no other than these fields, and its content, if
/// present, is text.
fn is_plain(call: &Call, fields: &[&str]) -> bool {
    let request = call.request.as_ref().filter(|_| call.has_documented_type());
    request.and_then(Value::as_object).is_some_and(|request| {
        request.keys().all(|name| fields.contains(&name.as_str()))
            && request.get("content").is_none_or(Value::is_string)
    })
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn a_message_is_ambiguous_if_others_may_have_changed_it() {
        let send = |fields: &str| {
            format!(
                r#"alice messages.send {{"room": "$r1", "content": "a"{fields}}} => 201 @message {{"id": "$m1", "room": "$r1"}}"#
            )
        };
        let edit = |who: &str, body: &str, status: u16| {
            format!("{}\n{who} messages.edit $m1 {body} => {status} @message", send(""))
        };
        let cases = [
            (send(""), false),
            (send(r#", "reply_to": "$m0""#), false),
            (send(r#", "sender": 2"#), true),
            (edit("alice", r#"{"content": "b"}"#, 200), false),
            (edit("alice", r#"{"content": "b", "sender": 2}"#, 200), true),
            (edit("alice", r#"{"content": 5}"#, 200), true),
            (edit("alice", r#"{"content": 5}"#, 400), false),
            (edit("alice", r#"as:text/plain {"content": "b"}"#, 200), true),
            (edit("alice[tampered]", r#"{"content": "b"}"#, 200), true),
            (edit("alice[tampered]", r#"{"content": "b"}"#, 401), false),
        ];
        for (lines, expected) in cases {
            let history = dsl::parse(&format!(
                r#"alice rooms.create {{"room_type": "group"}} => 201 @room {{"id": "$r1"}}
                {lines}"#
            ))
            .unwrap();
            let model = Model::of(&history);
            assert_eq!(
                model.is_ambiguous(&model.messages[dsl::id("m1").as_str()]),
                expected,
                "{lines}"
            );
        }
    }

    #[test]
    fn messages_by_socket_with_the_same_text_are_ambiguous() {
        let sent = r#"alice@r1 -> {"type": "chat_message", "message": "a"}"#;
        let received = r#"alice@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1", "content": "a", "sender": {"id": 1}}}"#;
        for (lines, expected) in [(vec![sent], false), (vec![sent, sent], true)] {
            let history =
                dsl::parse(&format!("alice@r1 open\n{}\n{received}", lines.join("\n"))).unwrap();
            let model = Model::of(&history);
            assert_eq!(
                model.is_ambiguous(&model.messages[dsl::id("m1").as_str()]),
                expected,
                "{lines:?}"
            );
        }
    }
}
