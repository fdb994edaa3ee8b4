//! Rows of rooms.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::room_type::RoomType;
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// A row of `rooms`. Section *ChatRoom*.
#[derive(Clone, Debug)]
pub struct Room {
    /// Id.
    pub id: Uuid,
    /// Type.
    pub room_type: RoomType,
    /// Name; empty if the creator gave none.
    pub name: String,
    /// The task, in a task room.
    pub task: Option<i64>,
    /// The property, in a property room.
    pub property: Option<i64>,
    /// The creator.
    pub created_by: UserId,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub modified_at: Timestamp,
    /// Time of archiving, if the room is archived.
    pub archived_at: Option<Timestamp>,
    /// Number of messages ever sent, including deleted ones.
    pub message_count: i64,
}

/// Filter of a user's rooms. Section *List All Rooms*.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoomFilter {
    /// Only rooms of this type.
    pub room_type: Option<RoomType>,
    /// Include archived rooms.
    pub include_archived: bool,
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
    /// Inserts a room.
    pub fn add_room(&self, room: &Room) -> Result<()> {
        self.execute(
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
    pub fn room(&self, id: Uuid) -> Result<Option<Room>> {
        self.one(&format!("SELECT {COLUMNS} FROM rooms WHERE id = ?"), [id], read)
    }

    /// The rooms of a user, oldest first, so that new rooms do not shift the pages of a list.
    pub fn rooms_of(&self, user: UserId, filter: RoomFilter, window: Window) -> Result<Vec<Room>> {
        self.query(
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

    /// The number of rooms that [`Store::rooms_of`] selects without a window.
    pub fn count_rooms_of(&self, user: UserId, filter: RoomFilter) -> Result<i64> {
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
    pub fn archive_room(&self, id: Uuid, now: Timestamp) -> Result<()> {
        self.execute(
            "UPDATE rooms SET archived_at = :now, modified_at = :now WHERE id = :id",
            named_params! { ":now": now, ":id": id },
        )?;
        Ok(())
    }
}
