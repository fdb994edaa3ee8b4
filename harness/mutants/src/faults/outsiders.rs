//! Data that a user cannot see.

use rusqlite::Result;
use uuid::Uuid;

use hearback_reference::store::messages::Message;
use hearback_reference::store::participants::Participant;
use hearback_reference::store::rooms::{Room, RoomFilter};
use hearback_reference::store::search::Search;
use hearback_reference::store::{Store, Window};
use hearback_reference::users::UserId;

/// Users of all rooms except one user.
fn other_users(store: &Store, user: UserId) -> Result<Vec<UserId>> {
    let sql = "SELECT DISTINCT user FROM participants WHERE user <> ?";
    store.query(sql, [user], |row| row.get(0))
}

fn is_member(store: &Store, room: Uuid, user: UserId) -> Result<bool> {
    let participant = store.participant_of(room, user)?;
    Ok(participant.is_some_and(|participant| participant.left_at.is_none()))
}

/// Rooms that a user is not in.
pub(super) fn rooms_of_outsider(store: &Store, outsider: UserId) -> Result<Vec<Room>> {
    let mut rooms = Vec::new();
    for user in other_users(store, outsider)? {
        for room in store.rooms_of(user, RoomFilter::default(), Window::ALL)? {
            if room.created_by == user && !is_member(store, room.id, outsider)? {
                rooms.push(room);
            }
        }
    }
    Ok(rooms)
}

/// Messages of rooms that the searching user is not in.
pub(super) fn messages_of_outsider(store: &Store, search: Search<'_>) -> Result<Vec<Message>> {
    let mut messages: Vec<Message> = Vec::new();
    for user in other_users(store, search.user)? {
        for message in store.search(Search { user, ..search }, Window { offset: 0, limit: 50 })? {
            if !is_member(store, message.room, search.user)?
                && messages.iter().all(|other| other.id != message.id)
            {
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

/// Former participants of a room, as if they were current.
pub(super) fn former_participants(store: &Store, room: Uuid) -> Result<Vec<Participant>> {
    let sql = "SELECT user FROM participants WHERE room = ? AND left_at IS NOT NULL ORDER BY id";
    let users: Vec<UserId> = store.query(sql, [room], |row| row.get(0))?;
    let mut participants = Vec::new();
    for user in users {
        let participant = store.participant_of(room, user)?;
        participants.extend(participant.map(|it| Participant { left_at: None, ..it }));
    }
    Ok(participants)
}
