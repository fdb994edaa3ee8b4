//! Finding the sent frames that the specification does not allow.

use hearback_contract::{ClientEvent, MessageRef, schemas};
use hearback_history::{Connection, Frame, Payload, synthetic_ids};
use serde_json::Value;

use crate::model::Model;
use crate::model::invalid_frame::{HUGE, InvalidFrame, InvalidFrameKind, is_ambiguous};
use crate::strict_violations::strict_violation;

/// Every invalid frame, by connection and in order.
pub(super) fn invalid_frames<'h>(model: &Model<'h>) -> Vec<InvalidFrame<'h>> {
    let sent = model.sockets.all().flat_map(|listener| {
        let connection = listener.connection;
        listener.sent().map(move |frame| (connection, frame))
    });
    sent.filter_map(|(connection, frame)| {
        let kind = match classify(frame) {
            Err(kind) => kind,
            Ok(reference) if is_foreign(model, connection, reference?) => {
                InvalidFrameKind::ForeignReference
            }
            Ok(_) => return None,
        };
        Some(InvalidFrame { connection, frame, kind })
    })
    .collect()
}

/// Returns whether the message is of another room, or does not exist.
fn is_foreign(model: &Model<'_>, connection: &Connection, id: MessageRef<'_>) -> bool {
    match model.message(id) {
        Some(message) => message.room != connection.room,
        None => synthetic_ids::is_uuid(id.as_str()),
    }
}

/// The id of the message that a valid frame refers to, if it refers to one; the defect otherwise.
fn classify(frame: &Frame) -> Result<Option<MessageRef<'_>>, InvalidFrameKind> {
    let text = match &frame.body.payload {
        Payload::Text(text) if text.len() <= HUGE => text,
        _ => return Err(InvalidFrameKind::Hostile),
    };
    let event = match frame.json() {
        Some(event) if event.is_object() => event,
        None if is_ambiguous(text) => return Ok(None),
        _ => return Err(InvalidFrameKind::MalformedJson),
    };
    let kind = event.get("type").and_then(Value::as_str).ok_or(InvalidFrameKind::MissingType)?;
    let kind: ClientEvent = kind.parse().map_err(|_| InvalidFrameKind::UnknownType)?;
    let schema = schemas::client_event(kind);
    if !schema.is_valid(event) {
        let violations = schema.violations(event);
        let is_empty = matches!(&violations[..], [only] if only.keyword == "minLength");
        let is_missing =
            violations.iter().any(|schema_violation| schema_violation.keyword == "required");
        return match is_missing || strict_violation(schema, event).is_some() {
            true => Err(InvalidFrameKind::InvalidFields),
            false if is_empty => Err(InvalidFrameKind::EmptyMessage),
            // Some servers convert the value (lenient-values).
            false => Ok(None),
        };
    }
    let field = match kind {
        ClientEvent::ChatMessage => "reply_to",
        ClientEvent::ReadReceipt => "message_id",
        ClientEvent::Typing | ClientEvent::MarkRoomRead => return Ok(None),
    };
    Ok(event.get(field).and_then(MessageRef::from_json))
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn each_defect_is_recognized() {
        let cases = [
            (r#"raw {"type"#, Some(InvalidFrameKind::MalformedJson)),
            (r#"raw ["type"]"#, Some(InvalidFrameKind::MalformedJson)),
            (r#"raw {"type": "typing", "is_typing": NaN}"#, None),
            (r#"{"message": "a"}"#, Some(InvalidFrameKind::MissingType)),
            (r#"{"type": 7}"#, Some(InvalidFrameKind::MissingType)),
            (r#"{"type": "presence"}"#, Some(InvalidFrameKind::UnknownType)),
            (r#"{"type": "typing", "is_typing": "maybe"}"#, Some(InvalidFrameKind::InvalidFields)),
            (r#"{"type": "typing", "is_typing": "yes"}"#, None),
            (r#"{"type": "chat_message", "message": 42}"#, None),
            (r#"{"type": "read_receipt"}"#, Some(InvalidFrameKind::InvalidFields)),
            (
                r#"{"type": "chat_message", "message": "", "reply_to": 5}"#,
                Some(InvalidFrameKind::InvalidFields),
            ),
            (r#"{"type": "chat_message", "message": ""}"#, Some(InvalidFrameKind::EmptyMessage)),
            (
                r#"{"type": "chat_message", "message": "a", "reply_to": "NONE"}"#,
                Some(InvalidFrameKind::ForeignReference),
            ),
            (
                r#"{"type": "read_receipt", "message_id": "$m2"}"#,
                Some(InvalidFrameKind::ForeignReference),
            ),
            (r#"{"type": "read_receipt", "message_id": "$m1"}"#, None),
            (r#"{"type": "mark_room_read", "extra": 1}"#, None),
            ("binary abc", Some(InvalidFrameKind::Hostile)),
        ];
        for (frame, expected) in cases {
            let text = format!(
                r#"
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"}}
                alice messages.send {{"room": "$r2", "content": "a"}} => 201 @message {{"id": "$m2"}}
                bob@r1 open
                bob@r1 -> {frame}
                "#
            );
            let history = dsl::parse(&text.replace("NONE", &synthetic_ids::uuid(1))).unwrap();
            let model = Model::of(&history);
            let kinds: Vec<_> =
                model.invalid_frames.iter().map(|invalid_frames| invalid_frames.kind).collect();
            assert_eq!(kinds, Vec::from_iter(expected), "{frame}");
        }
    }
}
