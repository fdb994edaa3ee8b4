//! Commands below and beside the documented operations and events: files, other methods, and frames of RFC 6455.

use hearback_contract::Operation;
use hearback_history::Probe;
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, FileSource, Outgoing};
use serde_json::json;

use super::model::{Effect, Message};
use super::turn::Turn;

/// A picture of one pixel, which every server accepts.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4,
    0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50,
    0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45,
    0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

const NAMES: &[&str] = &[
    "photo.png",
    "Foto für Grüße.png",
    "фото.png",
    "写真 一.png",
    "a 'quoted' \"name\".png",
    "../up.png",
    "no extension",
    "👩‍🚀.png",
];

/// Frames that are not events.
const NO_EVENTS: &[&str] = &["{", "[]", "null", "{\"type\": \"wave\"}", "{\"type\": \"typing\"}"];

/// Frames after which the connection goes on.
const HARMLESS: [Probe; 2] = [Probe::Ping, Probe::Fragments];

/// Frames that end the connection.
const ENDING: [Probe; 5] =
    [Probe::Close, Probe::InvalidText, Probe::ReservedBit, Probe::ReservedOpcode, Probe::Unmasked];

pub(super) fn send_file(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let fields = json!({ "room": turn.room().id(), "content": turn.text() });
    let file = FileSource {
        name: NAMES[turn.below(NAMES.len())].to_owned(),
        content_type: "image/png".to_owned(),
        bytes: PICTURE.to_vec(),
    };
    let name = turn.model.fresh("f");
    let message = Message { has_file: true, ..Message::new(&name, turn.user) };
    let call = Call {
        form: Some((fields, file)),
        save: Some(name),
        ..Call::new(turn.name(), Operation::MessagesSend)
    };
    Some((Action::Call(call), Effect::Saved { room: turn.room, message }))
}

pub(super) fn fetch_file(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let messages = turn.room().messages.iter().enumerate();
    let with_files: Vec<_> = messages.filter(|(_, it)| it.has_file).map(|it| it.0).collect();
    let index = turn.choice(&with_files)?;
    let url = format!("{{{}.attachment}}", turn.room().messages[index].name);
    let actor = turn.name().to_owned();
    Some((Action::Fetch { actor, url, credential: None, expect: None }, Effect::Nothing))
}

/// A method that the specification does not mention, and that must not change anything.
pub(super) fn other_method(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let method = if turn.chance(2) { "HEAD" } else { "OPTIONS" }.to_owned();
    let (actor, room) = (turn.name().to_owned(), turn.room().id());
    let (operation, at, query) = match turn.below(4) {
        0 => (Operation::RoomsGet, Some(room), Vec::new()),
        1 => (Operation::RoomsMarkRead, Some(room), Vec::new()),
        2 => (Operation::RoomsLeave, Some(room), Vec::new()),
        _ => (Operation::MessagesList, None, vec![("room".to_owned(), json!(room))]),
    };
    Some((Action::Request { actor, method, operation, at, query }, Effect::Nothing))
}

pub(super) fn send_no_event(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, socket) = turn.open_socket()?;
    let text = NO_EVENTS[turn.below(NO_EVENTS.len())].to_owned();
    let frame = if turn.chance(3) { Outgoing::Binary(text) } else { Outgoing::Text(text) };
    Some((Action::Send { socket, frame }, Effect::Nothing))
}

pub(super) fn probe(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, socket) = turn.open_socket()?;
    let probe = HARMLESS[turn.below(HARMLESS.len())];
    Some((Action::Probe { socket, probe }, Effect::Nothing))
}

pub(super) fn break_socket(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (device, socket) = turn.open_socket()?;
    let probe = ENDING[turn.below(ENDING.len())];
    let effect = Effect::Disconnected { room: turn.room, user: turn.user, device };
    Some((Action::Probe { socket, probe }, effect))
}
