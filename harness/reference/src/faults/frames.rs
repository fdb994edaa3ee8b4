//! Kinds of bad frames, for servers that fail to complain of one kind.

use hearback_contract::ClientEvent;
use serde_json::Value;

use super::{Behaviour, Faults};

/// What is wrong with a frame that a client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadInput {
    /// It is no JSON object.
    Json,
    /// It has no `type`, or one that is no string.
    Type,
    /// Its `type` is unknown.
    UnknownType,
    /// A field is missing or of the wrong type.
    Fields,
    /// Its text is blank.
    Blank,
    /// It names a message that is not of this room.
    Reference,
}

impl BadInput {
    /// What made the server refuse this frame.
    fn of(frame: &[u8]) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(frame) else { return Self::Json };
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let Some(name) = text("type") else { return Self::Type };
        let Ok(event) = name.parse::<ClientEvent>() else { return Self::UnknownType };
        let reference = |name| text(name).and_then(crate::fields::parse_uuid).is_some();
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

impl Faults {
    /// Whether the server is to say nothing about a frame that it refused.
    pub(crate) fn ignores(&self, frame: &[u8]) -> bool {
        !self.behaviours.is_empty() && self.has(Behaviour::Ignores(BadInput::of(frame)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart() {
        for (frame, expected) in [
            ("{", BadInput::Json),
            ("[]", BadInput::Json),
            ("{}", BadInput::Type),
            (r#"{"type": 5}"#, BadInput::Type),
            (r#"{"type": "x"}"#, BadInput::UnknownType),
            (r#"{"type": "typing"}"#, BadInput::Fields),
            (r#"{"type": "chat_message", "message": 5}"#, BadInput::Fields),
            (r#"{"type": "chat_message", "message": " "}"#, BadInput::Blank),
            (r#"{"type": "read_receipt", "message_id": "x"}"#, BadInput::Fields),
            (
                r#"{"type": "read_receipt", "message_id": "550e8400-e29b-41d4-a716-446655440000"}"#,
                BadInput::Reference,
            ),
        ] {
            assert_eq!(BadInput::of(frame.as_bytes()), expected, "{frame}");
        }
    }
}
