//! Servers that still know what was deleted.

use std::collections::HashMap;

use parking_lot::Mutex;
use uuid::Uuid;

use super::{Behaviour, Faults};
use crate::chat::Chat;
use crate::refusal::Refusal;
use crate::store::messages::{Message, Search};

/// The old texts of deleted messages.
#[derive(Debug, Default)]
pub(super) struct Graveyard(Mutex<HashMap<Uuid, String>>);

impl Faults {
    /// Takes note of a message that is about to be deleted.
    pub(crate) fn bury(&self, message: &Message) {
        if !self.behaviours.is_empty() {
            self.graveyard.0.lock().insert(message.id, message.content.clone());
        }
    }

    /// The old text of a deleted message, where the server shows it in this way.
    pub(crate) fn epitaph(&self, behaviour: Behaviour, message: Uuid) -> Option<String> {
        if !self.has(behaviour) {
            return None;
        }
        self.graveyard.0.lock().get(&message).cloned()
    }
}

/// Deleted messages whose old text a search finds.
pub(crate) fn found(chat: &Chat, search: Search<'_>) -> Result<Vec<Message>, Refusal> {
    let mut messages = Vec::new();
    if chat.faults.has(Behaviour::FindsDeletedText) {
        for (id, text) in chat.faults.graveyard.0.lock().iter() {
            let visible = chat.message(search.user, *id);
            if text.contains(search.text)
                && let Ok((message, _)) = visible
                && search.room.is_none_or(|room| room == message.room)
            {
                messages.push(message);
            }
        }
    }
    Ok(messages)
}
