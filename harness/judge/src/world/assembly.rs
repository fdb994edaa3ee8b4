//! Putting the world together, in one pass over the calls and one over the connections.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::{ClientEvent, Operation, ServerEvent};
use hearback_history::{Call, Connection, Frame, History, Interval};
use serde_json::Value;

use super::message::{File, Message, Origin, Version};
use super::room::{Membership, Room, WriteKind};
use super::{SocketSend, World, sighting};

type Writes = HashMap<String, BTreeMap<WriteKind, Vec<Interval>>>;

pub(super) fn assemble(history: &History) -> World<'_> {
    let mut assembly = Assembly {
        world: World {
            sightings: sighting::messages(history),
            room_sightings: sighting::rooms(history),
            users: history
                .actors
                .values()
                .filter_map(|actor| Some((actor.name.clone(), actor.user_id?)))
                .collect(),
            ..World::default()
        },
        participants: HashMap::new(),
        writes: Writes::new(),
    };
    for call in &history.calls {
        assembly.learn_participants(call);
        assembly.create_room(call);
        assembly.send(call);
    }
    assembly.socket_sends(history);
    for call in history.calls.iter().filter(|call| call.is_authorized() && call.maybe_done()) {
        assembly.write(call);
    }
    assembly.socket_reads(history);
    assembly.finish()
}

/// The id of the room that a call is about, if it can be told from the call and what is known.
pub(super) fn room_id_of<'a>(world: &'a World<'_>, call: &'a Call) -> Option<&'a str> {
    use Operation as O;
    let body = |name| call.request.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
    match call.operation()? {
        O::RoomsGet | O::RoomsMarkRead | O::RoomsLeave | O::RoomsArchive | O::RoomsStats => {
            call.subject()
        }
        O::RoomsCreate => call.success()?.get("id")?.as_str(),
        O::MessagesList | O::ParticipantsList | O::MessagesSearch => call.query("room"),
        O::MessagesSend | O::ParticipantsAdd => body("room"),
        O::MessagesGet | O::MessagesEdit | O::MessagesDelete | O::MessagesMarkRead => {
            world.messages.get(call.subject()?).map(|message| message.room.as_str())
        }
        O::TokenObtain
        | O::TokenRefresh
        | O::RoomsList
        | O::ParticipantsRemove
        | O::ParticipantsMute => None,
    }
}

struct Assembly<'h> {
    world: World<'h>,
    /// Room id and user id by participant id.
    participants: HashMap<i64, (String, i64)>,
    writes: Writes,
}

impl<'h> Assembly<'h> {
    /// Remembers which participant id is whose: every participant object says so.
    fn learn_participants(&mut self, call: &'h Call) {
        let Some(body) = call.success() else { return };
        let objects: Vec<&Value> = match call.operation() {
            Some(Operation::RoomsCreate | Operation::RoomsGet | Operation::RoomsArchive) => {
                body.get("participants").and_then(Value::as_array).into_iter().flatten().collect()
            }
            Some(Operation::ParticipantsList) => call.items().into_iter().flatten().collect(),
            Some(Operation::ParticipantsAdd | Operation::ParticipantsMute) => vec![body],
            _ => return,
        };
        for object in objects {
            let id = object.get("id").and_then(Value::as_i64);
            let room = object.get("room").and_then(Value::as_str);
            let user = object.pointer("/user/id").and_then(Value::as_i64);
            if let (Some(id), Some(room), Some(user)) = (id, room, user) {
                self.participants.insert(id, (room.to_owned(), user));
            }
        }
    }

    fn create_room(&mut self, call: &'h Call) {
        if call.operation() != Some(Operation::RoomsCreate) || !call.is_authorized() {
            return;
        }
        let request = |name| call.request.as_ref().and_then(|request| request.get(name));
        let room_type = request("room_type").and_then(Value::as_str);
        // It may have been there before, and then it is not this run's (second-direct-room).
        if room_type == Some("direct") && call.status() == Some(200) {
            return;
        }
        let Some(id) = call.success().and_then(|body| body.get("id")?.as_str()) else { return };
        let creator = call.invocation.actor.clone();
        let asked = request("participant_ids").and_then(Value::as_array).into_iter().flatten();
        let joined = call.interval();
        let members = asked
            .filter_map(Value::as_i64)
            .chain(self.world.user_id(&creator))
            .map(|user| (user, vec![Membership { joined, left: None }]))
            .collect();
        self.world.rooms.entry(id.to_owned()).or_insert(Room {
            id: id.to_owned(),
            creation: call,
            creator,
            room_type,
            name: request("name").and_then(Value::as_str),
            members,
            archived: Vec::new(),
            messages: Vec::new(),
            writes: BTreeMap::new(),
        });
    }

