//! Messages. Section *List Messages in Room*.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::chat::Chat;
use crate::message_type::MessageType;
use crate::store::messages::Message;
use crate::timestamp::Timestamp;
use crate::users::{User, UserId};

/// The full message object.
#[derive(Debug, Serialize)]
pub struct MessageView {
    id: Uuid,
    room: Uuid,
    sender: Arc<User>,
    message_type: MessageType,
    content: String,
    attachment: Option<String>,
    attachment_name: String,
    attachment_size: Option<i64>,
    reply_to: Option<Uuid>,
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

impl MessageView {
    /// The view of a message; `base_url` is the URL by which the client reached the server.
    ///
    /// # Errors
    ///
    /// The error of SQLite.
    pub fn of(chat: &Chat, base_url: &str, message: Message) -> rusqlite::Result<Self> {
        let message = chat.rules.rendering.message(message);
        let read_by = chat.store.readers(message.id)?;
        Ok(Self {
            id: message.id,
            room: message.room,
            sender: chat.directory.known(message.sender),
            message_type: message.message_type,
            content: message.content,
            attachment: message
                .attachment_name
                .as_ref()
                .map(|_| format!("{base_url}/media/{}/", message.id)),
            attachment_name: message.attachment_name.unwrap_or_default(),
            attachment_size: message.attachment_size,
            reply_to: message.reply_to,
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
