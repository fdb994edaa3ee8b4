//! Readings of rooms without messages.

use hearback_contract::Operation::{RoomsList, RoomsStats};
use hearback_contract::ReadingId;
use hearback_reference::App;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lookup::objects;
use super::switch::{ReadingSwitch, row};
use crate::edit::Edit;
use crate::wire::{Change, When};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::EmptyRoomPreviewNull, |reading| {
        reading.edit_responses(
            &[RoomsList],
            Edit::Map(&["/results/*"], |room| {
                if room["last_message_time"].is_null() {
                    room["last_message_preview"] = Value::Null;
                }
            }),
        );
    }),
    row(ReadingId::EmptyRoomPreviewText, |reading| {
        reading.edit_responses(
            &[RoomsList],
            Edit::Map(&["/results/*"], |room| {
                if room["last_message_time"].is_null() {
                    room["last_message_preview"] = json!("No messages yet");
                }
            }),
        );
    }),
    row(ReadingId::EmptyRoomTimeRoom, |reading| {
        reading.change_responses(
            &[RoomsList],
            When::Success,
            Change::With(|app, _, exchange| {
                for room in objects(&mut exchange.body) {
                    let id = room["id"].as_str().and_then(|id| id.parse().ok());
                    if let Some(id) = id.filter(|_| room["last_message_time"].is_null()) {
                        room["last_message_time"] = created_at(app, id);
                    }
                }
            }),
        );
        reading.change_responses(
            &[RoomsStats],
            When::Success,
            Change::With(|app, _, exchange| {
                let Some(id) = exchange.received().id_in_path() else { return };
                if exchange.body["last_message_at"].is_null() {
                    exchange.body["last_message_at"] = created_at(app, id);
                }
            }),
        );
    }),
];

/// The time when a room was created; null if the room does not exist.
fn created_at(app: &App, room: Uuid) -> Value {
    let room = app.chat().store.room(room).ok().flatten();
    json!(room.map(|room| room.created_at))
}
