//! Servers that go wrong after certain commands in a certain order, or when two come at the same time.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Result, params};
use uuid::Uuid;

use super::{Behaviour, Faults};
use crate::app::SharedApp;
use crate::chat::Chat;
use crate::clock::Timestamp;
use crate::directory::UserId;
use crate::store::messages::Message;
use crate::store::participants::Participant;

/// How long a server that overwrites what others do has an old state in its hands.
const IN_HAND: Duration = Duration::from_millis(4);

/// How many participants too many a room is said to have.
#[derive(Debug, Default)]
pub(super) struct Drift(Mutex<HashMap<Uuid, i64>>);

impl Faults {
    /// How many participants of a room are counted too many.
    pub(crate) fn drift(&self, room: Uuid) -> i64 {
        self.drift.0.lock().get(&room).copied().unwrap_or_default()
    }
}

fn has_readers(chat: &Chat, message: &Message) -> Result<bool> {
    Ok(!chat.store.readers(message.id)?.is_empty())
}

/// After a message was edited; `message` is what it was before.
pub(crate) fn edited(chat: &Chat, message: &Message, now: Timestamp) -> Result<()> {
    if chat.faults.has(Behaviour::SecondEditForgetsReaders) && message.edited_at.is_some() {
        chat.store.run("DELETE FROM receipts WHERE message = ?", [message.id])?;
    }
    if chat.faults.has(Behaviour::EditMovesWhatWasRead) && has_readers(chat, message)? {
        let sql = "UPDATE messages SET created_at = ? WHERE id = ?";
        chat.store.run(sql, params![now, message.id])?;
    }
    Ok(())
}

/// Whether a reply to this message is kept as an answer to nothing.
pub(crate) fn unties(chat: &Chat, answered: &Message) -> Result<bool> {
    Ok(chat.faults.has(Behaviour::RepliesToEditedAndReadAreUntied)
        && answered.edited_at.is_some()
        && has_readers(chat, answered)?)
}

/// Before a message is deleted.
pub(crate) fn deleting(chat: &Chat, message: &Message) -> Result<()> {
    if chat.faults.has(Behaviour::DeletedEditsCountTwice) && message.edited_at.is_some() {
        let sql = "UPDATE participants SET seen = seen + 1 WHERE room = ? AND user <> ?";
        chat.store.run(sql, params![message.room, message.sender])?;
    }
    Ok(())
}

/// After a message was marked as read.
pub(crate) fn read(chat: &Chat, message: &Message) -> Result<()> {
    let text = chat.faults.epitaph(Behaviour::ReceiptsRevealDeletedEdits, message.id);
    if let (Some(text), Some(_)) = (text, message.edited_at) {
        let sql = "UPDATE messages SET content = ? WHERE id = ?";
        chat.store.run(sql, params![text, message.id])?;
    }
    Ok(())
}

/// After a room was marked as read; `reader` is what was so before.
pub(crate) fn read_room(chat: &Chat, reader: &Participant) -> Result<()> {
    let newest = chat.store.last_message(reader.room)?;
    if chat.faults.has(Behaviour::MarkLeavesOneBelowDeleted)
        && reader.unread_count > 0
        && newest.is_some_and(|newest| newest.deleted_at.is_some())
    {
        let sql = "UPDATE participants SET seen = seen - 1 WHERE id = ?";
        chat.store.run(sql, [reader.id])?;
    }
    if chat.faults.has(Behaviour::MarkUnmutes) && reader.is_muted {
        chat.store.run("UPDATE participants SET is_muted = 0 WHERE id = ?", [reader.id])?;
    }
    Ok(())
}

/// After somebody came back to a room; `before` is how they had left it.
pub(crate) fn returned(chat: &Chat, before: &Participant) -> Result<()> {
    if chat.faults.has(Behaviour::ReturningAdminsAreNone) {
        chat.store.run("UPDATE participants SET is_admin = 0 WHERE id = ?", [before.id])?;
    }
    if chat.faults.has(Behaviour::MutedReturnsCountTwice) && before.is_muted {
        *chat.faults.drift.0.lock().entry(before.room).or_default() += 1;
    }
    Ok(())
}

/// A state that a server has read, and writes back after others have changed it.
pub(crate) enum Stale {
    Readers(Uuid, Vec<UserId>),
    MessageCount(Uuid, i64),
}

/// What a server that overwrites what others do has read before it acts.
async fn in_hand(stale: Stale) -> Option<Stale> {
    tokio::time::sleep(IN_HAND).await;
    Some(stale)
}

/// Before a message is edited, or marked as read, by REST.
pub(crate) async fn readers(
    app: &SharedApp,
    behaviour: Behaviour,
    message: Uuid,
) -> Result<Option<Stale>> {
    if !app.faults.has(behaviour) {
        return Ok(None);
    }
    let readers = app.chat().store.readers(message)?.into_keys().collect();
    Ok(in_hand(Stale::Readers(message, readers)).await)
}

/// Before a message is sent by REST.
pub(crate) async fn message_count(app: &SharedApp, room: Uuid) -> Result<Option<Stale>> {
    if !app.faults.has(Behaviour::SimultaneousSendsCountOnce) {
        return Ok(None);
    }
    let room = app.chat().store.room(room)?;
    match room {
        Some(room) => Ok(in_hand(Stale::MessageCount(room.id, room.message_count)).await),
        None => Ok(None),
    }
}

/// Writes back what was in hand, as changed by `actor` alone.
pub(crate) fn write_back(chat: &Chat, stale: Option<Stale>, actor: UserId) -> Result<()> {
    match stale {
        None => Ok(()),
        Some(Stale::Readers(message, mut readers)) => {
            readers.push(actor);
            for reader in chat.store.readers(message)?.into_keys() {
                if !readers.contains(&reader) {
                    let sql = "DELETE FROM receipts WHERE message = ? AND reader = ?";
                    chat.store.run(sql, params![message, reader])?;
                }
            }
            Ok(())
        }
        Some(Stale::MessageCount(room, count)) => {
            let sql = "UPDATE rooms SET message_count = ? WHERE id = ?";
            chat.store.run(sql, params![count + 1, room]).map(drop)
        }
    }
}
