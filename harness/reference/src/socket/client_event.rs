//! Client events, parsed and executed. Section *Event Types*.

use hearback_contract::ClientEvent;
use tokio::time::Instant;
use uuid::Uuid;

use crate::chat::{Chat, Draft};
use crate::delivery::{ConnectionId, Event, Source};
use crate::input::{Fields, required};
use crate::refusal::Refusal;
use crate::rules::{Frame, Peer};
use crate::users::User;

/// A connection that receives frames from its client.
pub(super) struct Client<'a> {
    pub(super) user: &'a User,
    pub(super) room: Uuid,
    pub(super) connection: ConnectionId,
    /// The time at which the typing of the user ends by itself; `None` if the user does not type.
    pub(super) typing_until: Option<Instant>,
}

impl Client<'_> {
    /// The client, for the rules.
    pub(super) fn peer(&self) -> Peer {
        Peer { user: self.user.id, room: self.room, connection: self.connection }
    }

    /// Executes the event in a text frame, or rejects the frame.
    pub(super) fn handle_text(&mut self, chat: &mut Chat, frame: &[u8]) {
        if let Err(refusal) = self.execute(chat, frame) {
            self.reject(chat, Frame::Text(frame), &refusal);
        }
    }

    /// Rejects a binary frame.
    pub(super) fn handle_binary(&self, chat: &mut Chat) {
        self.reject(chat, Frame::Binary, &Refusal::invalid("Events are text frames."));
    }

    fn reject(&self, chat: &mut Chat, frame: Frame<'_>, refusal: &Refusal) {
        chat.rules.delivery.reject_frame(&mut chat.hub, self.peer(), frame, refusal);
    }

    /// A rejected frame has no effect.
    fn execute(&mut self, chat: &mut Chat, frame: &[u8]) -> Result<(), Refusal> {
        let fields = Fields::parse(frame)?;
        let name = required("type", fields.text("type")?)?;
        let event: ClientEvent =
            name.parse().map_err(|_| Refusal::invalid("There is no such `type`."))?;
        match event {
            ClientEvent::ChatMessage => self.send(chat, &fields),
            ClientEvent::Typing => self.typing(chat, &fields),
            ClientEvent::ReadReceipt => self.read(chat, &fields),
            ClientEvent::MarkRoomRead => chat.read_room(self.user, self.room, self.source()),
        }
    }

    fn source(&self) -> Source {
        Source::Connection(self.connection)
    }

    fn send(&self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let draft = Draft {
            room: self.room,
            content: required("message", fields.text("message")?)?.to_owned(),
            message_type: None,
            reply_to: fields.uuid("reply_to")?,
            attachment: None,
            source: self.source(),
        };
        chat.send(self.user, draft).map(drop)
    }

    fn typing(&mut self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let is_typing = required("is_typing", fields.boolean("is_typing")?)?;
        let membership = chat.membership(self.user.id, self.room);
        chat.rules.permissions.check_typing(membership)?;
        let lifetime = chat.rules.delivery.typing_lifetime();
        self.typing_until = is_typing.then(|| Instant::now() + lifetime);
        let event = self.typing_event(is_typing);
        chat.rules.delivery.deliver(&mut chat.hub, self.room, &event, self.source());
        Ok(())
    }

    fn typing_event(&self, is_typing: bool) -> Event<'_> {
        Event::Typing { user_id: self.user.id, username: &self.user.username, is_typing }
    }

    /// Ends the typing of a user who has stopped without saying so.
    pub(super) fn stop_typing(&mut self, chat: &mut Chat) {
        if self.typing_until.take().is_some() {
            let event = self.typing_event(false);
            chat.rules.delivery.deliver(&mut chat.hub, self.room, &event, self.source());
        }
    }

    /// Removes the connection from its room.
    pub(super) fn leave(&mut self, chat: &mut Chat) {
        chat.hub.remove(self.room, self.connection);
        let stopped = self.typing_until.take().map(|_| self.typing_event(false));
        chat.rules.delivery.farewell(&mut chat.hub, self.peer(), stopped.as_ref());
    }

    fn read(&self, chat: &mut Chat, fields: &Fields) -> Result<(), Refusal> {
        let message = required("message_id", fields.uuid("message_id")?)?;
        chat.read_in_room(self.user, self.room, message, self.source())
    }
}
