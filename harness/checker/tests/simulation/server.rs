//! A server that keeps the specification: one request after the other, each at one moment.

use hearback_contract::{ClientEvent, Operation};
use hearback_testkit::dsl;
use serde_json::{Value, json};

use super::state::{Member, Message, Room, State, username};

const PLACEHOLDER: &str = "[Message deleted]";

/// A request as a user makes it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) operation: Operation,
    pub(crate) parameters: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

/// Who gets an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Audience {
    Everyone,
    Except(i64),
    /// The connection that asked for it.
    Requester,
}

/// What a request does besides its answer.
#[derive(Debug)]
pub(crate) enum Effect {
    /// An event for the sockets of a room.
    Event { room: String, audience: Audience, event: Value },
    /// A user's sockets to a room end.
    Expelled { room: String, user: i64 },
}

#[derive(Debug)]
struct Refusal(u16);

type Answer = Result<(u16, Value), Refusal>;

/// The simulated server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) state: State,
    now: u64,
    effects: Vec<Effect>,
}

impl Server {
    pub(crate) fn new(state: State) -> Self {
        Self { state, now: 0, effects: Vec::new() }
    }

    /// Answers a request at a moment: status, body, and what else comes of it.
    pub(crate) fn answer(
        &mut self,
        now: u64,
        user: i64,
        request: &Request,
    ) -> (u16, Value, Vec<Effect>) {
        self.now = now;
        let (status, body) = self.carry_out(user, request).unwrap_or_else(|Refusal(status)| {
            (status, json!({"error": "Refused", "detail": "The simulation says no."}))
        });
        (status, body, std::mem::take(&mut self.effects))
    }

    /// What a new socket is told; `None` if it is refused.
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

    /// Handles a frame at a moment.
    pub(crate) fn handle(&mut self, now: u64, user: i64, room: &str, event: &Value) -> Vec<Effect> {
        self.now = now;
        if self.carry_out_event(user, room, event).is_err() {
            let event = json!({"type": "error", "message": "Failed to process message"});
            self.tell(room, Audience::Requester, event);
        }
        std::mem::take(&mut self.effects)
    }

