//! Participants of rooms.

use rusqlite::{Result, Row, named_params, params};
use uuid::Uuid;

use super::{Store, Window};
use crate::timestamp::Timestamp;
use crate::users::UserId;

/// A row of `participants`. Section *ChatParticipant*.
#[derive(Clone, Debug)]
pub struct Participant {
    /// Number of the participant.
    pub id: i64,
    /// The room.
    pub room: Uuid,
    /// The user.
    pub user: UserId,
    /// Start of the membership, the latest one if there were several.
    pub joined_at: Timestamp,
    /// The last time that the user marked the room as read.
    pub last_read_at: Option<Timestamp>,
    /// True if the user is an admin of the room.
    pub is_admin: bool,
    /// True if notifications are muted.
    pub is_muted: bool,
    /// End of the muting, if it has one.
    pub muted_until: Option<Timestamp>,
    /// End of the membership, if it has ended.
    pub left_at: Option<Timestamp>,
    /// Number of unread messages.
    pub unread_count: i64,
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
    /// Adds a user to a room, with nothing unread. A former member keeps the participant id.
    pub fn put_participant(
        &self,
        room: Uuid,
        user: UserId,
        is_admin: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO participants (room, user, joined_at, is_admin, seen)
             SELECT id, :user, :now, :is_admin, message_count FROM rooms WHERE id = :room
             ON CONFLICT (room, user) DO UPDATE SET
                 joined_at = excluded.joined_at, is_admin = excluded.is_admin, seen = excluded.seen,
                 last_read_at = NULL, is_muted = 0, muted_until = NULL, left_at = NULL",
            named_params! { ":room": room, ":user": user, ":is_admin": is_admin, ":now": now },
        )?;
        Ok(())
    }

    /// The participant of a user in a room, current or former.
    pub fn participant_of(&self, room: Uuid, user: UserId) -> Result<Option<Participant>> {
        self.one(&format!("{SELECT} WHERE room = ? AND user = ?"), params![room, user], read)
    }

    /// The participant with this id, current or former.
    pub fn participant(&self, id: i64) -> Result<Option<Participant>> {
        self.one(&format!("{SELECT} WHERE participants.id = ?"), [id], read)
    }

    /// The current participants of a room, in the order in which they first joined.
    pub fn participants(&self, room: Uuid, window: Window) -> Result<Vec<Participant>> {
        self.query(
            &format!(
                "{SELECT} WHERE room = ? AND left_at IS NULL
                 ORDER BY participants.id LIMIT ? OFFSET ?"
            ),
            params![room, window.limit, window.offset],
            read,
        )
    }

    /// The number of current participants of a room.
    pub fn count_participants(&self, room: Uuid) -> Result<i64> {
        self.count("SELECT count(*) FROM participants WHERE room = ? AND left_at IS NULL", [room])
    }

    /// The users of a room other than `user`, in the order in which they first joined; with
    /// `former`, including former members.
    pub fn others(&self, room: Uuid, user: UserId, former: bool) -> Result<Vec<UserId>> {
        self.query(
            "SELECT user FROM participants
             WHERE room = ? AND user <> ? AND (? OR left_at IS NULL) ORDER BY id",
            params![room, user, former],
            |row| row.get(0),
        )
    }

    /// Ends a membership.
    pub fn end_participant(&self, id: i64, now: Timestamp) -> Result<()> {
        self.execute("UPDATE participants SET left_at = ? WHERE id = ?", params![now, id])?;
        Ok(())
    }

    /// Makes the longest-standing member an admin if the room has no admin.
    pub fn ensure_admin(&self, room: Uuid) -> Result<()> {
        self.execute(
            "UPDATE participants SET is_admin = 1
             WHERE id = (SELECT id FROM participants WHERE room = :room AND left_at IS NULL
                         ORDER BY joined_at, id LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM participants
                               WHERE room = :room AND left_at IS NULL AND is_admin)",
            named_params! { ":room": room },
        )?;
        Ok(())
    }

    /// Mutes or unmutes the notifications of a participant.
    pub fn mute_participant(&self, id: i64, muted: bool, until: Option<Timestamp>) -> Result<()> {
        self.execute(
            "UPDATE participants SET is_muted = ?, muted_until = ? WHERE id = ?",
            params![muted, until, id],
        )?;
        Ok(())
    }
}
