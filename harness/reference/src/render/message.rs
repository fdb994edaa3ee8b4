//! A message as REST shows it. Section *List Messages in Room*.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::chat::Chat;
use crate::clock::Timestamp;
use crate::directory::{User, UserId};
use crate::faults::Behaviour;
use crate::store::messages::Message;
use crate::words::MessageType;

/// The full message object.
#[derive(Debug, Serialize)]
pub(crate) struct MessageView {
    id: Uuid,
    room: Uuid,
    sender: Arc<User>,
    message_type: MessageType,
    content: String,
    attachment: Option<String>,
    attachment_name: String,
    attachment_size: Option<i64>,
    reply_to: Option<Answered>,
    created_at: Timestamp,
    modified_at: Timestamp,
    is_edited: bool,
    edited_at: Option<Timestamp>,
    is_deleted: bool,
    deleted_at: Option<Timestamp>,
    is_read: bool,
    read_count: usize,
    read_by: BTreeMap<UserId, Timestamp>,
}

/// The message that a reply answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answered {
    Id(Uuid),
    /// Only where the server is to show what was deleted.
    Embedded {
        id: Uuid,
        content: String,
    },
}

impl Answered {
    fn of(chat: &Chat, id: Uuid) -> Self {
        match chat.faults.epitaph(Behaviour::RepliesShowDeletedText, id) {
            None => Self::Id(id),
            Some(content) => Self::Embedded { id, content },
        }
    }
}

impl MessageView {
    /// Shows a message; `origin` is where the client reaches this server.
    pub(crate) fn of(chat: &Chat, origin: &str, message: Message) -> rusqlite::Result<Self> {
        let read_by = chat.store.readers(message.id)?;
        Ok(Self {
            id: message.id,
            room: message.room,
            sender: chat.directory.known(message.sender),
            message_type: message.message_type,
            content: chat
                .faults
                .epitaph(Behaviour::ShowsDeletedText, message.id)
                .unwrap_or(message.content),
            attachment: message
                .attachment_name
                .as_ref()
                .map(|_| format!("{origin}/media/{}/", message.id)),
            attachment_name: message.attachment_name.unwrap_or_default(),
            attachment_size: message.attachment_size,
            reply_to: message.reply_to.map(|id| Answered::of(chat, id)),
            created_at: message.created_at,
            modified_at: message.modified_at,
            is_edited: message.edited_at.is_some(),
            edited_at: message.edited_at,
            is_deleted: message.deleted_at.is_some(),
            deleted_at: message.deleted_at,
            is_read: !read_by.is_empty(),
            read_count: read_by.len(),
            read_by,
        })
    }
}
