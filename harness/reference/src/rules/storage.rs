//! Changes of the database.

use rusqlite::Result;
use uuid::Uuid;

use crate::delivery::Source;
use crate::store::Store;
use crate::store::attachments::Attachment;
use crate::store::messages::Message;
use crate::store::participants::Participant;
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// Content of a deleted message. Section *Delete Message*.
pub(crate) const PLACEHOLDER: &str = "[Message deleted]";

/// Decides what is stored. Each method that writes runs within one transaction.
pub trait Storage: Send + Sync {
    /// A new message in the form in which it is stored and delivered: as it was sent.
    fn compose(&self, message: Message) -> Message {
        message
    }

    /// Stores a new message and its attachment.
    fn add_message(
        &self,
        store: &Store,
        message: &Message,
        attachment: Option<&Attachment>,
        _source: Source,
    ) -> Result<()> {
        store.add_message(message)?;
        attachment.map_or(Ok(()), |attachment| store.add_attachment(message.id, attachment))
    }

    /// Replaces the content of a message; everything else about it stays.
    fn edit_message(
        &self,
        store: &Store,
        message: &Message,
        content: &str,
        now: Timestamp,
    ) -> Result<()> {
        store.edit_message(message.id, content, now)
    }

    /// Replaces the content of a message with the placeholder and deletes its attachment; it is no
    /// longer unread for anyone.
    fn delete_message(&self, store: &Store, message: &Message, now: Timestamp) -> Result<()> {
        store.delete_message(message, PLACEHOLDER, now)
    }

    /// Marks a message as read by another user than its sender; returns the time of the first
    /// reading, which is kept.
    fn read_message(
        &self,
        store: &Store,
        message: &Message,
        reader: &Participant,
        now: Timestamp,
    ) -> Result<Timestamp> {
        store.read_message(message, reader, now)
    }

    /// Marks all messages of a room as read by one participant.
    fn read_room(
        &self,
        store: &Store,
        reader: &Participant,
        _source: Source,
        now: Timestamp,
    ) -> Result<()> {
        store.read_room(reader, now)
    }

    /// Adds a user to a room, or a former member again; nothing is unread for them.
    fn add_participant(
        &self,
        store: &Store,
        room: Uuid,
        user: UserId,
        is_admin: bool,
        now: Timestamp,
    ) -> Result<Option<Participant>> {
        store.put_participant(room, user, is_admin, now)?;
        store.participant_of(room, user)
    }

    /// Ends a membership; if no admin remains, the longest-standing member becomes one.
    fn end_membership(
        &self,
        store: &Store,
        participant: &Participant,
        now: Timestamp,
    ) -> Result<()> {
        store.end_participant(participant.id, now)?;
        store.ensure_admin(participant.room)
    }

    /// The attachment of a message, as it was sent.
    fn attachment(&self, store: &Store, message: Uuid) -> Result<Option<Attachment>> {
        store.attachment(message)
    }
}
