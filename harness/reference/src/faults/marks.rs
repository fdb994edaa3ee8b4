//! Servers that keep wrong account of what was read.

use rusqlite::{Result, params};
use uuid::Uuid;

use super::Behaviour;
use crate::chat::Chat;
use crate::clock::Timestamp;
use crate::directory::UserId;

/// After a message was sent.
pub(crate) fn sent(chat: &Chat, room: Uuid, sender: UserId) -> Result<()> {
    if chat.faults.has(Behaviour::OwnMessagesCount) {
        unsee(chat, room, sender)?;
    }
    Ok(())
}

/// After one message was marked as read.
pub(crate) fn read(chat: &Chat, message: Uuid, reader: UserId, now: Timestamp) -> Result<()> {
    if chat.faults.has(Behaviour::RestampsReceipts) {
        let sql = "UPDATE receipts SET read_at = ? WHERE message = ? AND reader = ?";
        chat.store.run(sql, params![now, message, reader])?;
    }
    if chat.faults.has(Behaviour::LosesEarlierReaders) {
        let sql = "DELETE FROM receipts WHERE message = ? AND reader <> ?";
        chat.store.run(sql, params![message, reader])?;
    }
    Ok(())
}

/// After a room was marked as read by a server that may leave a message out.
pub(crate) fn read_room(
    chat: &Chat,
    room: Uuid,
    reader: UserId,
    leaves_one: Behaviour,
) -> Result<()> {
    if chat.faults.has(leaves_one) {
        unsee(chat, room, reader)?;
    }
    if chat.faults.has(Behaviour::MarksForEverybody) {
        let sql = "UPDATE participants SET seen =
            (SELECT message_count FROM rooms WHERE id = room) WHERE room = ?";
        chat.store.run(sql, [room])?;
    }
    Ok(())
}

fn unsee(chat: &Chat, room: Uuid, user: UserId) -> Result<()> {
    let sql = "UPDATE participants SET seen = seen - 1 WHERE room = ? AND user = ? AND seen > 0";
    chat.store.run(sql, params![room, user]).map(drop)
}
