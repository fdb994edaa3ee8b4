//! Participants: added, removed and muted.

use uuid::Uuid;

use super::Chat;
use crate::clock::Timestamp;
use crate::directory::{User, UserId};
use crate::faults::{Behaviour, sequence};
use crate::refusal::Refusal;
use crate::store::participants::Participant;
use crate::words::RoomType;

const DIRECT: &str = "A direct room keeps its two members.";

impl Chat {
    /// Lets a user into a room, or back into it.
    pub(crate) fn add_participant(
        &mut self,
        admin: &User,
        room: Uuid,
        user: UserId,
        is_admin: bool,
    ) -> Result<Participant, Refusal> {
        let membership = self.membership(admin.id, room)?;
        membership.admin()?;
        membership.writable()?;
        let direct = membership.room.room_type == RoomType::Direct;
        if direct && !self.faults.has(Behaviour::DirectTakesThird) {
            return Err(Refusal::invalid(DIRECT));
        }
        if self.directory.find(user).is_none() {
            if self.faults.has(Behaviour::AcceptsUnknownUsers) {
                return Ok(membership.participant);
            }
            return Err(Refusal::invalid("There is no such user."));
        }
        let present = self.store.participant_of(room, user)?;
        if present.as_ref().is_some_and(|participant| participant.left_at.is_none()) {
            return Err(Refusal::invalid("The user is in the room already."));
        }
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.store.put_participant(room, user, is_admin, now)?;
        if let Some(before) = &present {
            sequence::returned(self, before)?;
        }
        let added = self.store.participant_of(room, user)?.ok_or(Refusal::Internal)?;
        if !self.faults.has(Behaviour::AddsNobody) {
            transaction.commit()?;
        }
        Ok(added)
    }

    /// Takes somebody out of a room.
    pub(crate) fn remove_participant(
        &mut self,
        admin: &User,
        participant: i64,
    ) -> Result<(), Refusal> {
        let (participant, membership) = self.participant(admin.id, participant)?;
        membership.admin()?;
        membership.writable()?;
        if membership.room.room_type == RoomType::Direct {
            return Err(Refusal::invalid(DIRECT));
        }
        self.end_membership(&participant, Behaviour::RemovedKeepListening)
    }

    /// Mutes one's own notifications, for good or until a moment to come; or ends that.
    pub(crate) fn mute_participant(
        &mut self,
        user: &User,
        participant: i64,
        muted: bool,
        until: Option<Timestamp>,
    ) -> Result<Participant, Refusal> {
        let (participant, membership) = self.participant(user.id, participant)?;
        if participant.user != user.id {
            return Err(Refusal::Forbidden("Only members themselves mute their notifications."));
        }
        membership.writable()?;
        let until = until.filter(|_| muted);
        if until.is_some_and(|until| until <= Timestamp::now()) {
            return Err(Refusal::invalid("`muted_until` has passed."));
        }
        self.store.mute_participant(participant.id, muted, until)?;
        Ok(Participant { is_muted: muted, muted_until: until, ..participant })
    }
}
