//! Rooms in the list of rooms. Section *List All Rooms*.

use serde::Serialize;
use uuid::Uuid;

use crate::chat::Chat;
use crate::refusal::Refusal;
use crate::room_type::RoomType;
use crate::store::rooms::Room;
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// A room in the list of rooms.
#[derive(Debug, Serialize)]
pub(crate) struct RoomSummary {
    id: Uuid,
    display_name: String,
    room_type: RoomType,
    is_active: bool,
    unread_count: i64,
    last_message_preview: String,
    last_message_time: Option<Timestamp>,
    participant_count: i64,
    modified_at: Timestamp,
}

impl RoomSummary {
    /// The summary of a room for a viewer.
    pub(crate) fn of(chat: &Chat, viewer: UserId, room: Room) -> Result<Self, Refusal> {
        let rendering = &chat.rules.rendering;
        let participant = chat.store.participant_of(room.id, viewer)?;
        let last = rendering.last_message(&chat.store, room.id)?;
        Ok(Self {
            id: room.id,
            display_name: chat.display_name(&room, viewer)?,
            room_type: room.room_type,
            is_active: room.archived_at.is_none(),
            unread_count: participant.map_or(0, |participant| participant.unread_count),
            last_message_preview: last
                .as_ref()
                .map(|message| rendering.preview(&message.content))
                .unwrap_or_default(),
            last_message_time: last.map(|message| message.created_at),
            participant_count: rendering.participant_count(&chat.store, room.id)?,
            modified_at: room.modified_at,
        })
    }
}
