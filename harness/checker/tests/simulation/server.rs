//! A simulated server that conforms to the specification. It handles one request after the other, each at
//! one point in time.

use hearback_contract::{ClientEvent, Operation};
use serde_json::{Value, json};

use super::page::envelope;
use super::state::{Member, Message, Room, State, username};

const DELETED_CONTENT: &str = "[Message deleted]";

/// A request of a user.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) operation: Operation,
    pub(crate) parameters: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

/// The receivers of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Audience {
    Everyone,
    Except(i64),
    /// The connection that requested it.
    Requester,
}

/// An effect of a request besides its response.
#[derive(Debug)]
pub(crate) enum Effect {
    /// An event for the sockets of a room.
    Event { room: String, audience: Audience, event: Value },
    /// The membership of a user ended.
    MembershipEnded { room: String, user: i64 },
}

#[derive(Debug)]
pub(crate) struct Rejection(pub(crate) u16);

pub(crate) type Response = Result<(u16, Value), Rejection>;

/// The simulated server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) state: State,
    pub(crate) now: u64,
    pub(crate) effects: Vec<Effect>,
}

impl Server {
    pub(crate) fn new(state: State) -> Self {
        Self { state, now: 0, effects: Vec::new() }
    }

    /// Handles a request. Returns the status, the body and the effects.
    pub(crate) fn answer(
        &mut self,
        now: u64,
        user: i64,
        request: &Request,
    ) -> (u16, Value, Vec<Effect>) {
        self.now = now;
        let (status, body) = self.perform(user, request).unwrap_or_else(|Rejection(status)| {
            (status, json!({"error": "Rejected", "detail": "The simulation rejects this."}))
        });
        (status, body, std::mem::take(&mut self.effects))
    }

    /// Returns the first event of a new socket. `None` if the handshake is rejected.
    pub(crate) fn established(&self, user: i64, room: &str) -> Option<Value> {
        let room = self.state.room(room)?;
        let member = room.member(user)?;
        Some(json!({
            "type": "connection_established",
            "room_id": room.id,
            "unread_count": self.state.unread(room, member),
            "user_id": user,
            "username": username(user),
        }))
    }

    /// Handles a frame.
    pub(crate) fn handle(&mut self, now: u64, user: i64, room: &str, event: &Value) -> Vec<Effect> {
        self.now = now;
        if self.perform_event(user, room, event).is_err() {
            let event = json!({"type": "error", "message": "Failed to process message"});
            self.send_event(room, Audience::Requester, event);
        }
        std::mem::take(&mut self.effects)
    }

