//! What clients send, read and carried out. Section *Event Types*.

use hearback_contract::ClientEvent;
use uuid::Uuid;

use super::event::Event;
use super::hub::{Audience, Closing, ConnectionId};
use crate::chat::{Chat, Draft, Transport};
use crate::directory::User;
use crate::faults::{Behaviour, marks};
use crate::fields::{Fields, required};
use crate::refusal::Refusal;

/// A connection that asks for something.
pub(super) struct Requester<'a> {
    pub(super) user: &'a User,
    pub(super) room: Uuid,
    pub(super) connection: ConnectionId,
}

impl Requester<'_> {
    /// Carries out one frame, or complains of it.
    pub(super) fn handle(&self, chat: &mut Chat, frame: &[u8]) {
        match self.carry_out(chat, frame) {
            Err(refusal) if !chat.faults.ignores(frame) => self.refuse(chat, &refusal),
            _ => {}
        }
    }

    /// Complains of a frame that is no text.
    pub(super) fn refuse_binary(&self, chat: &mut Chat) {
        if chat.faults.has(Behaviour::BinaryFramesEndRoom) {
            return chat.hub.empty(self.room, Closing::Refused);
        }
        self.refuse(chat, &Refusal::invalid("Events are text frames."));
    }

    fn refuse(&self, chat: &mut Chat, refusal: &Refusal) {
        if chat.faults.has(Behaviour::BadInputEndsConnection) {
            return chat.hub.expel(self.room, self.user.id, Closing::Refused);
        }
        let audience = if chat.faults.has(Behaviour::ErrorsReachEveryone) {
            Audience::Everyone
        } else {
            Audience::Connection(self.connection)
        };
        let event = Event::Error { message: &refusal.to_string() };
        chat.hub.deliver(self.room, &event, audience);
    }

    /// A refusal changes nothing.
    fn carry_out(&self, chat: &mut Chat, frame: &[u8]) -> Result<(), Refusal> {
        let fields = Fields::parse(frame)?;
        let name = required("type", fields.text("type")?)?;
        let event: ClientEvent =
            name.parse().map_err(|_| Refusal::invalid("There is no such `type`."))?;
        match event {
            ClientEvent::ChatMessage => self.send(chat, &fields),
            ClientEvent::Typing => self.typing(chat, &fields),
            ClientEvent::ReadReceipt => self.read(chat, &fields),
            ClientEvent::MarkRoomRead => self.read_room(chat),
        }
    }

    fn send(&self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let draft = Draft {
            room: self.room,
            content: required("message", fields.text("message")?)?.to_owned(),
            message_type: None,
            reply_to: fields.uuid("reply_to")?,
            attachment: None,
            transport: Transport::Socket,
        };
        chat.send(self.user, draft).map(drop)
    }

    fn typing(&self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let is_typing = required("is_typing", fields.boolean("is_typing")?)?;
        if !chat.faults.has(Behaviour::RemovedKeepTyping) {
            chat.membership(self.user.id, self.room)?.writable()?;
        }
        let username = &self.user.username;
        let event = Event::Typing { user_id: self.user.id, username, is_typing };
        let audience = if chat.faults.has(Behaviour::TypingReachesTypist) {
            Audience::Everyone
        } else {
            Audience::Except(self.user.id)
        };
        chat.hub.deliver(self.room, &event, audience);
        Ok(())
    }

    fn read(&self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let message = required("message_id", fields.uuid("message_id")?)?;
        let membership = chat.membership(self.user.id, self.room)?;
        let message = chat.message_of_room(&membership, message)?;
        chat.read(self.user, &message, &membership)
    }

    fn read_room(&self, chat: &mut Chat) -> Result<(), Refusal> {
        chat.read_room(self.user, self.room)?;
        marks::read_room(chat, self.room, self.user.id, Behaviour::SocketMarkLeavesOne)?;
        let event = Event::RoomMarkedRead { room_id: self.room };
        let audience = if chat.faults.has(Behaviour::ConfirmsToEveryone) {
            Audience::Everyone
        } else {
            Audience::Connection(self.connection)
        };
        chat.hub.deliver(self.room, &event, audience);
        Ok(())
    }
}
