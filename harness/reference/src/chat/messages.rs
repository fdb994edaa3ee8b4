//! Sends, edits and deletes messages. Section *Messages*.

use uuid::Uuid;

use super::{Chat, Draft};
use crate::delivery::{Event, MessageEvent};
use crate::refusal::Refusal;
use crate::rules::{Content, Occasion};
use crate::store::messages::Message;
use crate::users::User;

impl Chat {
    /// Sends a message to a room, and to every connection of the room.
    pub(crate) fn send(&mut self, sender: &User, mut draft: Draft) -> Result<Message, Refusal> {
        let membership = self.membership(sender.id, draft.room)?;
        self.rules.permissions.check_write(&membership)?;
        if let Some(given) = draft.message_type {
            self.rules.validation.check_message_type(given, draft.attachment.is_some())?;
        }
        self.rules.validation.check_content(&draft.content())?;
        if let Some(id) = draft.reply_to {
            draft.reply_to =
                self.rules.validation.reply_target(&self.store, &membership.room, id)?;
        }

        let storage = &self.rules.storage;
        let message = storage.compose(draft.message(sender.id, self.clock.tick()));
        let transaction = self.store.begin()?;
        storage.add_message(&self.store, &message, draft.attachment.as_ref(), draft.source)?;
        transaction.commit()?;

        let event = Event::ChatMessage { message: MessageEvent::new(&message, sender) };
        self.rules.delivery.deliver(&mut self.hub, message.room, &event, draft.source);
        Ok(message)
    }

    /// Replaces the content of a message.
    pub(crate) fn edit(
        &mut self,
        editor: &User,
        message: Uuid,
        content: &str,
    ) -> Result<Message, Refusal> {
        let (message, membership) = self.message(editor.id, message)?;
        self.rules.permissions.check_edit(&membership, &message)?;
        self.rules.permissions.check_write(&membership)?;
        self.rules.validation.check_editable(&message)?;
        self.rules.validation.check_content(&Content {
            text: content,
            has_attachment: message.attachment_name.is_some(),
            occasion: Occasion::Edit,
        })?;
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.rules.storage.edit_message(&self.store, &message, content, now)?;
        transaction.commit()?;
        Ok(Message {
            content: content.to_owned(),
            edited_at: Some(now),
            modified_at: now,
            ..message
        })
    }

    /// Deletes a message; deleting it again changes nothing.
    pub(crate) fn delete(&mut self, user: &User, message: Uuid) -> Result<Message, Refusal> {
        let (message, membership) = self.message(user.id, message)?;
        self.rules.permissions.check_delete(&membership, &message)?;
        self.rules.permissions.check_write(&membership)?;
        if message.deleted_at.is_some() {
            return Ok(message);
        }
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.rules.storage.delete_message(&self.store, &message, now)?;
        transaction.commit()?;
        self.store.message(message.id)?.ok_or(Refusal::Internal)
    }
}