    fn perform_event(&mut self, user: i64, room: &str, event: &Value) -> Result<(), Rejection> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        let kind: ClientEvent = text("type").unwrap_or("").parse().map_err(|_| Rejection(400))?;
        self.writable(user, room)?;
        match kind {
            ClientEvent::ChatMessage => {
                self.send(user, room, text("message").unwrap_or(""), text("reply_to"))?;
            }
            ClientEvent::Typing => {
                let event = json!({
                    "type": "typing",
                    "user_id": user,
                    "username": username(user),
                    "is_typing": event.get("is_typing"),
                });
                self.send_event(room, Audience::Except(user), event);
            }
            ClientEvent::ReadReceipt => self.read(user, text("message_id").unwrap_or(""))?,
            ClientEvent::MarkRoomRead => {
                self.read_room(user, room)?;
                let event = json!({"type": "room_marked_read", "room_id": room});
                self.send_event(room, Audience::Requester, event);
            }
        }
        Ok(())
    }

    fn perform(&mut self, user: i64, request: &Request) -> Response {
        use Operation as O;
        let subject = request.parameters.first().map_or("", String::as_str);
        let field = |name: &str| request.body.as_ref().and_then(|body| body.get(name));
        let text = |name: &str| field(name).and_then(Value::as_str);
        let query = |name: &str| {
            let mut pairs = request.query.iter();
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        match request.operation {
            O::RoomsCreate => self.create(user, request.body.as_ref().unwrap_or(&Value::Null)),
            O::RoomsList => {
                let archived = query("include_archived") == Some("true");
                let rooms = self.state.rooms.iter().rev();
                let items: Vec<_> = rooms
                    .filter(|room| archived || room.archived_at.is_none())
                    .filter_map(|room| Some(self.state.show_summary(room, room.member(user)?)))
                    .collect();
                Ok((200, envelope(items, request)))
            }
            O::RoomsGet => {
                let (room, member) = self.membership(user, subject)?;
                Ok((200, self.state.show_room(room, member)))
            }
            O::RoomsStats => {
                let (room, member) = self.membership(user, subject)?;
                Ok((200, self.state.show_stats(room, member)))
            }
            O::RoomsMarkRead => {
                self.writable(user, subject)?;
                self.read_room(user, subject)?;
                Ok((200, json!({"message": "Room marked as read"})))
            }
            O::RoomsLeave => {
                self.writable(user, subject)?;
                self.end_membership(subject, user);
                Ok((200, json!({"message": "Successfully left the room"})))
            }
            O::RoomsArchive => {
                self.admin(user, subject)?;
                self.writable(user, subject)?;
                let now = self.now;
                if let Some(room) = self.state.room_mut(subject) {
                    room.archived_at = Some(now);
                    room.modified_at = now;
                }
                let (room, member) = self.membership(user, subject)?;
                Ok((200, self.state.show_room(room, member)))
            }
            O::MessagesList => {
                let room = query("room").unwrap_or("");
                self.membership(user, room)?;
                let mut items: Vec<_> = self
                    .state
                    .listed(room)
                    .map(|message| self.state.show_message(message))
                    .collect();
                let ascending = match query("ordering") {
                    Some(ordering) => ordering == "created_at",
                    None => self.state.readings.oldest_first,
                };
                if !ascending {
                    items.reverse();
                }
                Ok((200, envelope(items, request)))
            }
            O::MessagesSearch => {
                let wanted = query("q").unwrap_or("");
                let found = self.state.messages.iter().rev().filter(|message| {
                    message.deleted_at.is_none()
                        && message.content.contains(wanted)
                        && query("room").is_none_or(|room| room == message.room)
                        && self.membership(user, &message.room).is_ok()
                });
                let items = found.map(|message| self.state.show_message(message)).collect();
                Ok((200, envelope(items, request)))
            }
            O::MessagesSend => {
                let room = text("room").unwrap_or("");
                self.writable(user, room)?;
                let id = self.send(user, room, text("content").unwrap_or(""), text("reply_to"))?;
                Ok((201, self.shown(&id)))
            }
            O::MessagesGet => {
                let message = self.message(user, subject)?;
                Ok((200, self.state.show_message(message)))
            }
            O::MessagesEdit => {
                let message = self.message(user, subject)?;
                let (room, sender) = (message.room.clone(), message.sender);
                let is_deleted = message.deleted_at.is_some();
                if sender != user {
                    return Err(Rejection(403));
                }
                self.writable(user, &room)?;
                let content = text("content").unwrap_or("");
                if is_deleted || content.is_empty() {
                    return Err(Rejection(400));
                }
                let now = self.now;
                if let Some(message) = self.state.message_mut(subject) {
                    content.clone_into(&mut message.content);
                    message.edited_at = Some(now);
                    message.modified_at = now;
                }
                Ok((200, self.shown(subject)))
            }
            O::MessagesDelete => {
                let message = self.message(user, subject)?;
                let (room, sender) = (message.room.clone(), message.sender);
                if sender != user {
                    self.admin(user, &room)?;
                }
                self.writable(user, &room)?;
                let now = self.now;
                if let Some(message) = self.state.message_mut(subject) {
                    DELETED_CONTENT.clone_into(&mut message.content);
                    message.deleted_at = message.deleted_at.or(Some(now));
                    message.modified_at = now;
                }
                Ok((200, json!({"message": "Message deleted"})))
            }
            O::MessagesMarkRead => {
                let room = self.message(user, subject)?.room.clone();
                self.writable(user, &room)?;
                self.read(user, subject)?;
                Ok((200, json!({"message": "Message marked as read"})))
            }
            O::ParticipantsList => {
                let (room, _) = self.membership(user, query("room").unwrap_or(""))?;
                let members = room.present().map(|member| self.state.show_member(room, member));
                Ok((200, envelope(members.collect(), request)))
            }
            O::ParticipantsAdd => {
                let room = text("room").unwrap_or("");
                let added = field("user").and_then(Value::as_i64).unwrap_or(0);
                let is_admin = field("is_admin").and_then(Value::as_bool).unwrap_or(false);
                self.admin(user, room)?;
                self.writable(user, room)?;
                self.join(room, added, is_admin)?;
                let (room, member) = self.membership(added, room)?;
                Ok((201, self.state.show_member(room, member)))
            }
            O::ParticipantsRemove => {
                let (room, removed) = self.participant(user, subject)?;
                self.admin(user, &room)?;
                self.writable(user, &room)?;
                self.end_membership(&room, removed);
                Ok((200, json!({"message": "Participant removed"})))
            }
            O::ParticipantsMute => {
                let (room, muted) = self.participant(user, subject)?;
                if muted != user {
                    return Err(Rejection(403));
                }
                self.writable(user, &room)?;
                let is_muted = field("muted").and_then(Value::as_bool).unwrap_or(false);
                let until = text("muted_until").filter(|_| is_muted).map(str::to_owned);
                if let Some(member) =
                    self.state.room_mut(&room).and_then(|room| room.member_mut(user))
                {
                    member.is_muted = is_muted;
                    member.muted_until = until;
                }
                let (room, member) = self.membership(user, &room)?;
                Ok((200, self.state.show_member(room, member)))
            }
            O::TokenObtain | O::TokenRefresh => Err(Rejection(400)),
        }
    }

    fn shown(&self, message: &str) -> Value {
        let found = self.state.messages.iter().find(|other| other.id == message);
        found.map_or(Value::Null, |message| self.state.show_message(message))
    }

    pub(crate) fn membership(&self, user: i64, room: &str) -> Result<(&Room, &Member), Rejection> {
        let rejection = Rejection(self.state.readings.outsider_status);
        let found = self.state.room(room).and_then(|room| Some((room, room.member(user)?)));
        found.ok_or(rejection)
    }

    fn admin(&self, user: i64, room: &str) -> Result<(), Rejection> {
        let (_, member) = self.membership(user, room)?;
        if member.is_admin { Ok(()) } else { Err(Rejection(403)) }
    }

    fn writable(&self, user: i64, room: &str) -> Result<(), Rejection> {
        let (room, _) = self.membership(user, room)?;
        if room.archived_at.is_none() { Ok(()) } else { Err(Rejection(403)) }
    }

    fn message(&self, user: i64, id: &str) -> Result<&Message, Rejection> {
        let rejection = Rejection(self.state.readings.outsider_status);
        let found = self.state.messages.iter().find(|message| message.id == id);
        let message = found.ok_or(rejection)?;
        self.membership(user, &message.room)?;
        if message.deleted_at.is_some() && !self.state.readings.deleted_stay_listed {
            return Err(Rejection(404));
        }
        Ok(message)
    }

    /// Returns the room and the user of a current participant.
    fn participant(&self, user: i64, id: &str) -> Result<(String, i64), Rejection> {
        let number: i64 = id.parse().map_err(|_| Rejection(404))?;
        let found = self.state.rooms.iter().find_map(|room| {
            let member = room.present().find(|member| member.id == number)?;
            Some((room.id.clone(), member.user))
        });
        let (room, participant) = found.ok_or(Rejection(self.state.readings.outsider_status))?;
        self.membership(user, &room)?;
        Ok((room, participant))
    }
}
