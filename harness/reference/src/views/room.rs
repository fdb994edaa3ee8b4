//! Rooms. Section *Get Room Details*.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::ParticipantView;
use crate::chat::Chat;
use crate::message_type::MessageType;
use crate::refusal::Refusal;
use crate::room_type::RoomType;
use crate::store::messages::Message;
use crate::store::rooms::Room;
use crate::timestamp::Timestamp;
use crate::users::{User, UserId};

/// The full room object.
#[derive(Debug, Serialize)]
pub struct RoomView {
    id: Uuid,
    name: String,
    room_type: RoomType,
    task: Option<i64>,
    property: Option<i64>,
    created_at: Timestamp,
    modified_at: Timestamp,
    created_by: Arc<User>,
    is_active: bool,
    archived_at: Option<Timestamp>,
    participants: Vec<ParticipantView>,
    participant_count: usize,
    last_message: Option<LastMessage>,
    unread_count: i64,
    display_name: String,
}

/// The last message of a room, in six fields.
#[derive(Debug, Serialize)]
struct LastMessage {
    id: Uuid,
    sender: Arc<User>,
    content: String,
    message_type: MessageType,
    created_at: Timestamp,
    is_edited: bool,
}

impl LastMessage {
    fn of(chat: &Chat, message: Message) -> Self {
        Self {
            id: message.id,
            sender: chat.directory.known(message.sender),
            content: message.content,
            message_type: message.message_type,
            created_at: message.created_at,
            is_edited: message.edited_at.is_some(),
        }
    }
}

impl RoomView {
    /// The view that a viewer has of a room.
    ///
    /// # Errors
    ///
    /// [`Refusal::Internal`] if the database fails.
    pub fn of(chat: &Chat, viewer: UserId, room: Room) -> Result<Self, Refusal> {
        let rendering = &chat.rules.rendering;
        let participants = rendering.participants(&chat.store, room.id)?;
        let unread_count = participants
            .iter()
            .find(|participant| participant.user == viewer)
            .map_or(0, |participant| participant.unread_count);
        Ok(Self {
            display_name: chat.display_name(&room, viewer)?,
            last_message: rendering
                .last_message(&chat.store, room.id)?
                .map(|message| LastMessage::of(chat, message)),
            id: room.id,
            name: room.name,
            room_type: room.room_type,
            task: room.task,
            property: room.property,
            created_at: room.created_at,
            modified_at: room.modified_at,
            created_by: chat.directory.known(room.created_by),
            is_active: room.archived_at.is_none(),
            archived_at: room.archived_at,
            participant_count: participants.len(),
            participants: participants
                .into_iter()
                .map(|participant| ParticipantView::of(&chat.directory, participant))
                .collect(),
            unread_count,
        })
    }
}