    fn send(&mut self, call: &'h Call) {
        if call.operation() != Some(Operation::MessagesSend) || !call.is_authorized() {
            return;
        }
        let Some(request) = &call.request else { return };
        let field = |name| request.get(name).and_then(Value::as_str);
        let id = call.success().and_then(|body| body.get("id")).and_then(Value::as_str);
        let (Some(id), Some(room)) = (id, field("room")) else { return };
        let message = Message {
            id: id.to_owned(),
            room: room.to_owned(),
            sender: call.invocation.actor.clone(),
            origin: Origin::Rest(call),
            sent: call.interval(),
            versions: vec![Version {
                content: field("content").unwrap_or_default(),
                written: call.interval(),
            }],
            reply_to: field("reply_to"),
            message_type: field("message_type"),
            file: request.get("attachment").and_then(file),
            deletions: Vec::new(),
        };
        self.world.messages.entry(id.to_owned()).or_insert(message);
    }

    /// Finds out which received message is which sent frame: by text, or, if the text was altered, by
    /// what the sender received next.
    fn socket_sends(&mut self, history: &'h History) {
        // Every message seen in a room's sockets: who it says sent it, its text, when first seen.
        let mut seen: HashMap<&str, Vec<(&'h str, &'h Value, u64)>> = HashMap::new();
        let mut known = HashSet::new();
        let mut frames: Vec<(&'h Connection, &'h Frame, &'h Value)> = history
            .connections
            .iter()
            .flat_map(|connection| {
                connection.received(ServerEvent::ChatMessage).filter_map(move |(frame, event)| {
                    Some((connection, frame, event.get("message")?))
                })
            })
            .collect();
        frames.sort_by_key(|(_, frame, _)| frame.at);
        for (connection, frame, message) in &frames {
            let Some(id) = message.get("id").and_then(Value::as_str) else { continue };
            if known.insert((connection.room.as_str(), id)) && !self.world.messages.contains_key(id)
            {
                seen.entry(&connection.room).or_default().push((id, message, frame.at));
            }
        }
        let mut by_text: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (room, messages) in &seen {
            for (index, (_, message, _)) in messages.iter().enumerate() {
                if let Some(text) = message.get("content").and_then(Value::as_str) {
                    by_text.entry((room, text)).or_default().push(index);
                }
            }
        }
        by_text.values_mut().for_each(|indexes| indexes.reverse());
        let mut taken = HashSet::new();

        let mut sends: Vec<_> = history
            .connections
            .iter()
            .filter(|connection| connection.credential.kind.is_valid())
            .flat_map(|connection| {
                connection
                    .sent()
                    .filter_map(move |frame| Some((connection, frame, sent_text(frame)?)))
            })
            .collect();
        sends.sort_by_key(|(_, frame, _)| frame.at);
        let texts: HashSet<_> = sends.iter().map(|(_, _, text)| *text).collect();
        for (connection, frame, text) in sends {
            let room = connection.room.as_str();
            let own = self.world.user_id(&connection.actor);
            let messages = seen.get(room).map_or(&[][..], Vec::as_slice);
            let exact = by_text.get_mut(&(room, text)).and_then(Vec::pop);
            let index = exact.or_else(|| {
                messages.iter().enumerate().position(|(index, (_, message, at))| {
                    *at > frame.at
                        && !taken.contains(&(room, index))
                        && message.pointer("/sender/id").and_then(Value::as_i64) == own
                        && message
                            .get("content")
                            .and_then(Value::as_str)
                            .is_none_or(|other| !texts.contains(other))
                })
            });
            let reply_to = frame.json.as_ref().and_then(|json| json.get("reply_to")?.as_str());
            let mut send = SocketSend { connection, frame, text, reply_to, echo: None, id: None };
            let mut sent = Interval { invoked: frame.at, returned: u64::MAX };
            if let Some(index) = index {
                taken.insert((room, index));
                let (id, _, first_seen) = messages[index];
                sent.returned = first_seen;
                send.id = Some(id.to_owned());
                send.echo = connection
                    .received(ServerEvent::ChatMessage)
                    .find(|(_, event)| {
                        event.pointer("/message/id").and_then(Value::as_str) == Some(id)
                    })
                    .map(|(frame, _)| frame);
                self.world.messages.entry(id.to_owned()).or_insert(Message {
                    id: id.to_owned(),
                    room: room.to_owned(),
                    sender: connection.actor.clone(),
                    origin: Origin::Socket(connection, frame),
                    sent,
                    versions: vec![Version { content: text, written: sent }],
                    reply_to,
                    message_type: None,
                    file: None,
                    deletions: Vec::new(),
                });
            }
            self.note(room, WriteKind::Send, sent);
            self.world.socket_sends.push(send);
        }
    }

    /// Receipts and marks that were given by socket: done by the next answer on the same connection.
    fn socket_reads(&mut self, history: &'h History) {
        for connection in &history.connections {
            for (index, frame) in connection.frames.iter().enumerate() {
                let is_mark = [ClientEvent::ReadReceipt, ClientEvent::MarkRoomRead]
                    .iter()
                    .any(|event| frame.is_sent() && frame.kind() == Some(event.id()));
                if !is_mark {
                    continue;
                }
                let answered = connection.frames[index..].iter().find(|later| {
                    later.received(ServerEvent::RoomMarkedRead).is_some()
                        || later.received(ServerEvent::ChatMessage).is_some_and(|event| {
                            let id = event.pointer("/message/id").and_then(Value::as_str);
                            id.and_then(|id| self.world.messages.get(id)).is_some_and(|message| {
                                message.sender == connection.actor
                                    && message.sent.invoked > frame.at
                            })
                        })
                });
                let returned = answered.map_or(u64::MAX, |later| later.at);
                let room = connection.room.clone();
                self.note(&room, WriteKind::Read, Interval { invoked: frame.at, returned });
            }
        }
    }

    /// Takes a write into account that succeeded or may have.
    fn write(&mut self, call: &'h Call) {
        use Operation as O;
        let Some(operation) = call.operation() else { return };
        let interval = call.interval();
        let subject = call.subject().unwrap_or_default();
        match operation {
            O::MessagesSend => self.note_room_of(call, WriteKind::Send),
            O::MessagesMarkRead | O::RoomsMarkRead => self.note_room_of(call, WriteKind::Read),
            O::MessagesEdit => {
                let content = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
                if let (Some(message), Some(content)) =
                    (self.world.messages.get_mut(subject), content)
                {
                    message.versions.push(Version { content, written: interval });
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::MessagesDelete => {
                if let Some(message) = self.world.messages.get_mut(subject) {
                    message.deletions.push(interval);
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::RoomsArchive => {
                if let Some(room) = self.world.rooms.get_mut(subject) {
                    room.archived.push(interval);
                }
                self.note_room_of(call, WriteKind::Room);
            }
            O::RoomsLeave => {
                if let Some(user) = self.world.user_id(&call.invocation.actor) {
                    self.leave(subject.to_owned(), user, interval);
                }
            }
            O::ParticipantsAdd => {
                let user = call.request.as_ref().and_then(|body| body.get("user")?.as_i64());
                let room = room_id_of(&self.world, call).map(str::to_owned);
                if let (Some(user), Some(room)) = (user, room) {
                    self.join(&room, user, interval);
                }
            }
            O::ParticipantsRemove | O::ParticipantsMute => {
                let participant = subject.parse::<i64>().ok();
                let known = participant.and_then(|id| self.participants.get(&id)).cloned();
                if let Some((room, user)) = known {
                    if operation == O::ParticipantsRemove {
                        self.leave(room, user, interval);
                    } else {
                        self.note(&room, WriteKind::Membership, interval);
                    }
                }
            }
            O::TokenObtain
            | O::TokenRefresh
            | O::RoomsList
            | O::RoomsCreate
            | O::RoomsGet
            | O::RoomsStats
            | O::MessagesList
            | O::MessagesGet
            | O::MessagesSearch
            | O::ParticipantsList => {}
        }
    }

    fn join(&mut self, room: &str, user: i64, joined: Interval) {
        if let Some(known) = self.world.rooms.get_mut(room) {
            let stays = known.members.entry(user).or_default();
            if stays.last().is_none_or(|stay| stay.left.is_some()) {
                stays.push(Membership { joined, left: None });
            }
        }
        self.note(room, WriteKind::Membership, joined);
    }

    fn leave(&mut self, room: String, user: i64, left: Interval) {
        if let Some(known) = self.world.rooms.get_mut(&room)
            && let Some(stay) = known.members.get_mut(&user).and_then(|stays| stays.last_mut())
            && stay.left.is_none()
        {
            stay.left = Some(left);
        }
        self.note(&room, WriteKind::Membership, left);
    }

    fn note_room_of(&mut self, call: &Call, kind: WriteKind) {
        if let Some(room) = room_id_of(&self.world, call).map(str::to_owned) {
            self.note(&room, kind, call.interval());
        }
    }

    fn note(&mut self, room: &str, kind: WriteKind, interval: Interval) {
        let kinds = self.writes.entry(room.to_owned()).or_default();
        kinds.entry(kind).or_default().push(interval);
    }

    fn finish(mut self) -> World<'h> {
        for (room, kinds) in self.writes {
            if let Some(room) = self.world.rooms.get_mut(&room) {
                room.writes = kinds
                    .into_iter()
                    .map(|(kind, intervals)| (kind, intervals.into_iter().collect()))
                    .collect();
            }
        }
        let mut in_order: Vec<_> = self
            .world
            .messages
            .values()
            .map(|message| (message.sent.invoked, message.room.clone(), message.id.clone()))
            .collect();
        in_order.sort();
        for (_, room, id) in in_order {
            if let Some(room) = self.world.rooms.get_mut(&room) {
                room.messages.push(id);
            }
        }
        self.world
    }
}

/// The text of a well-formed `chat_message` that was sent.
fn sent_text(frame: &Frame) -> Option<&str> {
    let is_message = frame.kind() == Some(ClientEvent::ChatMessage.id());
    let text = frame.json.as_ref().filter(|_| is_message)?.get("message")?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

/// A file as the record of a form holds it.
fn file(value: &Value) -> Option<File<'_>> {
    let field = |name| value.get(name).and_then(Value::as_str);
    Some(File {
        name: field("name")?,
        content_type: field("content_type")?,
        bytes: STANDARD.decode(field("base64")?).ok()?,
    })
}
