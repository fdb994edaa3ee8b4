//! Who is in a room.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::clock::Timestamp;
use crate::directory::UserId;

/// A row of `participants`. Section *ChatParticipant*.
#[derive(Clone, Debug)]
pub(crate) struct Participant {
    pub(crate) id: i64,
    pub(crate) room: Uuid,
    pub(crate) user: UserId,
    pub(crate) joined_at: Timestamp,
    pub(crate) last_read_at: Option<Timestamp>,
    pub(crate) is_admin: bool,
    pub(crate) is_muted: bool,
    pub(crate) muted_until: Option<Timestamp>,
    pub(crate) left_at: Option<Timestamp>,
    pub(crate) unread_count: i64,
}

const SELECT: &str = "SELECT participants.id, room, user, joined_at, last_read_at, is_admin, \
     is_muted, muted_until, left_at, message_count - seen \
     FROM participants JOIN rooms ON rooms.id = participants.room";

fn read(row: &Row<'_>) -> Result<Participant> {
    Ok(Participant {
        id: row.get(0)?,
        room: row.get(1)?,
        user: row.get(2)?,
        joined_at: row.get(3)?,
        last_read_at: row.get(4)?,
        is_admin: row.get(5)?,
        is_muted: row.get(6)?,
        muted_until: row.get(7)?,
        left_at: row.get(8)?,
        unread_count: row.get(9)?,
    })
}

impl Store {
    /// Lets a user into a room, with nothing unread. Who was in before keeps the participant id.
    pub(crate) fn put_participant(
        &self,
        room: Uuid,
        user: UserId,
        is_admin: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.run(
            "INSERT INTO participants (room, user, joined_at, is_admin, seen)
             SELECT id, :user, :now, :is_admin, message_count FROM rooms WHERE id = :room
             ON CONFLICT (room, user) DO UPDATE SET
                 joined_at = excluded.joined_at, is_admin = excluded.is_admin, seen = excluded.seen,
                 last_read_at = NULL, is_muted = 0, muted_until = NULL, left_at = NULL",
            named_params! { ":room": room, ":user": user, ":is_admin": is_admin, ":now": now },
        )?;
        Ok(())
    }

    /// The user's row in the room, also of one who has left.
    pub(crate) fn participant_of(&self, room: Uuid, user: UserId) -> Result<Option<Participant>> {
        self.one(&format!("{SELECT} WHERE room = ? AND user = ?"), params![room, user], read)
    }

    /// The row with this id, also of one who has left.
    pub(crate) fn participant(&self, id: i64) -> Result<Option<Participant>> {
        self.one(&format!("{SELECT} WHERE participants.id = ?"), [id], read)
    }

    /// Who is in the room, in the order in which they first came.
    pub(crate) fn participants(&self, room: Uuid, window: Window) -> Result<Vec<Participant>> {
        self.many(
            &format!(
                "{SELECT} WHERE room = ? AND left_at IS NULL
                 ORDER BY participants.id LIMIT ? OFFSET ?"
            ),
            params![room, window.limit, window.offset],
            read,
        )
    }

    /// How many are in the room.
    pub(crate) fn count_participants(&self, room: Uuid) -> Result<i64> {
        self.count("SELECT count(*) FROM participants WHERE room = ? AND left_at IS NULL", [room])
    }

    /// The other users of the room; with `departed`, also those who have left.
    pub(crate) fn others(&self, room: Uuid, user: UserId, departed: bool) -> Result<Vec<UserId>> {
        self.many(
            "SELECT user FROM participants
             WHERE room = ? AND user <> ? AND (? OR left_at IS NULL) ORDER BY id",
            params![room, user, departed],
            |row| row.get(0),
        )
    }

    /// Marks a participant as gone.
    pub(crate) fn end_participant(&self, id: i64, now: Timestamp) -> Result<()> {
        self.run("UPDATE participants SET left_at = ? WHERE id = ?", params![now, id])?;
        Ok(())
    }

    /// Makes the member who joined first an admin, where the room has none.
    pub(crate) fn ensure_admin(&self, room: Uuid) -> Result<()> {
        self.run(
            "UPDATE participants SET is_admin = 1
             WHERE id = (SELECT id FROM participants WHERE room = :room AND left_at IS NULL
                         ORDER BY joined_at, id LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM participants
                               WHERE room = :room AND left_at IS NULL AND is_admin)",
            named_params! { ":room": room },
        )?;
        Ok(())
    }

    /// Mutes a participant's notifications, or ends that.
    pub(crate) fn mute_participant(
        &self,
        id: i64,
        muted: bool,
        until: Option<Timestamp>,
    ) -> Result<()> {
        self.run(
            "UPDATE participants SET is_muted = ?, muted_until = ? WHERE id = ?",
            params![muted, until, id],
        )?;
        Ok(())
    }
}
