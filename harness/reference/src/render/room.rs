//! A room, in full, in the list, and in numbers. Sections *Get Room Details*, *List All Rooms* and *Get
//! Room Statistics*.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::ParticipantView;
use crate::chat::{Chat, Membership};
use crate::clock::Timestamp;
use crate::directory::{User, UserId};
use crate::faults::{Behaviour, foreign};
use crate::refusal::Refusal;
use crate::store::EVERYTHING;
use crate::store::messages::Message;
use crate::store::rooms::Room;
use crate::words::{MessageType, RoomType};

/// Characters of the last message that a list shows.
const PREVIEW: usize = 100;

/// The full room object.
#[derive(Debug, Serialize)]
pub(crate) struct RoomView {
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

/// The six fields of a message that a room shows.
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
    /// Shows a room to one of its members.
    pub(crate) fn of(chat: &Chat, viewer: UserId, room: Room) -> Result<Self, Refusal> {
        let mut participants = chat.store.participants(room.id, EVERYTHING)?;
        if chat.faults.has(Behaviour::LeaversStayListed) {
            participants.extend(foreign::leavers(chat, room.id)?);
        }
        let unread_count = participants
            .iter()
            .find(|participant| participant.user == viewer)
            .map_or(0, |participant| participant.unread_count);
        Ok(Self {
            display_name: chat.display_name(&room, viewer)?,
            last_message: last_message(chat, room.id)?
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

fn last_message(chat: &Chat, room: Uuid) -> rusqlite::Result<Option<Message>> {
    let mut last = chat.store.last_message(room)?;
    if let Some(message) = &mut last
        && let Some(text) = chat.faults.epitaph(Behaviour::PreviewsDeletedText, message.id)
    {
        message.content = text;
    }
    Ok(last)
}

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
    /// Sums a room up for one of its members.
    pub(crate) fn of(chat: &Chat, viewer: UserId, room: Room) -> Result<Self, Refusal> {
        let Membership { participant, .. } = chat.membership(viewer, room.id)?;
        let last = last_message(chat, room.id)?;
        Ok(Self {
            id: room.id,
            display_name: chat.display_name(&room, viewer)?,
            room_type: room.room_type,
            is_active: room.archived_at.is_none(),
            unread_count: participant.unread_count,
            last_message_preview: last
                .as_ref()
                .map(|message| message.content.chars().take(PREVIEW).collect())
                .unwrap_or_default(),
            last_message_time: last.map(|message| message.created_at),
            participant_count: chat.store.count_participants(room.id)? + chat.faults.drift(room.id),
            modified_at: room.modified_at,
        })
    }
}

/// A room in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct StatsView {
    message_count: i64,
    participant_count: i64,
    unread_count: i64,
    last_message_at: Option<Timestamp>,
}

impl StatsView {
    /// Counts what a member sees of a room.
    pub(crate) fn of(chat: &Chat, membership: &Membership) -> rusqlite::Result<Self> {
        let room = &membership.room;
        Ok(Self {
            message_count: room.message_count,
            participant_count: chat.store.count_participants(room.id)? + chat.faults.drift(room.id),
            unread_count: membership.participant.unread_count,
            last_message_at: chat.store.last_message(room.id)?.map(|message| message.created_at),
        })
    }
}
