//! Creates, lists and archives rooms. Section *Chat Rooms*.

use uuid::Uuid;

use super::{Chat, NewRoom, RoomQuery};
use crate::refusal::Refusal;
use crate::room_type::RoomType;
use crate::rules::Management;
use crate::store::Window;
use crate::store::rooms::Room;
use crate::users::{User, UserId};

impl Chat {
    /// Creates a room, whose creator is its admin.
    pub(crate) fn create_room(&mut self, creator: &User, new: NewRoom) -> Result<Room, Refusal> {
        let invited = self.rules.validation.invited(&self.directory, new.participants)?;
        let mut others: Vec<UserId> = Vec::with_capacity(invited.len());
        for id in invited {
            if id != creator.id && !others.contains(&id) {
                others.push(id);
            }
        }
        self.rules.validation.check_size(new.room_type, others.len())?;

        let subject = |kind, number| match new.room_type {
            room_type if room_type == kind => self.rules.validation.subject(kind, number),
            _ => Ok(None),
        };
        let (task, property) =
            (subject(RoomType::Task, new.task)?, subject(RoomType::Property, new.property)?);

        let now = self.clock.tick();
        let room = Room {
            id: Uuid::new_v4(),
            room_type: new.room_type,
            name: new.name,
            task,
            property,
            created_by: creator.id,
            created_at: now,
            modified_at: now,
            archived_at: None,
            message_count: 0,
        };
        let transaction = self.store.begin()?;
        self.store.add_room(&room)?;
        self.store.put_participant(room.id, creator.id, true, now)?;
        for user in others {
            self.store.put_participant(room.id, user, false, now)?;
        }
        transaction.commit()?;
        Ok(room)
    }

    /// A part of the viewer's rooms, and the number of all.
    pub(crate) fn rooms(
        &self,
        viewer: &User,
        query: &RoomQuery,
        window: Window,
    ) -> Result<(i64, Vec<Room>), Refusal> {
        let listing = &self.rules.listing;
        let Some(text) = query.search.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(listing.rooms(&self.store, viewer.id, query.filter, window)?);
        };
        // Display names are not stored, so the database cannot search for them.
        let mut found = Vec::new();
        for room in listing.rooms(&self.store, viewer.id, query.filter, Window::ALL)?.1 {
            if listing.room_matches(&room.name, &self.display_name(&room, viewer.id)?, text) {
                found.push(room);
            }
        }
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let skipped = usize::try_from(window.offset).unwrap_or(usize::MAX);
        let taken = usize::try_from(window.limit).unwrap_or(usize::MAX);
        Ok((count, found.into_iter().skip(skipped).take(taken).collect()))
    }

    /// The name that a viewer sees for a room.
    pub(crate) fn display_name(&self, room: &Room, viewer: UserId) -> rusqlite::Result<String> {
        self.rules.rendering.display_name(&self.store, &self.directory, room, viewer)
    }

    /// Archives a room; archiving it again changes nothing.
    pub(crate) fn archive_room(&mut self, user: &User, room: Uuid) -> Result<Room, Refusal> {
        let membership = self.membership(user.id, room)?;
        self.rules.permissions.check_management(&membership, Management::Archive)?;
        self.rules.permissions.check_write(&membership)?;
        if membership.room.archived_at.is_some() {
            return Ok(membership.room);
        }
        let now = self.clock.tick();
        self.store.archive_room(room, now)?;
        Ok(Room { archived_at: Some(now), modified_at: now, ..membership.room })
    }
}
