//! Readings of values in requests.

use hearback_contract::Operation::{MessagesEdit, MessagesSend, ParticipantsMute, RoomsCreate};
use hearback_contract::ReadingId;
use hearback_reference::Refusal;
use hearback_reference::rules::Content;
use hearback_reference::store::messages::Message;
use serde_json::json;

use super::lenient::{convert, forget};
use super::switch::{ReadingSwitch, row};
use crate::wire::{Received, RequestChange};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::LenientValuesConverted, convert),
    row(ReadingId::LenientValuesAbsent, forget),
    row(ReadingId::MissingFieldsDefault, |reading| {
        reading.rewrite_requests(&[RoomsCreate], |request| {
            if request.body.is_object() && !request.has("room_type") {
                request.body["room_type"] = json!("group");
            }
        });
        reading.rewrite_requests(&[ParticipantsMute], |request| {
            if request.body.is_object() && !request.has("muted") {
                request.body["muted"] = json!(true);
            }
        });
    }),
    row(ReadingId::AttachmentTypesPictures, |reading| {
        let is_other_file = |request: &Received| {
            let text = request.text.to_ascii_lowercase();
            text.contains("filename=") && !text.contains("content-type: image/")
        };
        reading.change_requests(MessagesSend, RequestChange::Respond(is_other_file, 400));
    }),
    row(ReadingId::ControlCharacters400, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            if content.text.chars().any(is_control) {
                return Err(Refusal::invalid("`content` contains control characters."));
            }
            base.check_content(content)
        });
    }),
    row(ReadingId::ControlCharactersRemoved, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            base.check_content(&Content { text: &without_controls(content.text), ..*content })
        });
        reading.storage.compose = Some(|base, _, message| {
            let content = without_controls(&message.content);
            base.compose(Message { content, ..message })
        });
        reading.rewrite_requests(&[MessagesEdit], |request| {
            if request.has("content") {
                request.body["content"] = match request.body["content"].as_str() {
                    Some(text) => json!(without_controls(text)),
                    None => request.body["content"].take(),
                };
            }
        });
    }),
];

/// A control character other than those that lay text out.
fn is_control(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

fn without_controls(text: &str) -> String {
    text.chars().filter(|letter| !is_control(*letter)).collect()
}
