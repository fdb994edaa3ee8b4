//! What servers show that do not ask whose it is.

use uuid::Uuid;

use crate::chat::Chat;
use crate::directory::UserId;
use crate::refusal::Refusal;
use crate::store::messages::{Message, Search};
use crate::store::participants::Participant;
use crate::store::rooms::{Room, RoomFilter};
use crate::store::{EVERYTHING, Window};

/// Rooms that others are in and the viewer is not.
pub(crate) fn rooms(chat: &Chat, viewer: UserId) -> Result<Vec<Room>, Refusal> {
    let mut rooms = Vec::new();
    for user in chat.directory.ids() {
        for room in chat.store.rooms_of(user, RoomFilter::default(), EVERYTHING)? {
            if room.created_by == user && chat.membership(viewer, room.id).is_err() {
                rooms.push(room);
            }
        }
    }
    Ok(rooms)
}

/// Messages of such rooms.
pub(crate) fn messages(chat: &Chat, search: Search<'_>) -> Result<Vec<Message>, Refusal> {
    let mut messages: Vec<Message> = Vec::new();
    for user in chat.directory.ids().filter(|user| *user != search.user) {
        for message in
            chat.store.search(Search { user, ..search }, Window { offset: 0, limit: 50 })?
        {
            let foreign = chat.membership(search.user, message.room).is_err();
            if foreign && messages.iter().all(|other| other.id != message.id) {
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

/// Those who have left a room, as if they had not.
pub(crate) fn leavers(chat: &Chat, room: Uuid) -> Result<Vec<Participant>, Refusal> {
    let mut leavers = Vec::new();
    for user in chat.store.others(room, 0, true)? {
        if let Some(participant) = chat.store.participant_of(room, user)?
            && participant.left_at.is_some()
        {
            leavers.push(Participant { left_at: None, ..participant });
        }
    }
    Ok(leavers)
}
