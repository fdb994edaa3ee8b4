//! Access to rooms, messages and participants, for members.

use uuid::Uuid;

use super::Chat;
use crate::membership::Membership;
use crate::refusal::Refusal;
use crate::store::messages::Message;
use crate::store::participants::Participant;
use crate::users::UserId;

const NO_MESSAGE: Refusal = Refusal::NotFound("There is no such message, or you cannot see it.");
const NO_PARTICIPANT: Refusal = Refusal::NotFound("There is no such participant.");

impl Chat {
    /// The room, for a member.
    pub(crate) fn membership(&self, user: UserId, room: Uuid) -> Result<Membership, Refusal> {
        let participant = self.store.participant_of(room, user)?;
        match (self.store.room(room)?, participant) {
            (Some(room), Some(participant)) if participant.left_at.is_none() => {
                Ok(Membership { room, participant })
            }
            (room, _) => Err(self.rules.permissions.outsider_refusal(room.as_ref())),
        }
    }

    /// The number of unread messages of a user who opens a socket to the room.
    pub(crate) fn listener(&self, user: UserId, room: Uuid) -> Result<i64, Refusal> {
        let membership = self.membership(user, room);
        let room = self.store.room(room)?;
        self.rules.permissions.check_listening(membership, room.as_ref())
    }

    /// The message, for a member of its room.
    pub(crate) fn message(
        &self,
        user: UserId,
        message: Uuid,
    ) -> Result<(Message, Membership), Refusal> {
        let message = self.store.message(message)?.ok_or(NO_MESSAGE)?;
        match self.membership(user, message.room) {
            Ok(membership) => Ok((message, membership)),
            Err(Refusal::NotFound(_)) => Err(NO_MESSAGE),
            Err(refusal) => Err(refusal),
        }
    }

    /// The current participant, for a member of the same room.
    pub(crate) fn participant(
        &self,
        user: UserId,
        participant: i64,
    ) -> Result<(Participant, Membership), Refusal> {
        let participant = self.store.participant(participant)?.ok_or(NO_PARTICIPANT)?;
        if participant.left_at.is_some() {
            return Err(NO_PARTICIPANT);
        }
        match self.membership(user, participant.room) {
            Ok(membership) => Ok((participant, membership)),
            Err(Refusal::NotFound(_)) => Err(NO_PARTICIPANT),
            Err(refusal) => Err(refusal),
        }
    }
}
