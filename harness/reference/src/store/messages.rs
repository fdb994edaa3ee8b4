//! Messages.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::clock::Timestamp;
use crate::directory::UserId;
use crate::words::MessageType;

/// A row of `messages`, with what is known of its attachment. Section *ChatMessage*.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) room: Uuid,
    pub(crate) sender: UserId,
    pub(crate) message_type: MessageType,
    pub(crate) content: String,
    pub(crate) reply_to: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) attachment_name: Option<String>,
    pub(crate) attachment_size: Option<i64>,
}

/// Which way a list of messages runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ordering {
    /// `created_at`.
    OldestFirst,
    /// `-created_at`.
    NewestFirst,
}

/// Whose messages are searched for what. Section *Search Messages*.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    /// Who searches: only rooms that they are in.
    pub(crate) user: UserId,
    /// Only this room.
    pub(crate) room: Option<Uuid>,
    /// What the content contains, ignoring ASCII case.
    pub(crate) text: &'a str,
}

const SELECT: &str = "SELECT messages.id, messages.room, sender, message_type, content, reply_to, \
     created_at, modified_at, edited_at, deleted_at, attachments.name, attachments.size \
     FROM messages LEFT JOIN attachments ON attachments.message = messages.id";

// Not LIKE: that ends at U+0000 and gives meaning to `%` and `_`.
const FOUND: &str = "WHERE messages.room IN
         (SELECT room FROM participants WHERE user = :user AND left_at IS NULL)
     AND (:room IS NULL OR messages.room = :room)
     AND deleted_at IS NULL AND instr(lower(content), lower(:text)) > 0";

fn read(row: &Row<'_>) -> Result<Message> {
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
    /// Adds a message, which is seen by its sender.
    pub(crate) fn add_message(&self, message: &Message) -> Result<()> {
        self.run(
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
        self.run(
            "UPDATE rooms SET message_count = message_count + 1, modified_at = ? WHERE id = ?",
            params![message.created_at, message.room],
        )?;
        self.run(
            "UPDATE participants SET seen = seen + 1 WHERE room = ? AND user = ?",
            params![message.room, message.sender],
        )?;
        Ok(())
    }

    /// The message with this id.
    pub(crate) fn message(&self, id: Uuid) -> Result<Option<Message>> {
        self.one(&format!("{SELECT} WHERE messages.id = ?"), [id], read)
    }

    /// The newest message of a room.
    pub(crate) fn last_message(&self, room: Uuid) -> Result<Option<Message>> {
        let window = Window { offset: 0, limit: 1 };
        Ok(self.messages(room, Ordering::NewestFirst, window)?.pop())
    }

    /// Messages of a room.
    pub(crate) fn messages(
        &self,
        room: Uuid,
        ordering: Ordering,
        window: Window,
    ) -> Result<Vec<Message>> {
        let direction = match ordering {
            Ordering::OldestFirst => "ASC",
            Ordering::NewestFirst => "DESC",
        };
        self.many(
            &format!(
                "{SELECT} WHERE messages.room = ? ORDER BY created_at {direction} LIMIT ? OFFSET ?"
            ),
            params![room, window.limit, window.offset],
            read,
        )
    }

    /// Messages that contain a text, newest first.
    pub(crate) fn search(&self, search: Search<'_>, window: Window) -> Result<Vec<Message>> {
        self.many(
            &format!("{SELECT} {FOUND} ORDER BY created_at DESC LIMIT :limit OFFSET :offset"),
            named_params! {
                ":user": search.user,
                ":room": search.room,
                ":text": search.text,
                ":limit": window.limit,
                ":offset": window.offset,
            },
            read,
        )
    }

    /// How many messages [`Store::search`] has in all.
    pub(crate) fn count_found(&self, search: Search<'_>) -> Result<i64> {
        self.count(
            &format!("SELECT count(*) FROM messages {FOUND}"),
            named_params! { ":user": search.user, ":room": search.room, ":text": search.text },
        )
    }

    /// Replaces the content of a message.
    pub(crate) fn edit_message(&self, id: Uuid, content: &str, now: Timestamp) -> Result<()> {
        self.run(
            "UPDATE messages SET content = :content, edited_at = :now, modified_at = :now
             WHERE id = :id",
            named_params! { ":content": content, ":now": now, ":id": id },
        )?;
        Ok(())
    }

    /// Replaces the content by the placeholder, drops the attachment, and takes the message from what
    /// others have unread.
    pub(crate) fn delete_message(
        &self,
        message: &Message,
        placeholder: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.run("DELETE FROM attachments WHERE message = ?", [message.id])?;
        self.run(
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
        self.run(
            "UPDATE messages SET content = :placeholder, deleted_at = :now, modified_at = :now
             WHERE id = :id",
            named_params! { ":placeholder": placeholder, ":now": now, ":id": message.id },
        )?;
        Ok(())
    }
}
