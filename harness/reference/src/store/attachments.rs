//! Attachments of messages.

use rusqlite::{Result, params};
use uuid::Uuid;

use super::Store;

/// A file that was sent with a message.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Name from the sender.
    pub name: String,
    /// Media type from the sender.
    pub content_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Inserts the attachment of a message.
    pub fn add_attachment(&self, message: Uuid, attachment: &Attachment) -> Result<()> {
        let size = i64::try_from(attachment.bytes.len()).unwrap_or(i64::MAX);
        self.execute(
            "INSERT INTO attachments (message, name, content_type, size, bytes)
             VALUES (?, ?, ?, ?, ?)",
            params![message, attachment.name, attachment.content_type, size, attachment.bytes],
        )?;
        Ok(())
    }

    /// The attachment of a message.
    pub fn attachment(&self, message: Uuid) -> Result<Option<Attachment>> {
        self.one(
            "SELECT name, content_type, bytes FROM attachments WHERE message = ?",
            [message],
            |row| {
                Ok(Attachment { name: row.get(0)?, content_type: row.get(1)?, bytes: row.get(2)? })
            },
        )
    }
}
