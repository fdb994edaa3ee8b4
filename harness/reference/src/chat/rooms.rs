//! Rooms: made, listed, read, left and archived.

use uuid::Uuid;

use super::Chat;
use crate::clock::Timestamp;
use crate::directory::User;
use crate::faults::{Behaviour, sequence};
use crate::refusal::Refusal;
use crate::socket::hub::Closing;
use crate::store::participants::Participant;
use crate::store::rooms::{Room, RoomFilter};
use crate::store::{EVERYTHING, Window};
use crate::words::RoomType;

/// What a new room is asked to be. Section *Create New Room*.
#[derive(Debug)]
pub(crate) struct NewRoom {
    pub(crate) room_type: RoomType,
    pub(crate) name: String,
    pub(crate) task: Option<i64>,
    pub(crate) property: Option<i64>,
    pub(crate) participants: Vec<i64>,
}

/// Which rooms are asked for. Section *List All Rooms*.
#[derive(Debug, Default)]
pub(crate) struct RoomQuery {
    pub(crate) filter: RoomFilter,
    /// What the name, given or displayed, contains; ignoring case.
    pub(crate) search: Option<String>,
}

impl Chat {
    /// Makes a room, whose creator is its admin.
    pub(crate) fn create_room(&mut self, creator: &User, new: NewRoom) -> Result<Room, Refusal> {
        let mut others: Vec<_> = Vec::with_capacity(new.participants.len());
        for id in new.participants {
            if self.directory.find(id).is_none() {
                if self.faults.has(Behaviour::IgnoresUnknownParticipants) {
                    continue;
                }
                return Err(Refusal::invalid(format!("There is no user {id}.")));
            }
            if id != creator.id && !others.contains(&id) {
                others.push(id);
            }
        }
        let crowded = new.room_type == RoomType::Direct && others.len() != 1;
        if crowded && !self.faults.has(Behaviour::AcceptsCrowdedDirectRooms) {
            return Err(Refusal::invalid("A direct room is for exactly one other user."));
        }

        let now = self.clock.tick();
        let room = Room {
            id: Uuid::new_v4(),
            room_type: new.room_type,
            name: new.name,
            task: subject(RoomType::Task, new.room_type, new.task)?,
            property: subject(RoomType::Property, new.room_type, new.property)?,
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

    /// A part of the viewer's rooms, and how many there are in all.
    pub(crate) fn rooms(
        &self,
        viewer: &User,
        query: &RoomQuery,
        window: Window,
    ) -> Result<(i64, Vec<Room>), Refusal> {
        let Some(wanted) = query.search.as_deref().filter(|wanted| !wanted.is_empty()) else {
            let count = self.store.count_rooms_of(viewer.id, query.filter)?;
            return Ok((count, self.store.rooms_of(viewer.id, query.filter, window)?));
        };
        // Displayed names are made here, so a search for them is, too.
        let wanted = wanted.to_lowercase();
        let mut found = Vec::new();
        for room in self.store.rooms_of(viewer.id, query.filter, EVERYTHING)? {
            if room.name.to_lowercase().contains(&wanted)
                || self.display_name(&room, viewer.id)?.to_lowercase().contains(&wanted)
            {
                found.push(room);
            }
        }
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let skipped = usize::try_from(window.offset).unwrap_or(usize::MAX);
        let taken = usize::try_from(window.limit).unwrap_or(usize::MAX);
        Ok((count, found.into_iter().skip(skipped).take(taken).collect()))
    }

    /// Marks everything in a room as read by a member, silently.
    pub(crate) fn read_room(&mut self, reader: &User, room: Uuid) -> Result<Timestamp, Refusal> {
        let membership = self.membership(reader.id, room)?;
        membership.writable()?;
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.store.read_room(&membership.participant, now)?;
        sequence::read_room(self, &membership.participant)?;
        transaction.commit()?;
        Ok(now)
    }

    /// Takes a member out of a room at their own wish.
    pub(crate) fn leave_room(&mut self, user: &User, room: Uuid) -> Result<(), Refusal> {
        let membership = self.membership(user.id, room)?;
        membership.writable()?;
        self.end_membership(&membership.participant, Behaviour::DepartedKeepListening)
    }

    /// Archives a room.
    pub(crate) fn archive_room(&mut self, user: &User, room: Uuid) -> Result<Room, Refusal> {
        let membership = self.membership(user.id, room)?;
        membership.admin()?;
        membership.writable()?;
        let now = self.clock.tick();
        self.store.archive_room(room, now)?;
        Ok(Room { archived_at: Some(now), modified_at: now, ..membership.room })
    }

    /// Ends a membership and the sockets that it opened, at once.
    pub(super) fn end_membership(
        &mut self,
        participant: &Participant,
        keeps_listening: Behaviour,
    ) -> Result<(), Refusal> {
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.store.end_participant(participant.id, now)?;
        self.store.ensure_admin(participant.room)?;
        transaction.commit()?;
        if !self.faults.has(keeps_listening) && !self.faults.has(Behaviour::RemovedKeepTyping) {
            self.hub.expel(participant.room, participant.user, Closing::Removed);
        }
        Ok(())
    }
}

/// The task or property of a room that is about one; of other rooms it is not kept.
fn subject(
    kind: RoomType,
    room_type: RoomType,
    number: Option<i64>,
) -> Result<Option<i64>, Refusal> {
    match number {
        _ if kind != room_type => Ok(None),
        Some(number) if number > 0 => Ok(Some(number)),
        _ => Err(Refusal::invalid(format!("`{}` must be a positive integer.", kind.word()))),
    }
}
