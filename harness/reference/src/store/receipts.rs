//! Read receipts.

use std::collections::BTreeMap;

use rusqlite::{Result, named_params, params};
use uuid::Uuid;

use super::{Store, messages::Message, participants::Participant};
use crate::timestamp::Timestamp;
use crate::users::UserId;

impl Store {
    /// The readers of a message, and the time when each one read it.
    pub fn readers(&self, message: Uuid) -> Result<BTreeMap<UserId, Timestamp>> {
        self.query("SELECT reader, read_at FROM receipts WHERE message = ?", [message], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// Marks a message from another user as read and returns the time of the first reading.
    pub fn read_message(
        &self,
        message: &Message,
        reader: &Participant,
        now: Timestamp,
    ) -> Result<Timestamp> {
        let added = self.execute(
            "INSERT OR IGNORE INTO receipts (message, reader, read_at) VALUES (?, ?, ?)",
            params![message.id, reader.user, now],
        )?;
        if added == 0 {
            let first = "SELECT read_at FROM receipts WHERE message = ? AND reader = ?";
            let read_at = self.one(first, params![message.id, reader.user], |row| row.get(0))?;
            return Ok(read_at.unwrap_or(now));
        }
        let was_unread = message.deleted_at.is_none() && reader.joined_at < message.created_at;
        if was_unread {
            self.execute("UPDATE participants SET seen = seen + 1 WHERE id = ?", [reader.id])?;
        }
        Ok(now)
    }

    /// Marks all messages of a room as read by a participant.
    pub fn read_room(&self, reader: &Participant, now: Timestamp) -> Result<()> {
        if reader.unread_count > 0 {
            // All messages from before the last mark are read already.
            self.execute(
                "INSERT OR IGNORE INTO receipts (message, reader, read_at)
                 SELECT id, :user, :now FROM messages
                 WHERE room = :room AND created_at > :since AND sender <> :user
                   AND deleted_at IS NULL",
                named_params! {
                    ":room": reader.room,
                    ":user": reader.user,
                    ":now": now,
                    ":since": reader.last_read_at.unwrap_or(reader.joined_at),
                },
            )?;
        }
        self.execute(
            "UPDATE participants SET last_read_at = :now,
                 seen = (SELECT message_count FROM rooms WHERE id = :room)
             WHERE id = :id",
            named_params! { ":now": now, ":room": reader.room, ":id": reader.id },
        )?;
        Ok(())
    }
}
