//! Faults of what is taken and what is refused.

use hearback_contract::Operation::{
    MessagesEdit, MessagesList, MessagesSearch, MessagesSend, ParticipantsAdd, ParticipantsMute,
    ParticipantsRemove, RoomsCreate,
};
use serde_json::{Value, json};

use super::{FaultSpec, misread, row};
use crate::faults::request::{Asked, Misreading};
use crate::fields::parse_uuid;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "input/edits-are-short",
        "input/valid-accepted",
        "Edits of more than 255 characters are called invalid.",
        misread(
            MessagesEdit,
            Misreading::Answers(|asked| asked.text("content").chars().count() > 255, 400),
        ),
    ),
    row(
        "input/no-single-newest",
        "input/valid-accepted",
        "Pages of one message, the newest first, are called invalid.",
        misread(
            MessagesList,
            Misreading::Answers(
                |asked| {
                    asked.query("page_size") == Some("1")
                        && asked.query("ordering") == Some("-created_at")
                },
                400,
            ),
        ),
    ),
    row(
        "input/objects-become-text",
        "input/invalid-body-refused",
        "An object is taken for content, as its JSON.",
        misread(MessagesSend, Misreading::Rewrites(object_to_text)),
    ),
    row(
        "input/skips-odd-participants",
        "input/invalid-body-refused",
        "Participants of a new room whose ids are no numbers are passed over.",
        misread(RoomsCreate, Misreading::Rewrites(keep_numbers)),
    ),
    row(
        "input/any-word-mutes",
        "input/invalid-body-refused",
        "Any word is taken for true where notifications are muted.",
        misread(ParticipantsMute, Misreading::Rewrites(word_to_true)),
    ),
    row(
        "input/odd-room-is-every-room",
        "input/invalid-query-refused",
        "A search in a room whose id is no UUID searches everywhere.",
        misread(MessagesSearch, Misreading::Rewrites(forget_odd_room)),
    ),
    row(
        "input/removes-nobody",
        "input/malformed-id-refused",
        "Removing the participant of an id that is no number succeeds.",
        misread(
            ParticipantsRemove,
            Misreading::Answers(|asked| asked.id.parse::<f64>().is_err(), 200),
        ),
    ),
    row(
        "input/mutes-before-it-refuses",
        "input/refusal-changes-nothing",
        "A mute that is refused for its end is in force all the same.",
        misread(ParticipantsMute, Misreading::RefusesAndDoes(|asked| asked.forget("muted_until"))),
    ),
    row(
        "input/adds-before-it-refuses",
        "input/refusal-changes-nothing",
        "Who is added with an odd `is_admin` is in the room, although that is refused.",
        misread(ParticipantsAdd, Misreading::RefusesAndDoes(|asked| asked.forget("is_admin"))),
    ),
    row(
        "input/makes-rooms-that-it-refuses",
        "input/refusal-changes-nothing",
        "A room that is refused for one of its participants is there without them.",
        misread(RoomsCreate, Misreading::RefusesAndDoes(keep_numbers)),
    ),
];

fn object_to_text(asked: &mut Asked) {
    if let Some(content) = asked.body.get_mut("content").filter(|content| content.is_object()) {
        *content = json!(content.to_string());
    }
}

fn word_to_true(asked: &mut Asked) {
    if let Some(muted) = asked.body.get_mut("muted").filter(|muted| muted.is_string()) {
        *muted = json!(true);
    }
}

fn keep_numbers(asked: &mut Asked) {
    if let Some(Value::Array(ids)) = asked.body.get_mut("participant_ids") {
        ids.retain(Value::is_i64);
    }
}

fn forget_odd_room(asked: &mut Asked) {
    asked.query.retain(|(name, value)| name != "room" || parse_uuid(value).is_some());
}
