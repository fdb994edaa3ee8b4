//! The writes of the simulated server: rooms, memberships, messages and read marks.

use hearback_testkit::dsl;
use serde_json::Value;

use super::server::{Audience, Effect, Rejection, Response, Server};
use super::state::{Member, Message, Room};

impl Server {
    pub(crate) fn create(&mut self, creator: i64, body: &Value) -> Response {
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

    pub(crate) fn join(&mut self, room: &str, user: i64, is_admin: bool) -> Result<(), Rejection> {
        let now = self.now;
        let next = self.state.members + 1;
        let room = self.state.room_mut(room).ok_or(Rejection(404))?;
        match room.members.iter_mut().find(|member| member.user == user) {
            Some(member) if member.is_present => return Err(Rejection(400)),
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

    /// Ends a membership. If no admin is left, the first member becomes one (last-admin-leaves).
    pub(crate) fn end_membership(&mut self, id: &str, user: i64) {
        let Some(room) = self.state.room_mut(id) else { return };
        if let Some(member) = room.member_mut(user) {
            member.is_present = false;
        }
        if !room.present().any(|member| member.is_admin)
            && let Some(successor) = room.members.iter_mut().find(|member| member.is_present)
        {
            successor.is_admin = true;
        }
        self.effects.push(Effect::MembershipEnded { room: id.to_owned(), user });
    }

    pub(crate) fn send(
        &mut self,
        sender: i64,
        room: &str,
        content: &str,
        reply_to: Option<&str>,
    ) -> Result<String, Rejection> {
        let answers =
            |id| self.state.messages.iter().any(|message| message.id == id && message.room == room);
        if content.is_empty() || !reply_to.is_none_or(answers) {
            return Err(Rejection(400));
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
        self.send_event(room, Audience::Everyone, event);
        Ok(id)
    }

    pub(crate) fn read(&mut self, reader: i64, id: &str) -> Result<(), Rejection> {
        let now = self.now;
        let message = self.state.message_mut(id).ok_or(Rejection(404))?;
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
        self.send_event(&message.room, audience, event);
        Ok(())
    }

    pub(crate) fn read_room(&mut self, reader: i64, id: &str) -> Result<(), Rejection> {
        let now = self.now;
        let adds_reader = self.state.readings.marks_enter_readers;
        for message in &mut self.state.messages {
            if adds_reader && message.room == id && message.sender != reader {
                message.read_by.entry(reader).or_insert(now);
            }
        }
        let room = self.state.room_mut(id).ok_or(Rejection(404))?;
        room.member_mut(reader).ok_or(Rejection(404))?.last_read_at = Some(now);
        Ok(())
    }

    pub(crate) fn send_event(&mut self, room: &str, audience: Audience, event: Value) {
        self.effects.push(Effect::Event { room: room.to_owned(), audience, event });
    }
}
