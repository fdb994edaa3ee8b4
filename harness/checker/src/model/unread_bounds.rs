//! Bounds of a member's unread count: the fewest and the most messages that may be unread.
//!
//! The bounds allow for every accepted reading. Messages from before a member joined may count or
//! not (unread-before-first-mark), a receipt may count for nothing, for its message, or for all
//! messages up to it (receipt-changes-unread), and a deleted message may count or not
//! (deleted-counts-unread).

use std::collections::BTreeMap;

use ahash::{AHashMap, AHashSet};
use hearback_contract::Operation;
use hearback_history::{History, Interval, Nanoseconds};

use super::dominance::DominanceCounter;
use super::read_state::Mark;
use super::room::Room;
use super::{Message, Model, Origin};

/// The sends in a room.
#[derive(Clone, Debug, Default)]
pub(super) struct SendIndex {
    all: Sends,
    by_sender: BTreeMap<i64, Sends>,
    /// True if other clients wrote an unknown number of messages.
    is_open: bool,
}

/// Times of sends, arranged for counting.
#[derive(Clone, Debug, Default)]
struct Sends {
    /// The begin of each send, sorted; including sends of unknown outcome.
    begun: Vec<Nanoseconds>,
    /// The end of each send, sorted; including sends of unknown outcome.
    ended: Vec<Nanoseconds>,
    /// The certain sends: begin and end.
    sent: DominanceCounter,
    /// The certain sends that may have been deleted: begin of the send and of the deletion.
    deleted: DominanceCounter,
}

/// The unread messages of a member, as a read during an interval may have seen them.
#[derive(Clone, Copy, Debug)]
pub struct UnreadBounds<'m, 'h> {
    room: &'m Room<'h>,
    user: i64,
    at: Interval,
    /// Messages that were sent until this time may be read, or may never have been unread.
    settled: Nanoseconds,
    /// The latest time at which the user may have joined.
    pub joined: Nanoseconds,
    /// The user's last mark of the room since joining that certainly took effect before the read.
    pub mark: Option<&'m Mark<'h>>,
}

impl<'h> Room<'h> {
    /// The unread messages of a user who is certainly a member during `at`; `None` for other users.
    /// O(log n).
    pub fn unread_bounds(&self, user: i64, at: Interval) -> Option<UnreadBounds<'_, 'h>> {
        if !self.surely_member(user, at) {
            return None;
        }
        // A user who joins again may start without unread messages.
        let memberships = self.members.get(&user).into_iter().flatten();
        let joins = memberships.filter(|membership| membership.joined.invoked <= at.returned);
        let joined = joins.map(|membership| membership.joined.returned).max()?;
        let reader = self.read_state.marks_of(user);
        let read = reader.and_then(|reader| reader.may_have_read_until(at)).unwrap_or_default();
        let mark = reader.and_then(|reader| reader.last_mark(at));
        let mark = mark.filter(|mark| mark.given.invoked > joined);
        Some(UnreadBounds { room: self, user, at, settled: joined.max(read), joined, mark })
    }
}

impl UnreadBounds<'_, '_> {
    /// The fewest messages that may be unread. O(log² n).
    pub fn minimum(&self) -> u64 {
        self.minimum_sent_before(self.at.invoked)
    }

    /// The fewest messages that may be unread of those that were certainly sent before `time`.
    /// O(log² n).
    pub fn minimum_sent_before(&self, time: Nanoseconds) -> u64 {
        let sent =
            self.of_others(|sends| sends.sent.count(self.settled, time.min(self.at.invoked)));
        let seen = self.at.returned.saturating_add(Nanoseconds::new(1));
        let deleted = self.of_others(|sends| sends.deleted.count(self.settled, seen));
        sent.saturating_sub(deleted)
    }

    /// The most messages that may be unread; `None` if other clients wrote in the room. O(log n).
    pub fn maximum(&self) -> Option<u64> {
        let begun = |sends: &Sends| sends.begun.partition_point(|begun| *begun <= self.at.returned);
        let most = self.of_others(begun) - self.read_by_mark();
        (!self.room.sends.is_open).then_some(most)
    }

    /// The number of messages by others that were certainly sent before the mark. O(log n).
    pub fn read_by_mark(&self) -> u64 {
        let Some(mark) = self.mark else { return 0 };
        self.of_others(|sends| sends.ended.partition_point(|ended| *ended < mark.given.invoked))
    }

    /// The number of the user's own messages that were certainly sent since the mark. O(log² n).
    pub fn own(&self) -> u64 {
        let since = self.mark.map_or(Nanoseconds::ZERO, |mark| mark.given.returned);
        let own = self.room.sends.by_sender.get(&self.user);
        own.map_or(0, |own| own.sent.count(since, self.at.invoked) as u64)
    }

