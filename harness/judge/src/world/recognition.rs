//! Finding out which received message is which frame that was sent.

use std::collections::{HashMap, HashSet};

use hearback_contract::{ClientEvent, Operation, ServerEvent};
use hearback_history::{Connection, Frame, History, Interval};
use serde_json::Value;

use super::assembly::Assembly;
use super::message::{Message, Origin, Version};
use super::room::WriteKind;
use super::{SocketSend, World};

impl<'h> Assembly<'h> {
    /// Finds out which received message is which sent frame: by text, or, if the text was altered, by
    /// what the sender received next.
    pub(super) fn socket_sends(&mut self, history: &'h History) {
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
        let texts = every_text(history);
        let attempts = attempts(history, &sends);
        // Messages with a text that nobody sent: seldom any, so that looking through them costs nothing.
        let strange: HashMap<&str, Vec<usize>> = seen
            .iter()
            .map(|(room, messages)| {
                let is_strange = |index: &usize| {
                    let content = messages[*index].1.get("content").and_then(Value::as_str);
                    content.is_none_or(|content| !texts.contains(content))
                };
                (*room, (0..messages.len()).filter(is_strange).collect())
            })
            .collect();
        for (connection, frame, text) in sends {
            let room = connection.room.as_str();
            let own = self.world.user_id(&connection.actor);
            let messages = seen.get(room).map_or(&[][..], Vec::as_slice);
            let exact = by_text.get_mut(&(room, text)).and_then(Vec::pop);
            let index = exact.or_else(|| {
                strange.get(room)?.iter().copied().find(|index| {
                    let (_, message, at) = messages[*index];
                    at > frame.at
                        && !taken.contains(&(room, *index))
                        && message.pointer("/sender/id").and_then(Value::as_i64) == own
                })
            });
            let reply_to = frame.json().and_then(|json| json.get("reply_to")?.as_str());
            let is_distinct = attempts.get(&(room, text)).is_none_or(|count| *count < 2);
            let mut send =
                SocketSend { connection, frame, text, reply_to, is_distinct, echo: None, id: None };
            let mut sent = Interval { invoked: frame.at, returned: u64::MAX };
            if let Some(index) = index {
                taken.insert((room, index));
                let (id, _, first_seen) = messages[index];
                // Nobody sees what was not sent yet, whatever the record says.
                sent.returned = first_seen.max(frame.at);
                send.id = Some(id.to_owned());
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
                    receipts: Vec::new(),
                });
            }
            self.note(room, WriteKind::Send, sent);
            self.world.socket_sends.push(send);
        }
        let World { sockets, messages, socket_sends, .. } = &mut self.world;
        sockets.recognise(messages, socket_sends);
    }

    /// Receipts and marks that were given by socket: done by the next answer on the same connection.
    pub(super) fn socket_reads(&mut self, history: &'h History) {
        for connection in &history.connections {
            let mut confirmed = u64::MAX;
            for frame in connection.frames.iter().rev() {
                if frame.received(ServerEvent::RoomMarkedRead).is_some() {
                    confirmed = frame.at;
                }
                let is_mark = [ClientEvent::ReadReceipt, ClientEvent::MarkRoomRead]
                    .iter()
                    .any(|event| frame.is_sent() && frame.kind() == Some(event.id()));
                if !is_mark {
                    continue;
                }
                let listener = self.world.sockets.listener(connection);
                let handled = listener.and_then(|listener| listener.handled(frame.at));
                let returned = handled.map_or(confirmed, |handled| handled.min(confirmed));
                let read = Interval { invoked: frame.at, returned };
                self.note(&connection.room, WriteKind::Read, read);
            }
        }
    }
}

/// How often a message of a text was sent to a room, whatever became of it.
fn attempts<'h>(
    history: &'h History,
    sends: &[(&'h Connection, &'h Frame, &'h str)],
) -> HashMap<(&'h str, &'h str), u32> {
    let in_calls = history.calls_of(Operation::MessagesSend).filter_map(|call| {
        let field = |name| call.request.as_ref()?.get(name)?.as_str();
        Some((field("room")?, field("content")?))
    });
    let in_frames = sends.iter().map(|(connection, _, text)| (connection.room.as_str(), *text));
    let mut attempts = HashMap::new();
    for attempt in in_calls.chain(in_frames) {
        *attempts.entry(attempt).or_default() += 1;
    }
    attempts
}

/// Every text that anybody gave a message, by REST or socket, whatever became of it.
fn every_text(history: &History) -> HashSet<&str> {
    let in_calls = history
        .calls
        .iter()
        .filter(|call| {
            matches!(call.operation(), Some(Operation::MessagesSend | Operation::MessagesEdit))
        })
        .filter_map(|call| call.request.as_ref()?.get("content")?.as_str());
    let in_frames =
        history.connections.iter().flat_map(|connection| connection.sent().filter_map(sent_text));
    in_calls.chain(in_frames).collect()
}

/// The text of a well-formed `chat_message` that was sent.
fn sent_text(frame: &Frame) -> Option<&str> {
    let is_message = frame.kind() == Some(ClientEvent::ChatMessage.id());
    let text = frame.json().filter(|_| is_message)?.get("message")?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}
