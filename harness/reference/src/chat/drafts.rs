//! Requests for messages, rooms and lists of rooms.

use uuid::Uuid;

use crate::delivery::Source;
use crate::message_type::MessageType;
use crate::room_type::RoomType;
use crate::rules::{Content, Occasion};
use crate::store::attachments::Attachment;
use crate::store::messages::Message;
use crate::store::rooms::RoomFilter;
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// A message to send. Section *Send Message*.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) room: Uuid,
    pub(crate) content: String,
    /// Derived from the attachment if not given.
    pub(crate) message_type: Option<MessageType>,
    pub(crate) reply_to: Option<Uuid>,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) source: Source,
}

/// A room to create. Section *Create New Room*.
#[derive(Debug)]
pub(crate) struct NewRoom {
    pub(crate) room_type: RoomType,
    pub(crate) name: String,
    pub(crate) task: Option<i64>,
    pub(crate) property: Option<i64>,
    pub(crate) participants: Vec<i64>,
}

/// A request for a list of rooms. Section *List All Rooms*.
#[derive(Debug, Default)]
pub(crate) struct RoomQuery {
    pub(crate) filter: RoomFilter,
    /// Text that the name or the displayed name contains.
    pub(crate) search: Option<String>,
}

impl Draft {
    /// The content that is to be checked.
    pub(super) fn content(&self) -> Content<'_> {
        Content {
            text: &self.content,
            has_attachment: self.attachment.is_some(),
            occasion: match self.source {
                Source::Operation => Occasion::OperationSend,
                Source::Connection(_) => Occasion::SocketSend,
            },
        }
    }

    /// The message that a sender sends with this draft.
    pub(super) fn message(&mut self, sender: UserId, now: Timestamp) -> Message {
        let attachment = self.attachment.as_ref();
        Message {
            id: Uuid::now_v7(),
            room: self.room,
            sender,
            message_type: self.message_type(),
            attachment_name: attachment.map(|file| file.name.clone()),
            attachment_size: attachment
                .map(|file| i64::try_from(file.bytes.len()).unwrap_or(i64::MAX)),
            content: std::mem::take(&mut self.content),
            reply_to: self.reply_to,
            created_at: now,
            modified_at: now,
            edited_at: None,
            deleted_at: None,
        }
    }

    fn message_type(&self) -> MessageType {
        match (self.message_type, &self.attachment) {
            (Some(given), _) => given,
            (None, None) => MessageType::Text,
            (None, Some(file)) if file.content_type.starts_with("image/") => MessageType::Image,
            (None, Some(_)) => MessageType::File,
        }
    }
}