    /// The id of a message that is certainly unread, if there is one.
    pub fn example(&self, model: &Model<'_>) -> Option<String> {
        let first = |id: &String| {
            let message = &model.messages[id];
            message.sent.invoked <= self.settled
        };
        let from = self.room.messages.partition_point(first);
        let is_unread = |message: &Message<'_>| {
            model.user_id(&message.sender).is_some_and(|sender| sender != self.user)
                && message.sent.precedes(self.at)
                && !message.maybe_deleted(self.at)
                && !model.is_ambiguous(message)
        };
        self.room.messages[from..].iter().find(|id| is_unread(&model.messages[*id])).cloned()
    }

    /// Counts the sends of other users.
    fn of_others(&self, count: impl Fn(&Sends) -> usize) -> u64 {
        let own = self.room.sends.by_sender.get(&self.user).map_or(0, &count);
        (count(&self.room.sends.all) - own) as u64
    }
}

/// Indexes the sends of every room of the model.
pub(super) fn count(model: &mut Model<'_>, history: &History) {
    let mut rooms: BTreeMap<&str, RoomSends> = BTreeMap::new();
    let sends = history.calls_of(Operation::MessagesSend).filter(|call| call.maybe_done());
    for call in sends {
        let id = call.success().and_then(|body| body.get("id")?.as_str());
        let field = |name| call.request.as_ref()?.get(name)?.as_str();
        let Some(room) = field("room") else { continue };
        if id.is_none_or(|id| !model.messages.contains_key(id)) {
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
        rooms.entry(send.connection.room.as_str()).or_default().begin(send.text, send.frame.at);
    }
    for send in model.socket_sends.iter().filter(|send| send.id.is_none()) {
        let sends_of_room = rooms.entry(send.connection.room.as_str()).or_default();
        let listener = model.sockets.listener(send.connection);
        let handled = listener.and_then(|listener| listener.handled(send.frame.at));
        // With a repeated text, it may be another send that failed.
        let is_alone = sends_of_room.begun.get(send.text).is_some_and(|(_, count)| *count == 1);
        let returned = handled.filter(|_| is_alone).unwrap_or(Nanoseconds::MAX);
        let sent = Interval { invoked: send.frame.at, returned };
        sends_of_room.unknown(model.user_id(&send.connection.actor), sent, send.text);
    }
    for message in model.messages.values() {
        let sends_of_room = rooms.entry(&message.room).or_default();
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
            let sender =
                observation.value.get("sender").and_then(|sender| sender.get("id")?.as_i64());
            let sends_of_room = rooms.entry(room).or_default();
            let is_ours =
                sends_of_room.texts.contains(&(sender, observation.content().unwrap_or_default()));
            sends_of_room.is_open |= !is_ours;
        }
    }
    let tallies: Vec<_> = rooms
        .into_iter()
        .map(|(room, sends_of_room)| (room.to_owned(), sends_of_room.sends()))
        .collect();
    for (room, sends) in tallies {
        if let Some(room) = model.rooms.get_mut(&room) {
            room.sends = sends;
        }
    }
}

/// A message that was sent or may have been sent.
#[derive(Clone, Copy)]
struct Send {
    sender: Option<i64>,
    sent: Interval,
    is_sure: bool,
    /// The earliest time at which it may have been deleted.
    deleted: Option<Nanoseconds>,
}

/// The sends in one room, while they are collected.
#[derive(Default)]
struct RoomSends<'h> {
    sends: Vec<Send>,
    /// Senders and texts of messages of unknown id, which may be observed later.
    texts: AHashSet<(Option<i64>, &'h str)>,
    /// For each text that was sent by socket or with unknown outcome, the first time and the number
    /// of sends.
    begun: AHashMap<&'h str, (Nanoseconds, u32)>,
    is_open: bool,
}

impl<'h> RoomSends<'h> {
    fn unknown(&mut self, sender: Option<i64>, sent: Interval, text: &'h str) {
        self.sends.push(Send { sender, sent, is_sure: false, deleted: None });
        self.texts.insert((sender, text));
    }

    fn begin(&mut self, text: &'h str, at: Nanoseconds) {
        let (first, count) = self.begun.entry(text).or_insert((at, 0));
        *first = at.min(*first);
        *count += 1;
    }

    fn sends(self) -> SendIndex {
        let mut by_sender: BTreeMap<i64, Vec<Send>> = BTreeMap::new();
        for send in &self.sends {
            if let Some(sender) = send.sender {
                by_sender.entry(sender).or_default().push(*send);
            }
        }
        SendIndex {
            all: Sends::of(&self.sends),
            by_sender: by_sender
                .into_iter()
                .map(|(sender, sends)| (sender, Sends::of(&sends)))
                .collect(),
            is_open: self.is_open,
        }
    }
}

