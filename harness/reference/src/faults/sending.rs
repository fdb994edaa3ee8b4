//! Servers that answer a send by REST with what is not so.

use uuid::Uuid;

use super::Behaviour;
use crate::chat::{Chat, Draft};
use crate::clock::Timestamp;
use crate::directory::User;
use crate::store::Window;
use crate::store::messages::{Message, Ordering};
use crate::words::MessageType;

/// A message to a room that does not exist, which nobody will ever see.
pub(crate) fn acknowledgement(
    chat: &Chat,
    sender: &User,
    draft: &Draft,
) -> rusqlite::Result<Option<Message>> {
    if !chat.faults.has(Behaviour::AcknowledgesUnknownRooms)
        || chat.store.room(draft.room)?.is_some()
    {
        return Ok(None);
    }
    let now = Timestamp::now();
    Ok(Some(Message {
        id: Uuid::new_v4(),
        room: draft.room,
        sender: sender.id,
        message_type: MessageType::Text,
        content: draft.content.clone(),
        reply_to: None,
        created_at: now,
        modified_at: now,
        edited_at: None,
        deleted_at: None,
        attachment_name: None,
        attachment_size: None,
    }))
}

/// Gives a message just sent the id of the one before.
pub(crate) fn misname(chat: &Chat, message: &mut Message) -> rusqlite::Result<()> {
    if chat.faults.has(Behaviour::SendAnswersWithPreviousId) {
        let before = Window { offset: 1, limit: 1 };
        let previous = chat.store.messages(message.room, Ordering::NewestFirst, before)?;
        message.id = previous.first().map_or(message.id, |previous| previous.id);
    }
    Ok(())
}
