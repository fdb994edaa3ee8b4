//! Faults of texts in any script; of the families `room` and `message`.

use hearback_contract::Operation::RoomsCreate;
use hearback_contract::RequirementId;
use hearback_reference::Refusal;
use hearback_reference::store::messages::Message;
use serde_json::json;

use crate::fault::{FaultSpec, row};

/// Number of characters or bytes of a preview.
const PREVIEW: usize = 100;

/// Number of bytes or UTF-16 units that a content may have.
const MAXIMUM: usize = 10_000;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "room/preview-cuts-characters",
        RequirementId::RoomPreviewWholeCharacters,
        "Previews end after 100 code points.",
        |fault| fault.rendering.preview = Some(|_, _, text| text.chars().take(PREVIEW).collect()),
    ),
    row(
        "room/preview-cuts-bytes",
        RequirementId::RoomPreviewWholeCharacters,
        "Previews end after 100 bytes, with replacement characters.",
        |fault| {
            fault.rendering.preview = Some(|_, _, text| {
                let bytes = text.as_bytes();
                String::from_utf8_lossy(bytes.get(..PREVIEW).unwrap_or(bytes)).into_owned()
            });
        },
    ),
    row(
        "room/composes-names",
        RequirementId::RoomNameIntact,
        "Decomposed characters in names of rooms are composed.",
        |fault| {
            fault.rewrite_requests(&[RoomsCreate], |request| {
                let name = composed(request.text("name"));
                if request.body.get("name").is_some_and(|name| name.is_string()) {
                    request.body["name"] = json!(name);
                }
            });
        },
    ),
    row(
        "message/composes-characters",
        RequirementId::MessageContentIntact,
        "Decomposed characters in the content are composed.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                let message = base.compose(message);
                Message { content: composed(&message.content), ..message }
            });
        },
    ),
    row(
        "message/counts-bytes",
        RequirementId::MessageLengthInCharacters,
        "Content of more than 10,000 bytes is rejected.",
        |fault| {
            fault.validation.check_content = Some(|base, _, content| {
                if content.text.len() > MAXIMUM {
                    return Err(Refusal::invalid("`content` is too long."));
                }
                base.check_content(content)
            });
        },
    ),
    row(
        "message/counts-utf16-units",
        RequirementId::MessageLengthInCharacters,
        "Content of more than 10,000 UTF-16 units is rejected.",
        |fault| {
            fault.validation.check_content = Some(|base, _, content| {
                if content.text.encode_utf16().count() > MAXIMUM {
                    return Err(Refusal::invalid("`content` is too long."));
                }
                base.check_content(content)
            });
        },
    ),
];

/// The text with the letters that scenarios use composed.
fn composed(text: &str) -> String {
    text.replace("e\u{301}", "é").replace("o\u{308}", "ö")
}
