//! Indexing the sends of every room, for unread bounds.

use std::collections::BTreeMap;

use ahash::{AHashMap, AHashSet};
use hearback_contract::{Operation, RoomRef, UserId};
use hearback_history::{History, Interval, Nanoseconds};

use crate::model::Model;
use crate::model::message::Origin;
use crate::model::send_index::{Send, SendIndex};

/// Indexes the sends of every room of the model.
pub(super) fn count(model: &mut Model<'_>, history: &History) {
    let mut rooms: BTreeMap<RoomRef<'_>, RoomSends> = BTreeMap::new();
    let sends = history.calls_of(Operation::MessagesSend).filter(|call| call.maybe_done());
    for call in sends {
        let field = |name| call.request.as_ref()?.get(name)?.as_str();
        let Some(room) = call.room_in_request() else { continue };
        if call.message_in_response().is_none_or(|id| model.message(id).is_none()) {
            let returned =
                if call.succeeded() { call.interval().returned } else { Nanoseconds::MAX };
            let sent = Interval { invoked: call.invoked, returned };
            let sender = model.user_id(&call.invocation.actor);
            let text = field("content").unwrap_or_default();
            let sends_of_room = rooms.entry(room).or_default();
            sends_of_room.unknown(sender, sent, text);
            sends_of_room.begin(text, call.invoked);
        }
    }
    for send in &model.socket_sends {
        rooms.entry(send.connection.room.borrowed()).or_default().begin(send.text, send.frame.at);
    }
    for send in model.socket_sends.iter().filter(|send| send.id.is_none()) {
        let sends_of_room = rooms.entry(send.connection.room.borrowed()).or_default();
        let listener = model.sockets.listener(send.connection);
        let handled = listener.and_then(|listener| listener.handled(send.frame.at));
        // With a repeated text, it may be another send that failed.
        let is_alone = sends_of_room.begun.get(send.text).is_some_and(|(_, count)| *count == 1);
        let returned = handled.filter(|_| is_alone).unwrap_or(Nanoseconds::MAX);
        let sent = Interval { invoked: send.frame.at, returned };
        sends_of_room.unknown(model.user_id(&send.connection.actor), sent, send.text);
    }
    for message in model.messages.values() {
        let sends_of_room = rooms.entry(message.room.borrowed()).or_default();
        let deleted = message.deletions.iter().map(|deletion| deletion.invoked).min();
        let sender = model.user_id(&message.sender);
        let send = Send { sender, sent: message.sent, is_sure: sender.is_some(), deleted };
        // With a repeated text, the message may come from any of the sends.
        let is_any = matches!(message.origin, Origin::Socket(..)) && model.is_ambiguous(message);
        let text = message.versions.first().map_or("", |version| version.content);
        let begun = sends_of_room.begun.get(text).filter(|_| is_any);
        sends_of_room.sends.push(begun.map_or(send, |(begun, _)| {
            let sent = Interval { invoked: message.sent.invoked.min(*begun), ..message.sent };
            Send { sender: None, sent, is_sure: false, deleted }
        }));
    }
    for (observation, _) in model.identified().filter(|(_, message)| message.is_none()) {
        if let Some(room) = observation.room() {
            let sender = observation.value.pointer("/sender/id").and_then(UserId::from_json);
            let sends_of_room = rooms.entry(room).or_default();
            let is_ours =
                sends_of_room.texts.contains(&(sender, observation.content().unwrap_or_default()));
            sends_of_room.is_open |= !is_ours;
        }
    }
    let tallies: Vec<_> = rooms
        .into_iter()
        .map(|(room, sends_of_room)| {
            (room.to_id(), SendIndex::of(&sends_of_room.sends, sends_of_room.is_open))
        })
        .collect();
    for (room, sends) in tallies {
        if let Some(room) = model.rooms.get_mut(&room) {
            room.sends = sends;
        }
    }
}

/// The sends in one room, while they are collected.
#[derive(Default)]
struct RoomSends<'h> {
    sends: Vec<Send>,
    /// Senders and texts of messages of unknown id, which may be observed later.
    texts: AHashSet<(Option<UserId>, &'h str)>,
    /// For each text that was sent by socket or with unknown outcome, the first time and the number
    /// of sends.
    begun: AHashMap<&'h str, (Nanoseconds, u32)>,
    is_open: bool,
}

impl<'h> RoomSends<'h> {
    fn unknown(&mut self, sender: Option<UserId>, sent: Interval, text: &'h str) {
        self.sends.push(Send { sender, sent, is_sure: false, deleted: None });
        self.texts.insert((sender, text));
    }

    fn begin(&mut self, text: &'h str, at: Nanoseconds) {
        let (first, count) = self.begun.entry(text).or_insert((at, 0));
        *first = at.min(*first);
        *count += 1;
    }
}
