//! Adds, removes and mutes participants. Section *Participants*.

use uuid::Uuid;

use super::Chat;
use crate::refusal::Refusal;
use crate::rules::{Departure, Management};
use crate::store::participants::Participant;
use crate::timestamp::Timestamp;
use crate::users::User;

impl Chat {
    /// Adds a user to a room, or a former member again.
    pub(crate) fn add_participant(
        &mut self,
        admin: &User,
        room: Uuid,
        user: i64,
        is_admin: bool,
    ) -> Result<Participant, Refusal> {
        let membership = self.membership(admin.id, room)?;
        self.rules.permissions.check_management(&membership, Management::AddParticipant)?;
        self.rules.permissions.check_write(&membership)?;
        self.rules.validation.check_addition(&membership.room)?;
        let user = self.rules.validation.newcomer(&self.directory, user)?;
        let present = self.store.participant_of(room, user)?;
        if present.is_some_and(|participant| participant.left_at.is_none()) {
            return Err(Refusal::invalid("The user is in the room already."));
        }
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        let storage = &self.rules.storage;
        let added = storage.add_participant(&self.store, room, user, is_admin, now)?;
        transaction.commit()?;
        added.ok_or(Refusal::Internal)
    }

    /// Removes a participant from a room.
    pub(crate) fn remove_participant(
        &mut self,
        admin: &User,
        participant: i64,
    ) -> Result<(), Refusal> {
        let (participant, membership) = self.participant(admin.id, participant)?;
        self.rules.permissions.check_management(&membership, Management::RemoveParticipant)?;
        self.rules.permissions.check_write(&membership)?;
        self.rules.validation.check_removal(&membership.room)?;
        self.end_membership(&participant, Departure::Removed)
    }

    /// Removes a member at their own request. Section *Leave Room*.
    pub(crate) fn leave_room(&mut self, user: &User, room: Uuid) -> Result<(), Refusal> {
        let membership = self.membership(user.id, room)?;
        self.rules.permissions.check_write(&membership)?;
        self.end_membership(&membership.participant, Departure::Left)
    }

    /// Mutes the notifications of a participant, permanently or until a time; or unmutes them. A time
    /// that has passed has no effect.
    pub(crate) fn mute_participant(
        &mut self,
        user: &User,
        participant: i64,
        muted: bool,
        until: Option<Timestamp>,
    ) -> Result<Participant, Refusal> {
        let (participant, membership) = self.participant(user.id, participant)?;
        self.rules.permissions.check_mute(&membership, &participant)?;
        self.rules.permissions.check_write(&membership)?;
        let until = until.filter(|_| muted);
        if until.is_some_and(|until| until <= Timestamp::now()) {
            return Ok(participant);
        }
        self.store.mute_participant(participant.id, muted, until)?;
        Ok(Participant { is_muted: muted, muted_until: until, ..participant })
    }

    /// Ends a membership, and the event streams of the user at once.
    fn end_membership(
        &mut self,
        participant: &Participant,
        departure: Departure,
    ) -> Result<(), Refusal> {
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.rules.storage.end_membership(&self.store, participant, now)?;
        transaction.commit()?;
        let delivery = &self.rules.delivery;
        delivery.end_streams(&mut self.hub, participant.room, participant.user, departure);
        Ok(())
    }
}
