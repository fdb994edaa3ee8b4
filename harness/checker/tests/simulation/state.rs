//! The state of the simulated server: rooms, members and messages, and their JSON.

use std::collections::BTreeMap;

use hearback_testkit::dsl;
use serde_json::{Value, json};

/// The readings that the server takes of the ambiguities in the register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readings {
    /// deleted-message-reads: shown with the placeholder, or not shown.
    pub(crate) deleted_stay_listed: bool,
    /// outsider-status.
    pub(crate) outsider_status: u16,
    /// removed-socket.
    pub(crate) removed_sockets: RemovedSocket,
    /// own-receipt.
    pub(crate) readers_get_receipts: bool,
    /// deleted-counts-unread.
    pub(crate) deleted_count_unread: bool,
    /// unread-before-first-mark: messages since joining count, or all.
    pub(crate) unread_since_joining: bool,
    /// receipt-moves-unread.
    pub(crate) receipts_move_unread: ReceiptEffect,
    /// room-mark-and-read-by: adds the reader to `read_by`, or sets `last_read_at` only.
    pub(crate) marks_enter_readers: bool,
    /// default-ordering.
    pub(crate) oldest_first: bool,
    /// Digits of the fraction of seconds. With few digits, messages share their time.
    pub(crate) digits: u8,
}

/// The treatment of sockets after the membership of their user ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RemovedSocket {
    Closed,
    /// Receives nothing any more.
    Deaf,
    /// Receives again after its user came back.
    Revived,
}

/// The effect of a receipt on the unread count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiptEffect {
    /// One message less is unread.
    One,
    /// The message and all earlier ones are read.
    UpToMessage,
    None,
}

/// A member of a room, present or past.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) is_present: bool,
    pub(crate) is_admin: bool,
    pub(crate) is_muted: bool,
    pub(crate) muted_until: Option<String>,
    pub(crate) joined_at: u64,
    pub(crate) last_read_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) creator: i64,
    pub(crate) created_at: u64,
    pub(crate) modified_at: u64,
    pub(crate) archived_at: Option<u64>,
    pub(crate) members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) room: String,
    pub(crate) sender: i64,
    pub(crate) content: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) modified_at: u64,
    pub(crate) edited_at: Option<u64>,
    pub(crate) deleted_at: Option<u64>,
    pub(crate) read_by: BTreeMap<i64, u64>,
}

/// The whole state of the server. Messages are in the order of their sends.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) readings: Readings,
    pub(crate) rooms: Vec<Room>,
    pub(crate) messages: Vec<Message>,
    pub(crate) members: i64,
}

impl Room {
    pub(crate) fn member(&self, user: i64) -> Option<&Member> {
        self.members.iter().find(|member| member.user == user && member.is_present)
    }

    pub(crate) fn member_mut(&mut self, user: i64) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.user == user && member.is_present)
    }

    pub(crate) fn present(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_present)
    }
}

