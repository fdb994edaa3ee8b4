//! Other ways to count unread messages. They combine, so they share one implementation, which counts
//! the messages of a room again after each change.

use std::sync::Arc;

use hearback_reference::delivery::Source;
use hearback_reference::rules::Storage;
use hearback_reference::store::Store;
use hearback_reference::store::attachments::Attachment;
use hearback_reference::store::messages::Message;
use hearback_reference::store::participants::Participant;
use hearback_reference::timestamp::Timestamp;
use hearback_reference::users::UserId;
use rusqlite::{Result, named_params};
use uuid::Uuid;

/// The messages of other members that count as unread; by default, as documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counting {
    /// True if messages count that were sent before the member joined, until the first mark.
    pub(super) before_joining: bool,
    /// The messages that a receipt takes out of the count.
    pub(super) receipts: Receipts,
    /// True if deleted messages count.
    pub(super) deleted: bool,
    /// True if marking a room as read adds no readers to its messages.
    pub(super) marks_without_readers: bool,
}

/// The messages that a receipt takes out of the count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Receipts {
    /// The message itself.
    #[default]
    One,
    /// All messages up to the message.
    UpTo,
    /// None.
    Ignored,
}

/// Storage that counts unread messages in another way.
pub(super) struct Recounting {
    pub(super) base: Arc<dyn Storage>,
    pub(super) counting: Counting,
}

const RECOUNT: &str = "
UPDATE participants SET seen = (SELECT message_count FROM rooms WHERE id = :room) - (
    SELECT count(*) FROM messages
    WHERE room = :room AND sender <> participants.user
      AND (:deleted OR deleted_at IS NULL)
      AND created_at > coalesce(last_read_at, CASE WHEN :before_joining THEN 0 ELSE joined_at END)
      AND (NOT :one OR NOT EXISTS (
          SELECT 1 FROM receipts WHERE message = messages.id AND reader = participants.user))
      AND (NOT :up_to OR NOT EXISTS (
          SELECT 1 FROM receipts JOIN messages AS later ON later.id = receipts.message
          WHERE reader = participants.user AND later.room = :room
            AND later.created_at >= messages.created_at))
)
WHERE room = :room AND left_at IS NULL";

impl Recounting {
    fn recount(&self, store: &Store, room: Uuid) -> Result<()> {
        let Counting { before_joining, receipts, deleted, .. } = self.counting;
        store.execute(
            RECOUNT,
            named_params! {
                ":room": room,
                ":deleted": deleted,
                ":before_joining": before_joining,
                ":one": receipts == Receipts::One,
                ":up_to": receipts == Receipts::UpTo,
            },
        )?;
        Ok(())
    }
}

impl Storage for Recounting {
    fn compose(&self, message: Message) -> Message {
        self.base.compose(message)
    }

    fn add_message(
        &self,
        store: &Store,
        message: &Message,
        attachment: Option<&Attachment>,
        source: Source,
    ) -> Result<()> {
        self.base.add_message(store, message, attachment, source)?;
        self.recount(store, message.room)
    }

    fn edit_message(
        &self,
        store: &Store,
        message: &Message,
        content: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.base.edit_message(store, message, content, now)
    }

    fn delete_message(&self, store: &Store, message: &Message, now: Timestamp) -> Result<()> {
        self.base.delete_message(store, message, now)?;
        self.recount(store, message.room)
    }

    fn read_message(
        &self,
        store: &Store,
        message: &Message,
        reader: &Participant,
        now: Timestamp,
    ) -> Result<Timestamp> {
        let read_at = self.base.read_message(store, message, reader, now)?;
        self.recount(store, message.room)?;
        Ok(read_at)
    }

    fn read_room(
        &self,
        store: &Store,
        reader: &Participant,
        source: Source,
        now: Timestamp,
    ) -> Result<()> {
        let reader = match self.counting.marks_without_readers {
            // Nothing is unread, so no message gets a reader.
            true => &Participant { unread_count: 0, ..reader.clone() },
            false => reader,
        };
        self.base.read_room(store, reader, source, now)?;
        self.recount(store, reader.room)
    }

    fn add_participant(
        &self,
        store: &Store,
        room: Uuid,
        user: UserId,
        is_admin: bool,
        now: Timestamp,
    ) -> Result<Option<Participant>> {
        self.base.add_participant(store, room, user, is_admin, now)?;
        self.recount(store, room)?;
        store.participant_of(room, user)
    }

    fn end_membership(
        &self,
        store: &Store,
        participant: &Participant,
        now: Timestamp,
    ) -> Result<()> {
        self.base.end_membership(store, participant, now)
    }

    fn attachment(&self, store: &Store, message: Uuid) -> Result<Option<Attachment>> {
        self.base.attachment(store, message)
    }
}
