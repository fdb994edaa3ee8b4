//! Matching the messages that sockets received with the frames that sent them.

use std::collections::VecDeque;
use std::thread;

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, MessageRef, Operation, RoomRef, ServerEvent, UserId};
use hearback_history::{Connection, Frame, History, Interval, Nanoseconds};
use serde_json::Value;

use super::altered_texts::{Identity, Sent, Shown, identities};
use super::calls::{Assembly, joined};
use crate::model::Model;
use crate::model::message::{DELETED_CONTENT, Message, Origin, Version};
use crate::model::room::WriteKind;
use crate::model::socket_send::SocketSend;

/// A message that was received by socket and is in no response to messages.send, with its first
/// receipt.
struct FirstSeen<'h> {
    id: MessageRef<'h>,
    value: &'h Value,
    at: Nanoseconds,
}

/// The sends with one text to one room, by REST or socket, whatever their outcome.
#[derive(Clone, Copy)]
struct TextUses {
    count: u32,
    /// The time of the first.
    first: Nanoseconds,
}

impl<'h> Assembly<'h> {
    /// Matches received messages with sent frames: by text or, if the target altered the text, by
    /// what identifies it. Messages with the same text cannot be distinguished.
    pub(super) fn socket_sends(&mut self, history: &'h History) {
        let (seen, texts, (sends, uses_by_text, edits)) = thread::scope(|scope| {
            let seen = scope.spawn(|| self.first_seen(history));
            let texts = scope.spawn(|| every_text(history));
            let sends = sends(history);
            let uses_by_text = uses_by_text(history, &sends);
            (joined(seen), joined(texts), (sends, uses_by_text, edits(history)))
        });
        let mut by_text: AHashMap<(RoomRef<'_>, &str), VecDeque<usize>> = AHashMap::new();
        // Messages whose text was not sent.
        let mut altered: Vec<(RoomRef<'_>, usize)> = Vec::new();
        for (room, seen) in &seen {
            for (index, FirstSeen { value, .. }) in seen.iter().enumerate() {
                match value.get("content").and_then(Value::as_str) {
                    Some(text) if texts.contains(text) => {
                        by_text.entry((*room, text)).or_default().push_back(index);
                    }
                    // The content of a deleted message does not identify it.
                    Some(DELETED_CONTENT) => {}
                    _ => altered.push((*room, index)),
                }
            }
        }
        let exact: Vec<Option<usize>> = sends
            .iter()
            .map(|(connection, _, text)| {
                by_text.get_mut(&(connection.room.borrowed(), *text)).and_then(VecDeque::pop_front)
            })
            .collect();
        let shown: Vec<_> =
            altered.iter().map(|(room, index)| shown(*room, &seen[room][*index])).collect();
        let sent = sends.iter().zip(&exact).map(|((connection, frame, text), exact)| Sent {
            room: connection.room.borrowed(),
            sender: self.model.user_id(&connection.actor),
            reply_to: answered(frame),
            at: frame.at,
            text,
            is_known: exact.is_some(),
        });
        let (identities, is_ambiguous) = identities(&sent.collect::<Vec<_>>(), &shown);
        let unidentified =
            altered.iter().zip(is_ambiguous).filter(|(_, is_ambiguous)| *is_ambiguous);
        self.model.unidentified_messages =
            unidentified.map(|((room, index), _)| seen[room][*index].id).collect();
        for (number, (connection, frame, text)) in sends.into_iter().enumerate() {
            let room = connection.room.borrowed();
            let seen = seen.get(&room).map_or(&[][..], Vec::as_slice);
            let index = exact[number].or(match identities[number] {
                Identity::Altered(message) => Some(altered[message].1),
                Identity::Missing | Identity::Ambiguous => None,
            });
            let reply_to = answered(frame);
            let uses = uses_by_text.get(&(room, text)).copied();
            let first = index.map(|index| &seen[index]);
            // Another message may have received the text by an edit.
            let is_edited = first.is_some_and(|first| {
                let mut subjects = edits.get(text).into_iter().flatten();
                subjects.any(|subject| *subject != first.id)
            });
            let is_ambiguous = identities[number] == Identity::Ambiguous;
            let is_distinct = uses.is_none_or(|it| it.count < 2) && !is_edited && !is_ambiguous;
            let mut send =
                SocketSend { connection, frame, text, reply_to, is_distinct, echo: None, id: None };
            // One of several sends with the same text was sent no earlier than the first of them.
            let invoked = uses.filter(|_| !is_distinct).map_or(frame.at, |it| it.first);
            let mut sent = Interval { invoked, returned: Nanoseconds::MAX };
            if let Some(FirstSeen { id, at, .. }) = first {
                // A message cannot be received before it was sent, whatever the clocks say.
                sent.returned = (*at).max(invoked);
                let id = id.to_id();
                send.id = Some(id.clone());
                self.model.messages.entry(id.clone()).or_insert(Message {
                    id,
                    room: connection.room.clone(),
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
            self.model.socket_sends.push(send);
        }
        let Model { sockets, messages, socket_sends, .. } = &mut self.model;
        sockets.recognize(messages, socket_sends);
    }

    /// The first receipts by room, sorted by time.
    fn first_seen(&self, history: &'h History) -> AHashMap<RoomRef<'h>, Vec<FirstSeen<'h>>> {
        let mut rooms: AHashMap<RoomRef<'_>, usize> = AHashMap::new();
        let mut seen: Vec<Vec<FirstSeen<'h>>> = Vec::new();
        let mut known: AHashMap<(usize, MessageRef<'_>), usize> = AHashMap::new();
        // For each body, the last room in which it was received, and the position of its message
        // there.
        let mut places: Vec<Option<(usize, usize)>> = vec![None; history.bodies.len()];
        for connection in &history.connections {
            let room = *rooms.entry(connection.room.borrowed()).or_insert(seen.len());
            if room == seen.len() {
                seen.push(Vec::new());
            }
            for (frame, event) in connection.received(ServerEvent::ChatMessage) {
                let place = &mut places[frame.body.number];
                if place.is_none_or(|(other, _)| other != room) {
                    let value = event.get("message");
                    let id =
                        value.and_then(|value| value.get("id")).and_then(MessageRef::from_json);
                    let Some((value, id)) = value.zip(id) else { continue };
                    if self.model.message(id).is_some() {
                        continue;
                    }
                    let next = seen[room].len();
                    let index = *known.entry((room, id)).or_insert(next);
                    if index == next {
                        seen[room].push(FirstSeen { id, value, at: frame.at });
                    }
                    *place = Some((room, index));
                }
                if let Some((_, index)) = *place {
                    let first = &mut seen[room][index].at;
                    *first = frame.at.min(*first);
                }
            }
        }
        seen.iter_mut().for_each(|seen| seen.sort_by_key(|first| first.at));
        rooms.into_iter().map(|(room, number)| (room, std::mem::take(&mut seen[number]))).collect()
    }

    /// Records the read marks that were sent by socket; they have taken effect when a later frame
    /// of the same connection is answered.
    pub(super) fn socket_reads(&mut self, history: &'h History) {
        for connection in &history.connections {
            let mut confirmed = Nanoseconds::MAX;
            for frame in connection.frames.iter().rev() {
                if frame.received(ServerEvent::RoomMarkedRead).is_some() {
                    confirmed = frame.at;
                }
                let is_mark = [ClientEvent::ReadReceipt, ClientEvent::MarkRoomRead]
                    .into_iter()
                    .any(|event| frame.sends(event));
                if !is_mark {
                    continue;
                }
                let listener = self.model.sockets.listener(connection);
                let handled = listener.and_then(|listener| listener.handled(frame.at));
                let returned = handled.map_or(confirmed, |handled| handled.min(confirmed));
                let read = Interval { invoked: frame.at, returned };
                self.note(connection.room.borrowed(), WriteKind::Read, read);
            }
        }
    }
}

/// A received message whose text was not sent.
fn shown<'h>(room: RoomRef<'h>, FirstSeen { value, at, .. }: &FirstSeen<'h>) -> Shown<'h> {
    Shown {
        room,
        sender: value.pointer("/sender/id").and_then(UserId::from_json),
        reply_to: value.get("reply_to_id").and_then(MessageRef::from_json),
        at: *at,
        text: value.get("content").and_then(Value::as_str).unwrap_or_default(),
    }
}

/// The id of the message that a sent frame replies to.
fn answered(frame: &Frame) -> Option<MessageRef<'_>> {
    frame.json()?.get("reply_to").and_then(MessageRef::from_json)
}

/// Every message that was sent by socket with a valid token, sorted by time.
fn sends(history: &History) -> Vec<(&Connection, &Frame, &str)> {
    let mut sends: Vec<_> = history
        .connections
        .iter()
        .filter(|connection| connection.credential.kind.is_valid())
        .flat_map(|connection| {
            connection.sent().filter_map(move |frame| Some((connection, frame, sent_text(frame)?)))
        })
        .collect();
    sends.sort_by_key(|(_, frame, _)| frame.at);
    sends
}

/// The sends by room and text.
fn uses_by_text<'h>(
    history: &'h History,
    sends: &[(&'h Connection, &'h Frame, &'h str)],
) -> AHashMap<(RoomRef<'h>, &'h str), TextUses> {
    let in_calls = history.calls_of(Operation::MessagesSend).filter_map(|call| {
        let text = call.request.as_ref()?.get("content")?.as_str()?;
        Some(((call.room_in_request()?, text), call.invoked))
    });
    let in_frames = sends
        .iter()
        .map(|(connection, frame, text)| ((connection.room.borrowed(), *text), frame.at));
    let mut uses_by_text = AHashMap::new();
    for (key, at) in in_calls.chain(in_frames) {
        let uses_by_text = uses_by_text.entry(key).or_insert(TextUses { count: 0, first: at });
        uses_by_text.count += 1;
        uses_by_text.first = at.min(uses_by_text.first);
    }
    uses_by_text
}

/// Ids of the messages that edits changed to each text.
fn edits(history: &History) -> AHashMap<&str, Vec<MessageRef<'_>>> {
    let mut edits: AHashMap<&str, Vec<MessageRef<'_>>> = AHashMap::new();
    for call in history.calls_of(Operation::MessagesEdit) {
        let text = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
        if let Some((text, subject)) = text.zip(call.message_in_path()) {
            edits.entry(text).or_default().push(subject);
        }
    }
    edits
}

/// Every text of a send or an edit, whatever its outcome.
fn every_text(history: &History) -> AHashSet<&str> {
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

/// The text of a sent frame, if it is a well-formed `chat_message`.
fn sent_text(frame: &Frame) -> Option<&str> {
    let is_message = frame.sends(ClientEvent::ChatMessage);
    let text = frame.json().filter(|_| is_message)?.get("message")?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use hearback_contract::MessageId;
    use hearback_testkit::dsl;

    use super::*;

    fn received(id: &str, text: &str) -> String {
        format!(
            r#"[50..50] alice@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{text}", "sender": {{"id": 1}}}}}}"#
        )
    }

    /// The ids that two frames with these texts get from the received messages, and which are
    /// distinct.
    fn matched(texts: [&str; 2], received: &[String]) -> Vec<(Option<MessageId>, bool)> {
        let sent = texts.map(|text| {
            format!(r#"[20..20] alice@r1 -> {{"type": "chat_message", "message": "{text}"}}"#)
        });
        let history = dsl::parse(&format!(
            "[10..10] alice@r1 open\n{}\n{}",
            sent.join("\n"),
            received.join("\n")
        ))
        .unwrap();
        let model = Model::of(&history);
        model.socket_sends.iter().map(|send| (send.id.clone(), send.is_distinct)).collect()
    }

    fn id(name: &str) -> Option<MessageId> {
        Some(dsl::id(name).into())
    }

    #[test]
    fn frames_are_matched_by_text() {
        let both = [received("m2", "b"), received("m1", "a")];
        assert_eq!(matched(["a", "b"], &both), [(id("m1"), true), (id("m2"), true)]);
        assert_eq!(matched(["a", "b"], &both[..1]), [(None, true), (id("m2"), true)]);
    }

    #[test]
    fn an_altered_text_is_matched_by_its_sender() {
        let altered = [received("m1", "A"), received("m2", "b")];
        assert_eq!(matched(["a", "b"], &altered), [(id("m1"), true), (id("m2"), true)]);
        // A deleted message does not show which one it was.
        let deleted = [received("m1", DELETED_CONTENT), received("m2", "b")];
        assert_eq!(matched(["a", "b"], &deleted), [(None, true), (id("m2"), true)]);
    }

    #[test]
    fn altered_texts_that_arrive_late_are_not_exchanged() {
        let late = [received("m2", "&lt;b&gt;"), received("m1", "&lt;a&gt;")];
        assert_eq!(matched(["<a>", "<b>"], &late), [(id("m1"), true), (id("m2"), true)]);
        // If two matchings are possible, nothing is claimed for either.
        let masked = [received("m2", "***"), received("m1", "***")];
        assert_eq!(matched(["a", "b"], &masked), [(None, false), (None, false)]);
    }

    #[test]
    fn equal_texts_are_not_distinct() {
        let both = [received("m1", "a"), received("m2", "a")];
        assert_eq!(matched(["a", "a"], &both), [(id("m1"), false), (id("m2"), false)]);
    }

    #[test]
    fn a_message_is_sent_between_its_frame_and_its_first_receipt() {
        let history = dsl::parse(&format!(
            "[10..10] alice@r1 open\n[20..20] alice@r1 -> {}\n{}",
            r#"{"type": "chat_message", "message": "a"}"#,
            received("m1", "a")
        ))
        .unwrap();
        let sent = Model::of(&history).messages[dsl::id("m1").as_str()].sent;
        assert_eq!([sent.invoked, sent.returned], [20, 50].map(Nanoseconds::from_millis));
    }
}
