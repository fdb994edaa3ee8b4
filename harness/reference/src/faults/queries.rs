//! Servers that do not listen to what a list is asked for.

use super::{Behaviour, Faults};
use crate::chat::RoomQuery;
use crate::store::messages::{Message, Search};

impl Faults {
    /// The size of a page, where it is not what it should be.
    pub(crate) fn page_size(&self, given: Option<i64>) -> Option<i64> {
        match given {
            None if self.has(Behaviour::SmallDefaultPage) => Some(20),
            Some(_) if self.has(Behaviour::IgnoresPageSize) => Some(50),
            Some(given) if self.has(Behaviour::UncappedPages) => Some(given),
            _ => None,
        }
    }

    /// Changes which rooms are listed.
    pub(crate) fn distort_rooms(&self, query: &mut RoomQuery) {
        if self.has(Behaviour::IgnoresTypeFilter) {
            query.filter.room_type = None;
        }
        if self.has(Behaviour::IgnoresSearchFilter) {
            query.search = None;
        }
        if self.has(Behaviour::HidesArchivedRooms) {
            query.filter.include_archived = false;
        }
        if self.has(Behaviour::ListsArchivedRooms) {
            query.filter.include_archived = true;
        }
    }

    /// Exchanges two messages and their times.
    pub(crate) fn disorder(&self, messages: &mut [Message]) {
        let disorderly =
            self.has(Behaviour::ListsOutOfOrder) || self.strikes(Behaviour::ListsUnsteadily, 2);
        if let [first, second, ..] = messages
            && disorderly
        {
            std::mem::swap(first, second);
            std::mem::swap(&mut first.created_at, &mut second.created_at);
        }
    }

    /// Changes which messages are found.
    pub(crate) fn distort_search(&self, search: &mut Search<'_>) {
        if self.has(Behaviour::SearchesAllRooms) {
            search.room = None;
        }
        if self.has(Behaviour::SearchesForBeginnings) {
            search.text = search.text.get(..3).unwrap_or(search.text);
        }
    }
}
