//! Contents of lists.

use rusqlite::Result;
use uuid::Uuid;

use crate::membership::Membership;
use crate::store::messages::{Message, Ordering};
use crate::store::participants::Participant;
use crate::store::rooms::{Room, RoomFilter};
use crate::store::search::Search;
use crate::store::{Store, Window};
use crate::users::UserId;

/// Decides what lists contain. Methods that list return one part of a list, and the length of the whole list.
pub trait Listing: Send + Sync {
    /// The rooms of a user. Section *List All Rooms*.
    fn rooms(
        &self,
        store: &Store,
        user: UserId,
        filter: RoomFilter,
        window: Window,
    ) -> Result<(i64, Vec<Room>)> {
        Ok((store.count_rooms_of(user, filter)?, store.rooms_of(user, filter, window)?))
    }

    /// True if a room matches a search for rooms: its name or its displayed name contains the text,
    /// ignoring case.
    fn room_matches(&self, name: &str, display_name: &str, text: &str) -> bool {
        let text = text.to_lowercase();
        name.to_lowercase().contains(&text) || display_name.to_lowercase().contains(&text)
    }

    /// The messages of a room for one of its members: all messages, including deleted ones. Section
    /// *List Messages in Room*.
    fn messages(
        &self,
        store: &Store,
        membership: &Membership,
        ordering: Ordering,
        window: Window,
    ) -> Result<(i64, Vec<Message>)> {
        let room = &membership.room;
        Ok((room.message_count, store.messages(room.id, ordering, window)?))
    }

    /// The messages that a search finds, newest first. Section *Search Messages*.
    fn search(
        &self,
        store: &Store,
        search: Search<'_>,
        window: Window,
    ) -> Result<(i64, Vec<Message>)> {
        Ok((store.count_found(search)?, store.search(search, window)?))
    }

    /// The current participants of a room. Section *List Participants*.
    fn participants(
        &self,
        store: &Store,
        room: Uuid,
        window: Window,
    ) -> Result<(i64, Vec<Participant>)> {
        Ok((store.count_participants(room)?, store.participants(room, window)?))
    }
}