impl State {
    pub(crate) fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.id == id)
    }

    pub(crate) fn room_mut(&mut self, id: &str) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.id == id)
    }

    pub(crate) fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// Returns the messages of a room that reads show, oldest first.
    pub(crate) fn listed(&self, room: &str) -> impl DoubleEndedIterator<Item = &Message> {
        let shows_deleted = self.readings.deleted_stay_listed;
        self.messages.iter().filter(move |message| {
            message.room == room && (shows_deleted || message.deleted_at.is_none())
        })
    }

    /// Returns the number of messages of a room that a member has not read.
    pub(crate) fn unread(&self, room: &Room, member: &Member) -> usize {
        let counts_deleted = self.readings.deleted_count_unread;
        let here = || self.messages.iter().filter(|message| message.room == room.id);
        let has_read = |message: &&Message| message.read_by.contains_key(&member.user);
        let from = member.joined_at * u64::from(self.readings.unread_since_joining);
        let marked = member.last_read_at.unwrap_or(0);
        let last_read = here().filter(has_read).map(|message| message.created_at).max();
        here()
            .filter(|message| {
                let is_read = match self.readings.receipts_move_unread {
                    ReceiptEffect::One => has_read(message),
                    ReceiptEffect::UpToMessage => Some(message.created_at) <= last_read,
                    ReceiptEffect::None => false,
                };
                message.sender != member.user
                    && message.created_at > from.max(marked)
                    && (counts_deleted || message.deleted_at.is_none())
                    && !is_read
            })
            .count()
    }

    /// Returns the id of the next message.
    pub(crate) fn next_message_id(&self) -> String {
        dsl::id(&format!("message {}", self.messages.len()))
    }

    fn time(&self, at: u64) -> String {
        let digits = usize::from(self.readings.digits);
        let (seconds, fraction) = (at / 1_000_000_000, format!("{:09}", at % 1_000_000_000));
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let point = if digits == 0 { "" } else { "." };
        format!("2026-01-01T00:{minutes:02}:{seconds:02}{point}{}Z", &fraction[..digits])
    }

    fn time_or_null(&self, at: Option<u64>) -> Value {
        at.map_or(Value::Null, |at| Value::from(self.time(at)))
    }

    pub(crate) fn show_message(&self, message: &Message) -> Value {
        let read_by: BTreeMap<String, String> =
            message.read_by.iter().map(|(user, at)| (user.to_string(), self.time(*at))).collect();
        json!({
            "id": message.id,
            "room": message.room,
            "sender": user(message.sender),
            "message_type": "text",
            "content": message.content,
            "attachment": null,
            "attachment_name": "",
            "attachment_size": null,
            "reply_to": message.reply_to,
            "created_at": self.time(message.created_at),
            "modified_at": self.time(message.modified_at),
            "is_edited": message.edited_at.is_some(),
            "edited_at": self.time_or_null(message.edited_at),
            "is_deleted": message.deleted_at.is_some(),
            "deleted_at": self.time_or_null(message.deleted_at),
            "is_read": !read_by.is_empty(),
            "read_count": read_by.len(),
            "read_by": read_by,
        })
    }

    pub(crate) fn show_message_event(&self, message: &Message) -> Value {
        let mut sender = user(message.sender);
        sender.as_object_mut().and_then(|sender| sender.shift_remove("email"));
        json!({
            "type": "chat_message",
            "message": {
                "id": message.id,
                "room_id": message.room,
                "sender": sender,
                "content": message.content,
                "message_type": "text",
                "reply_to_id": message.reply_to,
                "created_at": self.time(message.created_at),
                "is_edited": false,
                "edited_at": null,
            }
        })
    }

    pub(crate) fn show_receipt(&self, message: &Message, reader: i64) -> Value {
        let read_at = message.read_by.get(&reader).copied();
        json!({
            "type": "read_receipt",
            "message_id": message.id,
            "user_id": reader,
            "read_at": self.time_or_null(read_at),
        })
    }

    pub(crate) fn show_member(&self, room: &Room, member: &Member) -> Value {
        json!({
            "id": member.id,
            "user": user(member.user),
            "room": room.id,
            "joined_at": self.time(member.joined_at),
            "last_read_at": self.time_or_null(member.last_read_at),
            "is_admin": member.is_admin,
            "unread_count": self.unread(room, member),
            "is_muted": member.is_muted,
            "muted_until": member.muted_until,
            "left_at": null,
        })
    }

    pub(crate) fn show_room(&self, room: &Room, viewer: &Member) -> Value {
        let members: Vec<_> = room.present().map(|member| self.show_member(room, member)).collect();
        let last = self.listed(&room.id).next_back().map(|message| {
            json!({
                "id": message.id,
                "sender": user(message.sender),
                "content": message.content,
                "message_type": "text",
                "created_at": self.time(message.created_at),
                "is_edited": message.edited_at.is_some(),
            })
        });
        json!({
            "id": room.id,
            "name": room.name,
            "room_type": "group",
            "task": null,
            "property": null,
            "created_at": self.time(room.created_at),
            "modified_at": self.time(room.modified_at),
            "created_by": user(room.creator),
            "is_active": room.archived_at.is_none(),
            "archived_at": self.time_or_null(room.archived_at),
            "participant_count": members.len(),
            "participants": members,
            "last_message": last,
            "unread_count": self.unread(room, viewer),
            "display_name": room.name,
        })
    }

    pub(crate) fn show_summary(&self, room: &Room, viewer: &Member) -> Value {
        let last = self.listed(&room.id).next_back();
        json!({
            "id": room.id,
            "display_name": room.name,
            "room_type": "group",
            "is_active": room.archived_at.is_none(),
            "unread_count": self.unread(room, viewer),
            "last_message_preview": last.map_or("", |message| message.content.as_str()),
            "last_message_time": self.time_or_null(last.map(|message| message.created_at)),
            "participant_count": room.present().count(),
            "modified_at": self.time(room.modified_at),
        })
    }

    pub(crate) fn show_stats(&self, room: &Room, viewer: &Member) -> Value {
        let last = self.listed(&room.id).next_back();
        json!({
            "message_count": self.listed(&room.id).count(),
            "participant_count": room.present().count(),
            "unread_count": self.unread(room, viewer),
            "last_message_at": self.time_or_null(last.map(|message| message.created_at)),
        })
    }
}

/// Returns the name of a user, which is that of an actor of the history DSL.
pub(crate) fn username(user: i64) -> &'static str {
    let index = usize::try_from(user - 1).unwrap_or(usize::MAX);
    dsl::ACTORS.get(index).copied().unwrap_or("unknown")
}

pub(crate) fn user(id: i64) -> Value {
    let name = username(id);
    json!({
        "id": id,
        "username": name,
        "full_name": format!("{name} Example"),
        "email": format!("{name}@example.com"),
    })
}
