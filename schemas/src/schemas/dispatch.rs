//! Identifies the documented event of a frame by its member `type`.

use std::str::FromStr;

use serde_json::Value;

use super::violation::truncated;
use crate::{ClientEvent, ServerEvent};

/// Maximum length of a quoted unknown type, in characters.
const QUOTE_LENGTH: usize = 40;

/// The reason why a value is not a documented event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DispatchError {
    /// The value is not an object.
    #[error("the event is not an object")]
    NotAnObject,
    /// `type` is missing.
    #[error("the event has no `type`")]
    NoType,
    /// `type` has another JSON type.
    #[error("`type` is not a string")]
    TypeNotAString,
    /// `type` is not a documented word.
    #[error("unknown type `{name}` (documented: {documented})")]
    UnknownType {
        /// The value of `type`, truncated if long.
        name: String,
        /// The documented types, separated by commas.
        documented: String,
    },
}

/// The event that `type` names in a frame from the server; the frame may still violate its schema.
pub fn server_event_of(event: &Value) -> Result<ServerEvent, DispatchError> {
    event_of(event, ServerEvent::ALL.map(ServerEvent::id))
}

/// The event that `type` names in a frame from a client; the frame may still violate its schema.
pub fn client_event_of(event: &Value) -> Result<ClientEvent, DispatchError> {
    event_of(event, ClientEvent::ALL.map(ClientEvent::id))
}

fn event_of<Event: FromStr, const N: usize>(
    event: &Value,
    documented: [&str; N],
) -> Result<Event, DispatchError> {
    let members = event.as_object().ok_or(DispatchError::NotAnObject)?;
    let discriminator = members.get("type").ok_or(DispatchError::NoType)?;
    let name = discriminator.as_str().ok_or(DispatchError::TypeNotAString)?;
    name.parse().map_err(|_| DispatchError::UnknownType {
        name: truncated(name, QUOTE_LENGTH),
        documented: documented.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_type_selects_the_event() {
        assert_eq!(server_event_of(&json!({ "type": "typing" })), Ok(ServerEvent::Typing));
        assert_eq!(client_event_of(&json!({ "type": "typing" })), Ok(ClientEvent::Typing));
    }

    #[test]
    fn errors_name_the_defect() {
        let cases = [
            (json!([]), "the event is not an object"),
            (json!({ "message": "Hi" }), "the event has no `type`"),
            (json!({ "type": null }), "`type` is not a string"),
            (
                json!({ "type": "room_marked_read" }),
                "unknown type `room_marked_read` (documented: chat_message, typing, read_receipt, \
                 mark_room_read)",
            ),
        ];
        for (event, message) in cases {
            assert_eq!(client_event_of(&event).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn long_types_are_truncated() {
        let error = server_event_of(&json!({ "type": "x".repeat(10_000) })).unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }
}
