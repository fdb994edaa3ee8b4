//! Lookups in the database of a server, for readings.

use hearback_reference::store::messages::{Message, Ordering};
use hearback_reference::store::participants::Participant;
use hearback_reference::store::rooms::{Room, RoomFilter};
use hearback_reference::store::{Store, Window};
use hearback_reference::users::UserId;
use hearback_reference::{App, RoomType};
use rusqlite::Result;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The body of a refusal.
pub(super) fn refusal(detail: &str) -> Value {
    json!({ "error": "Refused", "detail": detail })
}

/// A view as JSON.
pub(super) fn json_of(view: impl Serialize) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

/// The current participant of a user in a room.
pub(super) fn member(store: &Store, room: Uuid, user: UserId) -> Option<Participant> {
    let participant = store.participant_of(room, user).ok()?;
    participant.filter(|participant| participant.left_at.is_none())
}

/// The direct room of two users that both are in and that is not archived.
pub(super) fn direct_room(app: &App, user: UserId, other: UserId) -> Option<Room> {
    let chat = app.chat();
    let filter = RoomFilter { room_type: Some(RoomType::Direct), include_archived: false };
    let mut rooms = chat.store.rooms_of(user, filter, Window::ALL).ok()?.into_iter();
    rooms.find(|room| member(&chat.store, room.id, other).is_some())
}

/// The newest message of a room that is not deleted.
pub(super) fn newest_kept(store: &Store, room: Uuid) -> Result<Option<Message>> {
    let newest_first = store.messages(room, Ordering::NewestFirst, Window::ALL)?;
    Ok(newest_first.into_iter().find(|message| message.deleted_at.is_none()))
}

/// One part of a list, and the length of the whole list.
pub(super) fn part<T>(items: Vec<T>, window: Window) -> (i64, Vec<T>) {
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(window.offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(window.limit).unwrap_or(usize::MAX);
    (count, items.into_iter().skip(skipped).take(taken).collect())
}

/// The objects of a response: those of a list, or the only one.
pub(super) fn objects(body: &mut Value) -> Vec<&mut Value> {
    if body.get("results").is_some() {
        return objects(&mut body["results"]);
    }
    match body {
        Value::Array(items) => items.iter_mut().collect(),
        other => vec![other],
    }
}
