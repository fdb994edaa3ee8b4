//! Marks messages and rooms as read. Sections *Mark Message as Read* and *Mark Room as Read*.

use uuid::Uuid;

use super::Chat;
use crate::delivery::{Event, Source};
use crate::membership::Membership;
use crate::refusal::Refusal;
use crate::store::messages::Message;
use crate::users::User;

impl Chat {
    /// Marks a message as read, and reports it to the other members. The sender of a message has
    /// read it already.
    pub(crate) fn read(
        &mut self,
        reader: &User,
        message: &Message,
        membership: &Membership,
        source: Source,
    ) -> Result<(), Refusal> {
        self.rules.permissions.check_write(membership)?;
        if message.sender == reader.id {
            return Ok(());
        }
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        let participant = &membership.participant;
        let read_at = self.rules.storage.read_message(&self.store, message, participant, now)?;
        transaction.commit()?;
        let event = Event::ReadReceipt { message_id: message.id, user_id: reader.id, read_at };
        self.rules.delivery.deliver(&mut self.hub, message.room, &event, source);
        Ok(())
    }

    /// Marks a message of this room as read; messages of other rooms do not exist for it.
    pub(crate) fn read_in_room(
        &mut self,
        reader: &User,
        room: Uuid,
        message: Uuid,
        source: Source,
    ) -> Result<(), Refusal> {
        let membership = self.membership(reader.id, room)?;
        let message = self.store.message(message)?.filter(|message| message.room == room);
        let message =
            message.ok_or_else(|| Refusal::invalid("There is no such message in this room."))?;
        self.read(reader, &message, &membership, source)
    }

    /// Marks all messages of a room as read. The other members receive no event.
    pub(crate) fn read_room(
        &mut self,
        reader: &User,
        room: Uuid,
        source: Source,
    ) -> Result<(), Refusal> {
        let membership = self.membership(reader.id, room)?;
        self.rules.permissions.check_write(&membership)?;
        let now = self.clock.tick();
        let transaction = self.store.begin()?;
        self.rules.storage.read_room(&self.store, &membership.participant, source, now)?;
        transaction.commit()?;
        let event = Event::RoomMarkedRead { room_id: room };
        self.rules.delivery.deliver(&mut self.hub, room, &event, source);
        Ok(())
    }
}
