//! Statistics of rooms. Section *Get Room Statistics*.

use serde::Serialize;

use crate::chat::Chat;
use crate::membership::Membership;
use crate::timestamp::Timestamp;

/// The statistics of a room for one of its members.
#[derive(Debug, Serialize)]
pub(crate) struct Statistics {
    message_count: i64,
    participant_count: i64,
    unread_count: i64,
    last_message_at: Option<Timestamp>,
}

impl Statistics {
    /// The statistics that a member sees.
    pub(crate) fn of(chat: &Chat, membership: &Membership) -> rusqlite::Result<Self> {
        let room = &membership.room;
        Ok(Self {
            message_count: room.message_count,
            participant_count: chat.rules.rendering.participant_count(&chat.store, room.id)?,
            unread_count: membership.participant.unread_count,
            last_message_at: chat.store.last_message(room.id)?.map(|message| message.created_at),
        })
    }
}
