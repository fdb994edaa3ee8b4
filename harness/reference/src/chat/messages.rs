//! Messages: sent, edited, deleted and read.

use uuid::Uuid;

use super::{Chat, Membership};
use crate::directory::User;
use crate::faults::{Behaviour, marks, sequence};
use crate::refusal::Refusal;
use crate::socket::event::{Event, MessageEvent};
use crate::socket::hub::Audience;
use crate::store::attachments::Attachment;
use crate::store::messages::Message;
use crate::words::MessageType;

/// Most characters of a message.
const MAXIMUM_CONTENT: usize = 100_000;

/// What is left of a deleted message. Section *Delete Message*.
const PLACEHOLDER: &str = "[Message deleted]";

/// A message that is to be sent. Section *Send Message*.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) room: Uuid,
    pub(crate) content: String,
    /// Follows the attachment where not given.
    pub(crate) message_type: Option<MessageType>,
    pub(crate) reply_to: Option<Uuid>,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) transport: Transport,
}

/// How a message comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// By an operation.
    Rest,
    /// By an event.
    Socket,
}

impl Draft {
    fn message_type(&self) -> MessageType {
        match (self.message_type, &self.attachment) {
            (Some(given), _) => given,
            (None, None) => MessageType::Text,
            (None, Some(file)) if file.content_type.starts_with("image/") => MessageType::Image,
            (None, Some(_)) => MessageType::File,
        }
    }
}

impl Chat {
    /// Sends a message to a room and to every socket open to it.
    pub(crate) fn send(&mut self, sender: &User, mut draft: Draft) -> Result<Message, Refusal> {
        let membership = self.membership(sender.id, draft.room)?;
        membership.writable()?;
        if draft.message_type == Some(MessageType::System) {
            return Err(Refusal::invalid("System messages cannot be sent."));
        }
        let by_socket = draft.transport == Transport::Socket;
        let may_be_blank = draft.attachment.is_some()
            || (!by_socket && self.faults.has(Behaviour::AcceptsEmptyMessages));
        self.check_content(&draft.content, may_be_blank)?;
        draft.reply_to = match self.answered(&membership, draft.reply_to) {
            Err(refusal) if self.faults.has(Behaviour::SendsWhatItRefuses) => {
                self.send(sender, Draft { reply_to: None, ..draft })?;
                return Err(refusal);
            }
            answered => answered?,
        };
        draft.content = self.faults.mangled(draft.content);

        let mut now = self.clock.tick();
        if self.faults.strikes(Behaviour::ClockGoesBack, 3) {
            now = now.earlier();
        }
        let message = Message {
            id: Uuid::now_v7(),
            room: draft.room,
            sender: sender.id,
            message_type: draft.message_type(),
            content: draft.content,
            reply_to: draft.reply_to,
            created_at: now,
            modified_at: now,
            edited_at: None,
            deleted_at: None,
            attachment_name: draft.attachment.as_ref().map(|file| file.name.clone()),
            attachment_size: draft
                .attachment
                .as_ref()
                .map(|file| i64::try_from(file.bytes.len()).unwrap_or(i64::MAX)),
        };
        let transaction = self.store.begin()?;
        self.store.add_message(&message)?;
        if let Some(attachment) = &draft.attachment {
            self.store.add_attachment(message.id, attachment)?;
        }
        marks::sent(self, message.room, sender.id)?;
        let lost = if by_socket {
            self.faults.has(Behaviour::SocketMessagesAreNotKept)
        } else {
            self.faults.strikes(Behaviour::LosesAcknowledgedMessages, 7)
        };
        if lost {
            transaction.rollback()?;
        } else {
            transaction.commit()?;
        }

        let event = Event::ChatMessage { message: MessageEvent::new(&message, sender) };
        if by_socket || !self.faults.has(Behaviour::RestMessagesAreNotDelivered) {
            self.hub.deliver(message.room, &event, Audience::Everyone);
        }
        if self.faults.has(Behaviour::LeaksToAnotherRoom)
            && let Some(other) = self.hub.other_than(message.room)
        {
            self.hub.deliver(other, &event, Audience::Everyone);
        }
        Ok(message)
    }

