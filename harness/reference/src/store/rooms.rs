//! Rooms.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::clock::Timestamp;
use crate::directory::UserId;
use crate::words::RoomType;

/// A row of `rooms`. Section *ChatRoom*.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: Uuid,
    pub(crate) room_type: RoomType,
    /// Empty where none was given.
    pub(crate) name: String,
    pub(crate) task: Option<i64>,
    pub(crate) property: Option<i64>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) archived_at: Option<Timestamp>,
    /// Messages ever sent, deleted ones too.
    pub(crate) message_count: i64,
}

/// Which of a user's rooms are listed. Section *List All Rooms*.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoomFilter {
    /// Only rooms of this type.
    pub(crate) room_type: Option<RoomType>,
    /// Archived rooms too.
    pub(crate) include_archived: bool,
}

const COLUMNS: &str = "rooms.id, room_type, name, task, property, created_by, created_at, \
     modified_at, archived_at, message_count";

const OF_USER: &str = "FROM participants JOIN rooms ON rooms.id = participants.room
     WHERE participants.user = :user AND left_at IS NULL
       AND (:room_type IS NULL OR room_type = :room_type)
       AND (:include_archived OR archived_at IS NULL)";

fn read(row: &Row<'_>) -> Result<Room> {
    Ok(Room {
        id: row.get(0)?,
        room_type: row.get(1)?,
        name: row.get(2)?,
        task: row.get(3)?,
        property: row.get(4)?,
        created_by: row.get(5)?,
        created_at: row.get(6)?,
        modified_at: row.get(7)?,
        archived_at: row.get(8)?,
        message_count: row.get(9)?,
    })
}

impl Store {
    /// Adds a room.
    pub(crate) fn add_room(&self, room: &Room) -> Result<()> {
        self.run(
            "INSERT INTO rooms
                 (id, room_type, name, task, property, created_by, created_at, modified_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                room.id,
                room.room_type,
                room.name,
                room.task,
                room.property,
                room.created_by,
                room.created_at,
                room.modified_at
            ],
        )?;
        Ok(())
    }

    /// The room with this id.
    pub(crate) fn room(&self, id: Uuid) -> Result<Option<Room>> {
        self.one(&format!("SELECT {COLUMNS} FROM rooms WHERE id = ?"), [id], read)
    }

    /// Rooms that the user is in, oldest first: rooms made while somebody turns pages go to the end.
    pub(crate) fn rooms_of(
        &self,
        user: UserId,
        filter: RoomFilter,
        window: Window,
    ) -> Result<Vec<Room>> {
        self.many(
            &format!("SELECT {COLUMNS} {OF_USER} ORDER BY created_at LIMIT :limit OFFSET :offset"),
            named_params! {
                ":user": user,
                ":room_type": filter.room_type,
                ":include_archived": filter.include_archived,
                ":limit": window.limit,
                ":offset": window.offset,
            },
            read,
        )
    }

    /// How many rooms [`Store::rooms_of`] has in all.
    pub(crate) fn count_rooms_of(&self, user: UserId, filter: RoomFilter) -> Result<i64> {
        self.count(
            &format!("SELECT count(*) {OF_USER}"),
            named_params! {
                ":user": user,
                ":room_type": filter.room_type,
                ":include_archived": filter.include_archived,
            },
        )
    }

    /// Archives a room.
    pub(crate) fn archive_room(&self, id: Uuid, now: Timestamp) -> Result<()> {
        self.run(
            "UPDATE rooms SET archived_at = :now, modified_at = :now WHERE id = :id",
            named_params! { ":now": now, ":id": id },
        )?;
        Ok(())
    }
}
