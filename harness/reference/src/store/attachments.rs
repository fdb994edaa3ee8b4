//! Files that were sent with messages.

use rusqlite::{Result, params};
use uuid::Uuid;

use super::Store;

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    /// Its name, as the sender gave it.
    pub(crate) name: String,
    /// Its media type, as the sender gave it.
    pub(crate) content_type: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

impl Store {
    /// Keeps the file of a message.
    pub(crate) fn add_attachment(&self, message: Uuid, attachment: &Attachment) -> Result<()> {
        let size = i64::try_from(attachment.bytes.len()).unwrap_or(i64::MAX);
        self.run(
            "INSERT INTO attachments (message, name, content_type, size, bytes)
             VALUES (?, ?, ?, ?, ?)",
            params![message, attachment.name, attachment.content_type, size, attachment.bytes],
        )?;
        Ok(())
    }

    /// The file of a message.
    pub(crate) fn attachment(&self, message: Uuid) -> Result<Option<Attachment>> {
        self.one(
            "SELECT name, content_type, bytes FROM attachments WHERE message = ?",
            [message],
            |row| {
                Ok(Attachment { name: row.get(0)?, content_type: row.get(1)?, bytes: row.get(2)? })
            },
        )
    }
}