    /// Replaces the content of a message, for its sender.
    pub(crate) fn edit(
        &mut self,
        editor: &User,
        message: Uuid,
        content: &str,
    ) -> Result<Message, Refusal> {
        let (message, membership) = self.message(editor.id, message)?;
        if message.sender != editor.id && !self.faults.has(Behaviour::AnyMemberEdits) {
            return Err(Refusal::Forbidden("Only the sender may edit a message."));
        }
        membership.writable()?;
        if message.deleted_at.is_some() && !self.faults.has(Behaviour::EditsDeleted) {
            return Err(Refusal::invalid("A deleted message cannot be edited."));
        }
        let may_be_blank =
            message.attachment_name.is_some() || self.faults.has(Behaviour::AcceptsEmptyEdits);
        self.check_content(content, may_be_blank)?;
        let now = self.clock.tick();
        self.store.edit_message(message.id, content, now)?;
        sequence::edited(self, &message, now)?;
        Ok(Message {
            content: content.to_owned(),
            edited_at: Some(now),
            modified_at: now,
            ..message
        })
    }

    /// Leaves the placeholder of a message, for its sender and the admins of its room.
    pub(crate) fn delete(&mut self, user: &User, message: Uuid) -> Result<Message, Refusal> {
        let (message, membership) = self.message(user.id, message)?;
        if message.sender != user.id || self.faults.has(Behaviour::OnlyAdminsDelete) {
            membership.admin()?;
        }
        membership.writable()?;
        if message.deleted_at.is_some() {
            return Ok(message);
        }
        self.faults.bury(&message);
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        sequence::deleting(self, &message)?;
        self.store.delete_message(&message, PLACEHOLDER, now)?;
        transaction.commit()?;
        Ok(Message {
            content: PLACEHOLDER.to_owned(),
            attachment_name: None,
            attachment_size: None,
            deleted_at: Some(now),
            modified_at: now,
            ..message
        })
    }

    /// Marks a message as read and tells the others; one's own message is never unread.
    pub(crate) fn read(
        &mut self,
        reader: &User,
        message: &Message,
        membership: &Membership,
    ) -> Result<(), Refusal> {
        membership.writable()?;
        if message.sender == reader.id {
            return Ok(());
        }
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        let read_at = self.store.read_message(message, &membership.participant, now)?;
        marks::read(self, message.id, reader.id, now)?;
        sequence::read(self, message)?;
        transaction.commit()?;
        let event = Event::ReadReceipt { message_id: message.id, user_id: reader.id, read_at };
        self.hub.deliver(message.room, &event, Audience::Except(reader.id));
        Ok(())
    }

    /// What a reply answers.
    fn answered(
        &self,
        membership: &Membership,
        reply_to: Option<Uuid>,
    ) -> Result<Option<Uuid>, Refusal> {
        let Some(id) = reply_to else { return Ok(None) };
        match self.message_of_room(membership, id) {
            Ok(message) if sequence::unties(self, &message)? => Ok(None),
            Ok(message) => Ok(Some(message.id)),
            Err(refusal) => match self.store.message(id)? {
                Some(_) if self.faults.has(Behaviour::AcceptsRepliesAcrossRooms) => Ok(Some(id)),
                None if self.faults.has(Behaviour::IgnoresUnknownReplies) => Ok(None),
                _ => Err(refusal),
            },
        }
    }

    /// A message that a reply or receipt names; those of other rooms do not exist for it.
    pub(crate) fn message_of_room(
        &self,
        membership: &Membership,
        message: Uuid,
    ) -> Result<Message, Refusal> {
        self.store
            .message(message)?
            .filter(|message| message.room == membership.room.id)
            .ok_or_else(|| Refusal::invalid("There is no such message in this room."))
    }

    /// Refuses content that says nothing, or too much.
    fn check_content(&self, content: &str, may_be_blank: bool) -> Result<(), Refusal> {
        if !may_be_blank && content.trim().is_empty() {
            return Err(Refusal::invalid("`content` must not be blank."));
        }
        let maximum = match self.faults.has(Behaviour::RefusesLongContent) {
            false => MAXIMUM_CONTENT,
            true => 5_000,
        };
        // There are never more characters than bytes: most content need not be counted.
        if content.len() > maximum && content.chars().count() > maximum {
            return Err(Refusal::invalid("`content` is too long."));
        }
        if content.contains('<') && self.faults.has(Behaviour::RefusesMarkup) {
            return Err(Refusal::invalid("`content` looks dangerous."));
        }
        Ok(())
    }
}
