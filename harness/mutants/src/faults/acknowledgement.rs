//! Responses to requests that send a message.

use hearback_reference::App;
use hearback_reference::input::parse_uuid;
use hearback_reference::timestamp::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::memory::Memory;
use crate::wire::Exchange;

/// Replaces the id of a new message with that of the previous message in its room.
pub(super) fn replace_id_with_previous(_: &App, memory: &Memory, exchange: &mut Exchange) {
    let message = &mut exchange.body;
    let id = message["id"].as_str().unwrap_or_default().to_owned();
    let room = message["room"].as_str().and_then(parse_uuid);
    if let Some(previous) = room.and_then(|room| memory.previous.set(room, id)) {
        message["id"] = json!(previous);
    }
}

/// Acknowledges a message to a room that does not exist.
pub(super) fn acknowledge_unknown_room(app: &App, _: &Memory, exchange: &mut Exchange) {
    let request = exchange.request_json();
    let room = request["room"].as_str().and_then(parse_uuid);
    let exists = room.is_none_or(|room| !matches!(app.chat().store.room(room), Ok(None)));
    let Some(sender) = exchange.caller(app).filter(|_| !exists) else { return };
    let now = Timestamp::now();
    exchange.replace(
        201,
        json!({
            "id": Uuid::new_v4(), "room": room, "sender": *sender, "message_type": "text",
            "content": request["content"], "attachment": null, "attachment_name": "",
            "attachment_size": null, "reply_to": null, "created_at": now, "modified_at": now,
            "is_edited": false, "edited_at": null, "is_deleted": false, "deleted_at": null,
            "is_read": false, "read_count": 0, "read_by": {},
        }),
    );
}
