//! Which documented event a frame is: the member `type` decides.

use std::str::FromStr;

use serde_json::Value;

use super::violation::shortened;
use crate::{ClientEvent, ServerEvent};

/// Most characters of an unknown type that are quoted.
const QUOTE_LENGTH: usize = 40;

/// Why a value is no documented event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DispatchError {
    /// An event is an object.
    #[error("the event is not an object")]
    NotAnObject,
    /// The discriminator is missing.
    #[error("the event has no `type`")]
    NoType,
    /// The discriminator is of another JSON type.
    #[error("`type` is not a string")]
    TypeNotAString,
    /// The discriminator is none of the documented words.
    #[error("unknown type `{name}` (documented: {documented})")]
    UnknownType {
        /// The `type`, shortened if long.
        name: String,
        /// The documented types, separated by commas.
        documented: String,
    },
}

/// The event that a frame from the server claims to be; it may still break its schema.
pub fn server_event_of(event: &Value) -> Result<ServerEvent, DispatchError> {
    event_of(event, ServerEvent::ALL.map(ServerEvent::id))
}

/// The event that a frame from a client claims to be; it may still break its schema.
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
        name: shortened(name, QUOTE_LENGTH),
        documented: documented.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_type_decides() {
        assert_eq!(server_event_of(&json!({ "type": "typing" })), Ok(ServerEvent::Typing));
        assert_eq!(client_event_of(&json!({ "type": "typing" })), Ok(ClientEvent::Typing));
    }

    #[test]
    fn each_error_says_what_is_wrong() {
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
    fn a_huge_type_is_shortened() {
        let error = server_event_of(&json!({ "type": "x".repeat(10_000) })).unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }
}