impl Sends {
    fn of(sends: &[Send]) -> Self {
        let sorted = |time: fn(&Send) -> Nanoseconds| {
            let mut times: Vec<_> = sends.iter().map(time).collect();
            times.sort_unstable();
            times
        };
        let sure = || sends.iter().filter(|send| send.is_sure);
        Self {
            begun: sorted(|send| send.sent.invoked),
            ended: sorted(|send| send.sent.returned),
            sent: sure().map(|send| (send.sent.invoked, send.sent.returned)).collect(),
            deleted: sure().filter_map(|send| Some((send.sent.invoked, send.deleted?))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    /// The minimum and maximum of carol's unread messages at 100 ms, after `lines`.
    fn bounds(lines: &str) -> (u64, Option<u64>) {
        let history = dsl::parse(&format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
            {}
            {}
            [26..27] carol messages.send {{"room": "$r1", "content": "own"}} => 201 @message {{"id": "$m3", "room": "$r1"}}
            {lines}"#,
            send("[10..20]", 1),
            send("[22..25]", 2),
        ))
        .unwrap();
        let model = Model::of(&history);
        let at = Interval {
            invoked: Nanoseconds::from_millis(100),
            returned: Nanoseconds::from_millis(101),
        };
        let unread_bounds = model.rooms[&dsl::id("r1")].unread_bounds(3, at).unwrap();
        assert_eq!(unread_bounds.minimum() > 0, unread_bounds.example(&model).is_some());
        (unread_bounds.minimum(), unread_bounds.maximum())
    }

    fn send(times: &str, id: u32) -> String {
        format!(
            r#"{times} alice messages.send {{"room": "$r1", "content": "text {id}"}} => 201 @message {{"id": "$m{id}", "room": "$r1"}}"#
        )
    }

    #[test]
    fn messages_of_others_are_unread_until_the_room_is_marked() {
        let mark = |times: &str| format!("{times} carol rooms.mark_read $r1 => 200 {{}}");
        assert_eq!(bounds(""), (2, Some(2)));
        assert_eq!(bounds(&mark("[30..40]")), (0, Some(0)));
        assert_eq!(bounds(&mark("[21..22]")), (0, Some(1)));
        assert_eq!(bounds(&mark("[21..21]")), (1, Some(1)));
        assert_eq!(bounds(&mark("[15..21]")), (1, Some(2)));
        assert_eq!(bounds(&mark("[30..40]").replace("200 {}", "?")), (0, Some(2)));
        assert_eq!(bounds(&mark("[30..40]").replace("carol", "bob")), (2, Some(2)));
        assert_eq!(bounds(&mark("[30..100]")), (0, Some(2)));
        assert_eq!(bounds(&format!("{}\n{}", mark("[30..40]"), send("[35..50]", 4))), (0, Some(1)));
        assert_eq!(bounds(&format!("{}\n{}", mark("[30..40]"), send("[45..50]", 4))), (1, Some(1)));
        assert_eq!(bounds(&send("[45..100]", 4)), (2, Some(3)));
        assert_eq!(bounds(&send("[102..103]", 4)), (2, Some(2)));
    }

    #[test]
    fn receipts_and_deletions_may_count_or_not() {
        let receipt = |id: &str| format!("[30..40] carol messages.mark_read ${id} => 200 {{}}");
        assert_eq!(bounds(&receipt("m1")), (1, Some(2)));
        assert_eq!(bounds(&receipt("m2")), (0, Some(2)));
        assert_eq!(bounds(&receipt("m2").replace("carol", "bob")), (2, Some(2)));
        assert_eq!(bounds("[30..40] alice messages.delete $m2 => ?"), (1, Some(2)));
        assert_eq!(bounds("[30..40] alice messages.delete $m2 => 403 @error"), (2, Some(2)));
        let socket = r#"
            [30..30] carol@r1 open
            [31..31] carol@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;
        assert_eq!(bounds(socket), (1, Some(2)));
    }

    #[test]
    fn unknown_sends_may_have_arrived() {
        let unknown = send("[30..40]", 4).replace("201", "500");
        let seen = |text: &str| {
            format!(
                r#"[50..51] bob messages.list ?room=$r1 => 200 {{"results": [@message {{"id": "$m9", "room": "$r1", "sender": {{"id": 1}}, "content": "{text}"}}]}}"#
            )
        };
        assert_eq!(bounds(&unknown), (2, Some(3)));
        assert_eq!(bounds(&format!("{unknown}\n{}", seen("text 4"))), (2, Some(3)));
        // A message of unknown origin: there may be more of them.
        assert_eq!(bounds(&format!("{unknown}\n{}", seen("carol joined"))), (2, None));
    }

    #[test]
    fn a_user_who_joins_again_may_start_without_unread_messages() {
        let back = |more: &str| {
            format!(
                r#"
                [30..31] carol rooms.leave $r1 => 200 {{}}
                [40..41] alice participants.add {{"room": "$r1", "user": 3}} => 201 @participant
                {}
                {more}"#,
                send("[45..46]", 4)
            )
        };
        assert_eq!(bounds(&back("")), (1, Some(3)));
        assert_eq!(bounds(&back("[50..51] carol rooms.mark_read $r1 => 200 {}")), (0, Some(0)));
        let before = "[28..29] carol rooms.mark_read $r1 => 200 {}";
        assert_eq!(bounds(&format!("{before}\n{}", back(""))), (1, Some(3)));
    }
}
