//! Rows of messages.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::message_type::MessageType;
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// A row of `messages`, with the name and size of its attachment. Section *ChatMessage*.
#[derive(Clone, Debug)]
pub struct Message {
    /// Id.
    pub id: Uuid,
    /// The room.
    pub room: Uuid,
    /// The sender.
    pub sender: UserId,
    /// Type.
    pub message_type: MessageType,
    /// Text; the placeholder if the message is deleted.
    pub content: String,
    /// The message that this one replies to.
    pub reply_to: Option<Uuid>,
    /// Time of sending; unique, so that it orders all messages.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub modified_at: Timestamp,
    /// Time of the last edit.
    pub edited_at: Option<Timestamp>,
    /// Time of the deletion.
    pub deleted_at: Option<Timestamp>,
    /// Name of the attachment.
    pub attachment_name: Option<String>,
    /// Size of the attachment, in bytes.
    pub attachment_size: Option<i64>,
}

/// Order of a list of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// `created_at`.
    OldestFirst,
    /// `-created_at`.
    NewestFirst,
}

pub(super) const SELECT: &str = "SELECT messages.id, messages.room, sender, message_type, content, reply_to, \
     created_at, modified_at, edited_at, deleted_at, attachments.name, attachments.size \
     FROM messages LEFT JOIN attachments ON attachments.message = messages.id";

pub(super) fn read(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        room: row.get(1)?,
        sender: row.get(2)?,
        message_type: row.get(3)?,
        content: row.get(4)?,
        reply_to: row.get(5)?,
        created_at: row.get(6)?,
        modified_at: row.get(7)?,
        edited_at: row.get(8)?,
        deleted_at: row.get(9)?,
        attachment_name: row.get(10)?,
        attachment_size: row.get(11)?,
    })
}

impl Store {
    /// Inserts a message, which counts as seen by its sender.
    pub fn add_message(&self, message: &Message) -> Result<()> {
        self.execute(
            "INSERT INTO messages
                 (id, room, sender, message_type, content, reply_to, created_at, modified_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                message.id,
                message.room,
                message.sender,
                message.message_type,
                message.content,
                message.reply_to,
                message.created_at,
                message.modified_at
            ],
        )?;
        self.execute(
            "UPDATE rooms SET message_count = message_count + 1, modified_at = ? WHERE id = ?",
            params![message.created_at, message.room],
        )?;
        self.execute(
            "UPDATE participants SET seen = seen + 1 WHERE room = ? AND user = ?",
            params![message.room, message.sender],
        )?;
        Ok(())
    }

    /// The message with this id.
    pub fn message(&self, id: Uuid) -> Result<Option<Message>> {
        self.one(&format!("{SELECT} WHERE messages.id = ?"), [id], read)
    }

    /// The newest message of a room.
    pub fn last_message(&self, room: Uuid) -> Result<Option<Message>> {
        let window = Window { offset: 0, limit: 1 };
        Ok(self.messages(room, Ordering::NewestFirst, window)?.pop())
    }

    /// The messages of a room.
    pub fn messages(&self, room: Uuid, ordering: Ordering, window: Window) -> Result<Vec<Message>> {
        let direction = match ordering {
            Ordering::OldestFirst => "ASC",
            Ordering::NewestFirst => "DESC",
        };
        self.query(
            &format!(
                "{SELECT} WHERE messages.room = ? ORDER BY created_at {direction} LIMIT ? OFFSET ?"
            ),
            params![room, window.limit, window.offset],
            read,
        )
    }

    /// Replaces the content of a message.
    pub fn edit_message(&self, id: Uuid, content: &str, now: Timestamp) -> Result<()> {
        self.execute(
            "UPDATE messages SET content = :content, edited_at = :now, modified_at = :now
             WHERE id = :id",
            named_params! { ":content": content, ":now": now, ":id": id },
        )?;
        Ok(())
    }

    /// Replaces the content with the placeholder, deletes the attachment, and marks the message as
    /// seen by everyone.
    pub fn delete_message(
        &self,
        message: &Message,
        placeholder: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.execute("DELETE FROM attachments WHERE message = ?", [message.id])?;
        self.execute(
            "UPDATE participants SET seen = seen + 1
             WHERE room = :room AND user <> :sender AND joined_at < :created_at
               AND NOT EXISTS (SELECT 1 FROM receipts
                               WHERE message = :id AND reader = participants.user)",
            named_params! {
                ":room": message.room,
                ":sender": message.sender,
                ":created_at": message.created_at,
                ":id": message.id,
            },
        )?;
        self.execute(
            "UPDATE messages SET content = :placeholder, deleted_at = :now, modified_at = :now
             WHERE id = :id",
            named_params! { ":placeholder": placeholder, ":now": now, ":id": message.id },
        )?;
        Ok(())
    }
}
