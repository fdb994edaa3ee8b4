//! Bounds of a member's unread count: the fewest and the most messages that may be unread.
//!
//! The bounds allow for every accepted reading. Messages from before a member joined may count or
//! not (unread-before-first-mark), a receipt may count for nothing, for its message, or for all
//! messages up to it (receipt-changes-unread), and a deleted message may count or not
//! (deleted-counts-unread).

use hearback_contract::{MessageId, UserId};
use hearback_history::{Interval, Nanoseconds};

use super::Model;
use super::mark::Mark;
use super::message::Message;
use super::room::Room;
use super::send_index::Sends;

/// The unread messages of a member, as a read during an interval may have seen them.
#[derive(Clone, Copy, Debug)]
pub struct UnreadBounds<'m, 'h> {
    room: &'m Room<'h>,
    user: UserId,
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
    pub fn unread_bounds(&self, user: UserId, at: Interval) -> Option<UnreadBounds<'_, 'h>> {
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
    pub fn example(&self, model: &Model<'_>) -> Option<MessageId> {
        let first = |id: &MessageId| {
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
        let unread_bounds =
            model.rooms[dsl::id("r1").as_str()].unread_bounds(3.into(), at).unwrap();
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