    fn carry_out_event(&mut self, user: i64, room: &str, event: &Value) -> Result<(), Refusal> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        let kind: ClientEvent = text("type").unwrap_or("").parse().map_err(|_| Refusal(400))?;
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
                self.tell(room, Audience::Except(user), event);
            }
            ClientEvent::ReadReceipt => self.read(user, text("message_id").unwrap_or(""))?,
            ClientEvent::MarkRoomRead => {
                self.read_room(user, room)?;
                let event = json!({"type": "room_marked_read", "room_id": room});
                self.tell(room, Audience::Requester, event);
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, user: i64, request: &Request) -> Answer {
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
                self.expel(subject, user);
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
                    return Err(Refusal(403));
                }
                self.writable(user, &room)?;
                let content = text("content").unwrap_or("");
                if is_deleted || content.is_empty() {
                    return Err(Refusal(400));
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
                    PLACEHOLDER.clone_into(&mut message.content);
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
                self.expel(&room, removed);
                Ok((200, json!({"message": "Participant removed"})))
            }
            O::ParticipantsMute => {
                let (room, muted) = self.participant(user, subject)?;
                if muted != user {
                    return Err(Refusal(403));
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
            O::TokenObtain | O::TokenRefresh => Err(Refusal(400)),
        }
    }

    fn create(&mut self, creator: i64, body: &Value) -> Answer {
        let id = dsl::id(&format!("room {}", self.state.rooms.len()));
        self.state.rooms.push(Room {
            id: id.clone(),
            name: body.get("name").and_then(Value::as_str).unwrap_or("").to_owned(),
            creator,
            created_at: self.now,
            modified_at: self.now,
            archived_at: None,
            members: Vec::new(),
        });
        self.join(&id, creator, true)?;
        let others = body.get("participant_ids").and_then(Value::as_array).into_iter().flatten();
        for user in others.filter_map(Value::as_i64).filter(|user| *user != creator) {
            self.join(&id, user, false)?;
        }
        let (room, member) = self.membership(creator, &id)?;
        Ok((201, self.state.show_room(room, member)))
    }

    fn join(&mut self, room: &str, user: i64, is_admin: bool) -> Result<(), Refusal> {
        let now = self.now;
        let next = self.state.members + 1;
        let room = self.state.room_mut(room).ok_or(Refusal(404))?;
        match room.members.iter_mut().find(|member| member.user == user) {
            Some(member) if member.is_present => return Err(Refusal(400)),
            Some(member) => {
                member.is_present = true;
                member.is_admin = is_admin;
                member.joined_at = now;
            }
            None => {
                room.members.push(Member {
                    id: next,
                    user,
                    is_present: true,
                    is_admin,
                    is_muted: false,
                    muted_until: None,
                    joined_at: now,
                    last_read_at: None,
                });
                self.state.members = next;
            }
        }
        Ok(())
    }

    /// Ends a membership; without an admin, who joined first becomes one (last-admin-leaves).
    fn expel(&mut self, id: &str, user: i64) {
        let Some(room) = self.state.room_mut(id) else { return };
        if let Some(member) = room.member_mut(user) {
            member.is_present = false;
        }
        if !room.present().any(|member| member.is_admin)
            && let Some(heir) = room.members.iter_mut().find(|member| member.is_present)
        {
            heir.is_admin = true;
        }
        self.effects.push(Effect::Expelled { room: id.to_owned(), user });
    }

    fn send(
        &mut self,
        sender: i64,
        room: &str,
        content: &str,
        reply_to: Option<&str>,
    ) -> Result<String, Refusal> {
        let answers =
            |id| self.state.messages.iter().any(|message| message.id == id && message.room == room);
        if content.is_empty() || !reply_to.is_none_or(answers) {
            return Err(Refusal(400));
        }
        let message = Message {
            id: self.state.next_message_id(),
            room: room.to_owned(),
            sender,
            content: content.to_owned(),
            reply_to: reply_to.map(str::to_owned),
            created_at: self.now,
            modified_at: self.now,
            edited_at: None,
            deleted_at: None,
            read_by: std::collections::BTreeMap::new(),
        };
        let event = self.state.show_message_event(&message);
        let id = message.id.clone();
        self.state.messages.push(message);
        let now = self.now;
        if let Some(room) = self.state.room_mut(room) {
            room.modified_at = now;
        }
        self.tell(room, Audience::Everyone, event);
        Ok(id)
    }

    fn read(&mut self, reader: i64, id: &str) -> Result<(), Refusal> {
        let now = self.now;
        let message = self.state.message_mut(id).ok_or(Refusal(404))?;
        if message.sender == reader {
            return Ok(());
        }
        message.read_by.entry(reader).or_insert(now);
        let message = message.clone();
        let event = self.state.show_receipt(&message, reader);
        let audience = if self.state.readings.readers_get_receipts {
            Audience::Everyone
        } else {
            Audience::Except(reader)
        };
        self.tell(&message.room, audience, event);
        Ok(())
    }

    fn read_room(&mut self, reader: i64, id: &str) -> Result<(), Refusal> {
        let now = self.now;
        let enters = self.state.readings.marks_enter_readers;
        for message in &mut self.state.messages {
            if enters && message.room == id && message.sender != reader {
                message.read_by.entry(reader).or_insert(now);
            }
        }
        let room = self.state.room_mut(id).ok_or(Refusal(404))?;
        room.member_mut(reader).ok_or(Refusal(404))?.last_read_at = Some(now);
        Ok(())
    }

    fn tell(&mut self, room: &str, audience: Audience, event: Value) {
        self.effects.push(Effect::Event { room: room.to_owned(), audience, event });
    }

    fn shown(&self, message: &str) -> Value {
        let found = self.state.messages.iter().find(|other| other.id == message);
        found.map_or(Value::Null, |message| self.state.show_message(message))
    }

    fn membership(&self, user: i64, room: &str) -> Result<(&Room, &Member), Refusal> {
        let refusal = Refusal(self.state.readings.outsider_status);
        let found = self.state.room(room).and_then(|room| Some((room, room.member(user)?)));
        found.ok_or(refusal)
    }

    fn admin(&self, user: i64, room: &str) -> Result<(), Refusal> {
        let (_, member) = self.membership(user, room)?;
        if member.is_admin { Ok(()) } else { Err(Refusal(403)) }
    }

    fn writable(&self, user: i64, room: &str) -> Result<(), Refusal> {
        let (room, _) = self.membership(user, room)?;
        if room.archived_at.is_none() { Ok(()) } else { Err(Refusal(403)) }
    }

    fn message(&self, user: i64, id: &str) -> Result<&Message, Refusal> {
        let refusal = Refusal(self.state.readings.outsider_status);
        let found = self.state.messages.iter().find(|message| message.id == id);
        let message = found.ok_or(refusal)?;
        self.membership(user, &message.room)?;
        if message.deleted_at.is_some() && !self.state.readings.deleted_stay_listed {
            return Err(Refusal(404));
        }
        Ok(message)
    }

    /// The room and the user of a current participant.
    fn participant(&self, user: i64, id: &str) -> Result<(String, i64), Refusal> {
        let number: i64 = id.parse().map_err(|_| Refusal(404))?;
        let found = self.state.rooms.iter().find_map(|room| {
            let member = room.present().find(|member| member.id == number)?;
            Some((room.id.clone(), member.user))
        });
        let (room, participant) = found.ok_or(Refusal(self.state.readings.outsider_status))?;
        self.membership(user, &room)?;
        Ok((room, participant))
    }
}

/// A page of the items, with its links.
fn envelope(items: Vec<Value>, request: &Request) -> Value {
    let number = |name: &str, default: usize| {
        let mut pairs = request.query.iter();
        let value = pairs.find(|(key, _)| key == name).map(|(_, value)| value.parse().ok());
        value.flatten().unwrap_or(default)
    };
    let (page, size) = (number("page", 1), number("page_size", 50));
    let count = items.len();
    let link = |page: usize| {
        let kept = request.query.iter().filter(|(name, _)| name != "page");
        let query: String = kept.map(|(name, value)| format!("&{name}={value}")).collect();
        format!("http://target.test/api{}?page={page}{query}", request.operation.spec().path)
    };
    json!({
        "count": count,
        "next": (page * size < count).then(|| link(page + 1)),
        "previous": (page > 1).then(|| link(page - 1)),
        "results": items.into_iter().skip((page - 1) * size).take(size).collect::<Vec<_>>(),
    })
}
