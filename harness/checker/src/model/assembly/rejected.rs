//! Rooms that show a message whose sending was rejected.

use ahash::AHashMap;
use hearback_contract::{Operation, RoomRef};
use hearback_history::History;
use serde_json::Value;

use crate::model::{Model, is_beginning};

/// Marks rooms whose preview shows a rejected text as rooms with messages of unknown origin: the target sent the
/// message all the same, and what its room shows afterwards is right.
pub(super) fn mark_rooms<'h>(model: &mut Model<'h>, history: &'h History) {
    let mut rejected: AHashMap<RoomRef<'h>, Vec<&'h str>> = AHashMap::new();
    for call in history.calls_of(Operation::MessagesSend).filter(|call| call.refused()) {
        let text = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
        if let Some((room, text)) = call.room_in_request().zip(text) {
            rejected.entry(room).or_default().push(text);
        }
    }
    if rejected.is_empty() {
        return;
    }
    let lists = history.calls_of(Operation::RoomsList).filter(|call| call.is_authorized());
    for item in lists.flat_map(|call| call.items().into_iter().flatten()) {
        let Some(id) = item.get("id").and_then(RoomRef::from_json) else { continue };
        let Some(texts) = rejected.get(&id) else { continue };
        let preview = item.get("last_message_preview").and_then(Value::as_str);
        let is_shown = preview.is_some_and(|preview| {
            !preview.trim().is_empty() && texts.iter().any(|text| is_beginning(preview, text))
        });
        if let Some(room) = model.rooms.get_mut(id.as_str()).filter(|_| is_shown) {
            room.has_foreign_messages = true;
        }
    }
}
