//! Participants. Section *ChatParticipant*.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::directory::Directory;
use crate::store::participants::Participant;
use crate::timestamp::Timestamp;
use crate::users::User;

/// The participant object.
#[derive(Debug, Serialize)]
pub struct ParticipantView {
    id: i64,
    user: Arc<User>,
    room: Uuid,
    joined_at: Timestamp,
    last_read_at: Option<Timestamp>,
    is_admin: bool,
    unread_count: i64,
    is_muted: bool,
    muted_until: Option<Timestamp>,
    left_at: Option<Timestamp>,
}

impl ParticipantView {
    /// The view of a participant; a mute that has expired is not shown.
    pub fn of(directory: &Directory, participant: Participant) -> Self {
        let muted_until = participant.muted_until.filter(|until| *until > Timestamp::now());
        Self {
            id: participant.id,
            user: directory.known(participant.user),
            room: participant.room,
            joined_at: participant.joined_at,
            last_read_at: participant.last_read_at,
            is_admin: participant.is_admin,
            unread_count: participant.unread_count,
            is_muted: participant.is_muted
                && (participant.muted_until.is_none() || muted_until.is_some()),
            muted_until,
            left_at: participant.left_at,
        }
    }
}
