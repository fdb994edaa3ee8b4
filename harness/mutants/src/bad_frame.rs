//! Kinds of bad frames.

use hearback_contract::ClientEvent;
use hearback_reference::input::parse_uuid;
use serde_json::Value;

/// The problem of a frame from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadFrame {
    /// It is not a JSON object.
    Json,
    /// Its `type` is missing or not a string.
    Type,
    /// Its `type` is unknown.
    UnknownType,
    /// A field is missing or of the wrong type.
    Fields,
    /// Its text is blank.
    Blank,
    /// It refers to a message that is not in this room.
    Reference,
}

impl BadFrame {
    /// The problem of a frame that the server rejected.
    pub(crate) fn of(frame: &[u8]) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(frame) else { return Self::Json };
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let Some(name) = text("type") else { return Self::Type };
        let Ok(event) = name.parse::<ClientEvent>() else { return Self::UnknownType };
        let reference = |name| text(name).and_then(parse_uuid).is_some();
        match event {
            ClientEvent::ChatMessage if text("message").is_some_and(|it| it.trim().is_empty()) => {
                Self::Blank
            }
            ClientEvent::ChatMessage if text("message").is_some() && reference("reply_to") => {
                Self::Reference
            }
            ClientEvent::ReadReceipt if reference("message_id") => Self::Reference,
            _ => Self::Fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_distinguished() {
        for (frame, expected) in [
            ("{", BadFrame::Json),
            ("[]", BadFrame::Json),
            ("{}", BadFrame::Type),
            (r#"{"type": 5}"#, BadFrame::Type),
            (r#"{"type": "x"}"#, BadFrame::UnknownType),
            (r#"{"type": "typing"}"#, BadFrame::Fields),
            (r#"{"type": "chat_message", "message": 5}"#, BadFrame::Fields),
            (r#"{"type": "chat_message", "message": " "}"#, BadFrame::Blank),
            (r#"{"type": "read_receipt", "message_id": "x"}"#, BadFrame::Fields),
            (
                r#"{"type": "read_receipt", "message_id": "550e8400-e29b-41d4-a716-446655440000"}"#,
                BadFrame::Reference,
            ),
        ] {
            assert_eq!(BadFrame::of(frame.as_bytes()), expected, "{frame}");
        }
    }
}
