//! The marks of a room: who read what, and when.

use std::collections::BTreeMap;

use hearback_contract::UserId;
use hearback_history::{Interval, Nanoseconds};

use super::interval_index::IntervalIndex;
use super::mark::Mark;

/// The marks of one user in one room.
#[derive(Clone, Debug, Default)]
pub struct ReadMarks<'h> {
    /// The times of all marks and receipts, whatever their outcome.
    pub attempts: IntervalIndex,
    /// For each mark and receipt, its begin and the time until which messages may count as read by
    /// it.
    reach: IntervalIndex,
    /// Certain marks of the whole room, sorted by return.
    marks: Vec<Mark<'h>>,
    /// For each position, the position of the mark up to it that began last.
    latest: Vec<usize>,
}

/// The marks of all users in one room.
#[derive(Clone, Debug, Default)]
pub struct ReadState<'h> {
    by_user: BTreeMap<UserId, ReadMarks<'h>>,
    /// Certain marks of the whole room by all users, sorted by return.
    marks: Vec<Mark<'h>>,
    /// For each position, the position of the last earlier mark by another user.
    other: Vec<Option<usize>>,
}

impl<'h> ReadMarks<'h> {
    /// The time until which messages may count as read during `at`; a receipt may count for all
    /// messages up to its own (receipt-changes-unread). O(log n).
    pub fn may_have_read_until(&self, at: Interval) -> Option<Nanoseconds> {
        self.reach.latest_return(at)
    }

    /// The mark of the whole room that began last, of those that certainly took effect before `at`.
    /// O(log n).
    pub fn last_mark(&self, at: Interval) -> Option<&Mark<'h>> {
        let before = self.marks.partition_point(|mark| mark.given.precedes(at));
        Some(&self.marks[self.latest[before.checked_sub(1)?]])
    }
}

impl<'h> ReadState<'h> {
    /// The marks of a user, if there are any.
    pub fn marks_of(&self, user: UserId) -> Option<&ReadMarks<'h>> {
        self.by_user.get(&user)
    }

    /// The last mark of the whole room by another user that certainly took effect before `at`.
    /// O(log n).
    pub fn last_mark_of_others(&self, user: UserId, at: Interval) -> Option<&Mark<'h>> {
        let before = self.marks.partition_point(|mark| mark.given.precedes(at));
        let last = before.checked_sub(1)?;
        let index = if self.marks[last].user == user { self.other[last]? } else { last };
        Some(&self.marks[index])
    }

    pub(super) fn of(attempts: Vec<Attempt<'h>>) -> Self {
        let mut state = Self::default();
        let mut by_user: BTreeMap<UserId, Vec<Attempt<'h>>> = BTreeMap::new();
        for attempt in attempts {
            by_user.entry(attempt.mark.user).or_default().push(attempt);
        }
        for (user, attempts) in by_user {
            let reader = ReadMarks::of(&attempts);
            state.marks.extend(&reader.marks);
            state.by_user.insert(user, reader);
        }
        state.marks.sort_by_key(|mark| mark.given.returned);
        for (index, mark) in state.marks.iter().enumerate() {
            let last = index.checked_sub(1);
            let other = last.and_then(|last| match state.marks[last].user == mark.user {
                true => state.other[last],
                false => Some(last),
            });
            state.other.push(other);
        }
        state
    }
}

impl<'h> ReadMarks<'h> {
    fn of(attempts: &[Attempt<'h>]) -> Self {
        let sure = attempts.iter().filter(|it| it.is_of_room && it.mark.is_sure);
        let mut marks: Vec<_> = sure.map(|it| it.mark).collect();
        marks.sort_by_key(|mark| mark.given.returned);
        let mut latest: Vec<usize> = Vec::with_capacity(marks.len());
        for (index, mark) in marks.iter().enumerate() {
            let before = latest.last().copied();
            let is_later = |before: &usize| marks[*before].given.invoked > mark.given.invoked;
            latest.push(before.filter(is_later).unwrap_or(index));
        }
        let reach =
            |it: &Attempt<'h>| Interval { invoked: it.mark.given.invoked, returned: it.until };
        Self {
            attempts: attempts.iter().map(|it| it.mark.given).collect(),
            reach: attempts.iter().map(reach).collect(),
            marks,
            latest,
        }
    }
}

/// A mark, and the messages that may count as read by it.
pub(super) struct Attempt<'h> {
    pub(super) mark: Mark<'h>,
    /// True if it marks the whole room.
    pub(super) is_of_room: bool,
    /// The time until which messages may count as read by it.
    pub(super) until: Nanoseconds,
}
