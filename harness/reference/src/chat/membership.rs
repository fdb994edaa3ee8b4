//! Who is in which room, and what that allows.

use uuid::Uuid;

use super::Chat;
use crate::directory::UserId;
use crate::faults::Behaviour;
use crate::refusal::Refusal;
use crate::store::messages::Message;
use crate::store::participants::Participant;
use crate::store::rooms::Room;

/// The same for rooms that do not exist and for those of others, which would tell them apart otherwise.
const NO_ROOM: Refusal = Refusal::NotFound("There is no such room, or you are not in it.");
const NO_MESSAGE: Refusal = Refusal::NotFound("There is no such message, or you cannot see it.");
const NO_PARTICIPANT: Refusal = Refusal::NotFound("There is no such participant.");

/// A room seen by one of its members.
#[derive(Debug)]
pub(crate) struct Membership {
    /// The room.
    pub(crate) room: Room,
    /// The member's row.
    pub(crate) participant: Participant,
}

impl Membership {
    /// Refuses writes to an archived room.
    pub(crate) fn writable(&self) -> Result<(), Refusal> {
        match self.room.archived_at {
            None => Ok(()),
            Some(_) => Err(Refusal::Forbidden("The room is archived.")),
        }
    }

    /// Refuses who is no admin of the room.
    pub(crate) fn admin(&self) -> Result<(), Refusal> {
        if self.participant.is_admin {
            Ok(())
        } else {
            Err(Refusal::Forbidden("Only an admin of the room may do this."))
        }
    }
}

impl Chat {
    /// The room, for a member; whoever is not in it learns nothing of it.
    pub(crate) fn membership(&self, user: UserId, room: Uuid) -> Result<Membership, Refusal> {
        let participant = self.store.participant_of(room, user)?;
        let current = participant.filter(|participant| participant.left_at.is_none());
        let Some(participant) = current else {
            if self.faults.has(Behaviour::TellsWhatExists) && self.store.room(room)?.is_some() {
                return Err(Refusal::Forbidden("You are not in this room."));
            }
            return Err(NO_ROOM);
        };
        let room = self.store.room(room)?.ok_or(NO_ROOM)?;
        Ok(Membership { room, participant })
    }

    /// How much is unread for a member who opens a socket to the room.
    pub(crate) fn listener(&self, user: UserId, room: Uuid) -> Result<i64, Refusal> {
        let membership = match self.membership(user, room) {
            Ok(membership) => membership,
            Err(refusal) => {
                let opens = match self.store.room(room)? {
                    Some(_) => Behaviour::OpensToOutsiders,
                    None => Behaviour::OpensUnknownRooms,
                };
                return if self.faults.has(opens) { Ok(0) } else { Err(refusal) };
            }
        };
        if self.faults.has(Behaviour::OpensToAdminsOnly) {
            membership.admin()?;
        }
        Ok(membership.participant.unread_count)
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

    /// The current participant with this id, for a member of the same room.
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
