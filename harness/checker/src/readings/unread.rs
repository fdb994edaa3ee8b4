//! Unread counts.

use hearback_contract::{AmbiguityId, ReadingId};
use hearback_history::{Interval, Nanoseconds};

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::model::{Message, Room, WriteKind};
use crate::rule::RuleInput;
use crate::rules::unread::views::{View, views_in};

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::UnreadBeforeFirstMark, unread_before_first_mark),
    row(AmbiguityId::ReceiptMovesUnread, receipt_moves_unread),
    row(AmbiguityId::DeletedCountsUnread, deleted_counts_unread),
];

/// Most messages of a room whose counts are looked at, so that long histories cost little.
const MAX_MESSAGES: usize = 50;

/// A count of a room in which nothing was in flight.
struct Settled<'h> {
    view: View<'h>,
    /// Messages of other members, in the order of sending.
    messages: Vec<&'h Message<'h>>,
    /// Number of marks and receipts of the member.
    marks: usize,
    /// True if the member was in the room from the beginning.
    is_initial: bool,
}

fn settled(input: RuleInput<'_>) -> impl Iterator<Item = Settled<'_>> {
    const KINDS: [WriteKind; 4] =
        [WriteKind::Send, WriteKind::Alter, WriteKind::Read, WriteKind::Membership];
    let is_short =
        |room: &Room<'_>| !room.has_foreign_messages && room.messages.len() <= MAX_MESSAGES;
    views_in(input, is_short).into_iter().filter_map(move |view| {
        let (room, at) = (view.room, view.at);
        if !input.model.is_quiet(room, &KINDS, at) || room.members.get(&view.user)?.len() != 1 {
            return None;
        }
        let all = room.messages.iter().filter_map(|id| input.model.messages.get(id));
        let messages = all.filter(|message| {
            message.sent.precedes(at) && input.model.user_id(&message.sender) != Some(view.user)
        });
        let marks = room.read_state.marks_of(view.user);
        Some(Settled {
            view,
            messages: messages.collect(),
            marks: marks.map_or(0, |marks| marks.attempts.begun_by(at)),
            is_initial: room.surely_initial_member(view.user, at),
        })
    })
}

impl Settled<'_> {
    fn take(&self, observations: &mut ReadingObservations, readings: &[(usize, ReadingId)]) {
        let own = readings.iter().filter(|(count, _)| *count as u64 == self.view.count);
        // Two readings with the same count explain nothing.
        if let [(_, reading)] = own.collect::<Vec<_>>()[..] {
            observations.takes(*reading, self.view.evidence);
        }
    }

    /// Returns whether a message may have been deleted before the count was taken.
    fn has_deleted(&self) -> bool {
        let until = Interval { invoked: Nanoseconds::ZERO, ..self.view.at };
        self.messages.iter().any(|message| message.maybe_deleted(until))
    }
}

fn unread_before_first_mark(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for settled in settled(input).filter(|it| it.marks == 0 && !it.is_initial && !it.has_deleted())
    {
        let memberships = settled.view.room.members.get(&settled.view.user);
        let Some(joined) = memberships.and_then(|all| all.first()).map(|it| it.joined) else {
            continue;
        };
        let since = settled.messages.iter().filter(|message| joined.precedes(message.sent)).count();
        let before =
            settled.messages.iter().filter(|message| message.sent.precedes(joined)).count();
        if since + before == settled.messages.len() {
            let readings = [
                (since, ReadingId::UnreadBeforeFirstMarkSinceJoined),
                (since + before, ReadingId::UnreadBeforeFirstMarkAll),
            ];
            settled.take(observations, &readings);
        }
    }
}

fn receipt_moves_unread(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for settled in settled(input).filter(|it| it.marks == 1 && it.is_initial && !it.has_deleted()) {
        let user = settled.view.user;
        let is_read = |message: &&Message<'_>| {
            let mut marks = message.receipts.iter().filter(|mark| mark.user == user);
            marks.any(|mark| mark.is_sure && mark.given.precedes(settled.view.at))
        };
        let all = &settled.messages;
        let Some(read) = all.iter().find(|message| is_read(message)) else { continue };
        let until = all.iter().filter(|message| !read.sent.precedes(message.sent)).count();
        let is_ordered =
            all.iter().all(|message| message.id == read.id || !message.sent.overlaps(read.sent));
        if is_ordered {
            let readings = [
                (all.len() - 1, ReadingId::ReceiptMovesUnreadByOne),
                (all.len() - until, ReadingId::ReceiptMovesUnreadUpTo),
                (all.len(), ReadingId::ReceiptMovesUnreadNotAtAll),
            ];
            settled.take(observations, &readings);
        }
    }
}

fn deleted_counts_unread(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for settled in settled(input).filter(|it| it.marks == 0 && it.is_initial && it.has_deleted()) {
        let all = settled.messages.len();
        let now = Interval { invoked: Nanoseconds::ZERO, ..settled.view.at };
        let maybe = settled.messages.iter().filter(|message| message.maybe_deleted(now)).count();
        let deleted = settled
            .messages
            .iter()
            .filter(|message| message.surely_deleted(settled.view.at))
            .count();
        if maybe == deleted && deleted > 0 {
            let readings = [
                (all - deleted, ReadingId::DeletedCountsUnreadNo),
                (all, ReadingId::DeletedCountsUnreadYes),
            ];
            settled.take(observations, &readings);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..4] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
        [5..6] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2", "room": "$r1"}
        [7..8] alice messages.send {"room": "$r1", "content": "c"} => 201 @message {"id": "$m3", "room": "$r1"}
    "#;

    fn counted(ambiguity: &str, lines: &str, who: &str, count: u64) -> Vec<&'static str> {
        let view = format!(
            r#"[90..91] {who} rooms.stats $r1 => 200 @room_stats {{"unread_count": {count}}}"#
        );
        observed(ambiguity, &format!("{ROOM}\n{lines}\n{view}"))
    }

    #[test]
    fn a_receipt_moves_the_count_by_one_or_more_or_not() {
        let receipt = "[10..11] bob messages.mark_read $m2 => 200 {}";
        let of = |count| counted("receipt-moves-unread", receipt, "bob", count);
        assert_eq!(of(2), ["by-one"]);
        assert_eq!(of(1), ["up-to"]);
        assert_eq!(of(3), ["not-at-all"]);
        assert!(of(0).is_empty());
        // With a receipt for the first message, two readings agree.
        let first = "[10..11] bob messages.mark_read $m1 => 200 {}";
        assert!(counted("receipt-moves-unread", first, "bob", 2).is_empty());
    }

    #[test]
    fn messages_from_before_joining_count_or_not() {
        let joins = r#"[10..11] alice participants.add {"room": "$r1", "user": 3} => 201 @participant
            [12..13] alice messages.send {"room": "$r1", "content": "d"} => 201 @message {"id": "$m4", "room": "$r1"}"#;
        let of = |count| counted("unread-before-first-mark", joins, "carol", count);
        assert_eq!(of(1), ["since-joined"]);
        assert_eq!(of(4), ["all"]);
        assert!(of(2).is_empty());
    }

    #[test]
    fn deleted_messages_count_or_not() {
        let deletion = "[10..11] alice messages.delete $m2 => 204";
        let of = |count| counted("deleted-counts-unread", deletion, "bob", count);
        assert_eq!(of(2), ["no"]);
        assert_eq!(of(3), ["yes"]);
    }
}
