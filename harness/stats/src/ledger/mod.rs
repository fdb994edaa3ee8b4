//! The ledger of one room: its messages, and their deliveries.

mod across;
#[cfg(test)]
mod across_tests;
mod counts;
mod delivery;
mod index;
mod other_parts;
mod send_log;
mod share;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use hearback_history::Nanoseconds;

use crate::message_tag::MessageTag;
use crate::sequence_set::SequenceSet;

use across::Across;

pub use counts::DeliveryCounts;
pub use delivery::{Delivery, Pace};
pub use index::{Member, Sequence};
pub use send_log::SendLog;
pub use share::RoomShare;

/// Maximum number of messages in the window.
const WINDOW: usize = 4096;

/// A message that some member has not received yet.
#[derive(Clone, Copy, Debug)]
struct Message {
    intended: Nanoseconds,
    sent: Nanoseconds,
    sender: u32,
    /// Number of members that are owed the message.
    expected: u32,
    received: u32,
    /// Time of the last delivery so far.
    last: Nanoseconds,
}

impl Message {
    fn is_complete(&self) -> bool {
        self.received >= self.expected
    }
}

/// State of a member's current connection.
#[derive(Debug, Default)]
struct MemberState {
    connected: bool,
    pace: Pace,
    /// Number of distinct messages received on this connection.
    received: u32,
    /// The first message that was sent after the connection was open.
    first: Sequence,
    seen: SequenceSet,
}

/// The messages of one room, and their deliveries, or those of one part of a room that several workers share.
///
/// Callers [`begin`](Self::begin) a message before they write it, and [`connect`](Self::connect) a member after its
/// connection was confirmed. The members connected at the beginning of a message are therefore owed it.
#[derive(Debug)]
pub struct RoomLedger {
    room: u32,
    bound: Nanoseconds,
    members: Vec<MemberState>,
    /// The sequence number of the newest message that each member received from each sender, plus one, by sender and
    /// member. Grouped by sender because a message reaches all members at about the same time. Entries of an
    /// earlier connection need no reset: they are lower than all messages that count on the next one.
    newest: Vec<Vec<Sequence>>,
    /// Number of connected prompt readers.
    connected: u32,
    /// Messages that were never written, in ascending order.
    withdrawn: Vec<Sequence>,
    /// The newest messages, in order. Older messages are complete, or stragglers.
    window: VecDeque<Message>,
    /// Sequence number of the first message in the window.
    base: Sequence,
    /// Incomplete messages that are older than the window.
    stragglers: BTreeMap<Sequence, Message>,
    counts: DeliveryCounts,
    share: RoomShare,
    /// Messages of the other parts, if there are any.
    across: Option<Box<Across>>,
}

impl RoomLedger {
    /// Creates the ledger of a room without messages whose members are all disconnected.
    ///
    /// A delivery that takes longer than `bound` is late. If a connection ends after `bound`, missing deliveries to it
    /// are lost; before, they are excused.
    pub fn new(room: u32, share: RoomShare, members: usize, bound: Nanoseconds) -> Self {
        let across = || Box::new(Across::new(share, members, bound));
        Self {
            room,
            bound,
            members: std::iter::repeat_with(MemberState::default).take(members).collect(),
            newest: Vec::new(),
            connected: 0,
            withdrawn: Vec::new(),
            window: VecDeque::new(),
            base: 0,
            stragglers: BTreeMap::new(),
            counts: DeliveryCounts::default(),
            share,
            across: share.is_partial().then(across),
        }
    }

    /// Number of members, connected or not.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// Records that a member's connection is open.
    pub fn connect(&mut self, member: Member, pace: Pace, at: Nanoseconds) {
        if let Some(across) = &mut self.across {
            across.connect(member, pace, at);
            // An earlier message of another part is not overtaken on a new connection, where it is not owed.
            let newest = self.newest.iter_mut().filter_map(|newest| newest.get_mut(member));
            newest.for_each(|newest| *newest = 0);
        }
        let first = self.next_sequence();
        let state = &mut self.members[member];
        if !state.connected && pace == Pace::Prompt {
            self.connected += 1;
        }
        *state = MemberState {
            connected: true,
            pace,
            first,
            seen: SequenceSet::from(first),
            ..MemberState::default()
        };
    }

    /// Records that a member's connection has ended, and excuses deliveries to it that are missing within the bound.
    ///
    /// Returns the intended send time and the latency to the last recipient of each message that is complete without
    /// this member.
    pub fn disconnect(
        &mut self,
        member: Member,
        at: Nanoseconds,
    ) -> Vec<(Nanoseconds, Nanoseconds)> {
        if let Some(across) = &mut self.across {
            across.disconnect(member, at);
        }
        let state = &mut self.members[member];
        if !std::mem::take(&mut state.connected) {
            return Vec::new();
        }
        if self.members[member].pace == Pace::Slow {
            self.counts.excused += self.missing(&self.members[member]);
            return Vec::new();
        }
        self.connected -= 1;
        let state = &self.members[member];
        let (bound, base) = (self.bound, self.base);
        let stragglers = self.stragglers.iter_mut().map(|(number, message)| (*number, message));
        let in_window =
            self.window.iter_mut().zip(base..).map(|(message, number)| (number, message));
        let mut completed = Vec::new();
        for (number, message) in stragglers.chain(in_window) {
            let owed = number >= state.first && !state.seen.contains(number);
            if !owed || message.is_complete() || at >= message.sent.saturating_add(bound) {
                continue;
            }
            message.expected -= 1;
            self.counts.excused += 1;
            if message.is_complete() && message.received > 0 {
                completed.push((message.intended, message.last.saturating_sub(message.intended)));
            }
        }
        self.stragglers.retain(|_, message| !message.is_complete());
        self.advance();
        completed
    }

    /// Records that a message is about to be written, and returns its tag.
    pub fn begin(
        &mut self,
        run: u32,
        sender: Member,
        intended: Nanoseconds,
        sent: Nanoseconds,
    ) -> MessageTag {
        let sequence = self.next_sequence();
        // The clocks of several workers have only their start in common.
        let stated = self.across.as_ref().map_or(intended, |it| it.since_start(intended));
        if let Some(across) = &mut self.across {
            across.begin(sent);
        }
        // Tags have 32 bits for members, which is more than there are sockets.
        let in_room = self.share.index_in_room(sender) as u32;
        let sender = sender as u32;
        let expected = self.connected;
        self.window.push_back(Message {
            intended,
            sent,
            sender,
            expected,
            received: 0,
            last: Nanoseconds::ZERO,
        });
        self.counts.messages += 1;
        self.advance();
        MessageTag { run, room: self.room, sender: in_room, sequence, intended: stated }
    }

    /// Records that a message was not written after all, so that no member is owed it.
    pub fn withdraw(&mut self, sequence: Sequence) {
        if let Some(message) = self.message(sequence).filter(|message| message.received == 0) {
            message.expected = 0;
            if let Some(across) = &mut self.across {
                across.withdraw(sequence);
            }
            self.withdrawn.push(sequence);
            self.counts.messages -= 1;
            self.stragglers.remove(&sequence);
            self.advance();
        }
    }

    /// Records and classifies the delivery of a message with a tag of this run.
    pub fn deliver(&mut self, member: Member, tag: &MessageTag, at: Nanoseconds) -> Delivery {
        if tag.room != self.room {
            self.counts.leaked += 1;
            return Delivery::Leaked;
        }
        if self.share.part_of(tag.sender as usize) != self.share.part {
            return self.deliver_across(member, tag, at);
        }
        if tag.sequence >= self.next_sequence() {
            return self.record_foreign();
        }
        let state = &mut self.members[member];
        if tag.sequence < state.first || !state.connected {
            self.counts.earlier += 1;
            return Delivery::Earlier;
        }
        if !state.seen.insert(tag.sequence) {
            self.counts.duplicate += 1;
            return Delivery::Duplicate;
        }
        if state.pace == Pace::Slow {
            return self.deliver_to_slow_reader(member, tag);
        }
        // The sender is taken from the ledger, since the target could have altered the tag.
        let Some(message) = self.message(tag.sequence).filter(|message| !message.is_complete())
        else {
            // A withdrawn message was delivered nevertheless.
            return self.record_foreign();
        };
        message.received += 1;
        message.last = message.last.max(at);
        let message = *message;
        self.counts.received += 1;
        self.counts.late += u64::from(at > message.sent.saturating_add(self.bound));
        let sender = self.share.index_in_room(message.sender as usize);
        self.counts.out_of_order += u64::from(self.is_overtaken(member, sender, tag.sequence));
        let last = message.last.saturating_sub(message.intended);
        let is_complete = message.is_complete();
        if is_complete {
            self.stragglers.remove(&tag.sequence);
            self.advance();
        }
        Delivery::Due {
            latency: at.saturating_sub(message.intended),
            service: at.saturating_sub(message.sent),
            own: message.sender as usize == member,
            intended: message.intended,
            last: is_complete.then_some(last),
        }
    }

    /// Records the first delivery of a message to a slow reader. The ledger may have dropped the message already
    /// because it is complete without slow readers, so that the sender is taken from the tag.
    fn deliver_to_slow_reader(&mut self, member: Member, tag: &MessageTag) -> Delivery {
        if self.withdrawn.contains(&tag.sequence) {
            return self.record_foreign();
        }
        self.members[member].received += 1;
        self.counts.received += 1;
        let sender = tag.sender as usize;
        if self.has_sender(sender) {
            self.counts.out_of_order += u64::from(self.is_overtaken(member, sender, tag.sequence));
        }
        Delivery::DueToSlowReader
    }

    /// Excuses all missing deliveries to slow readers, because the run ends before they could read everything.
    pub fn excuse_slow_readers(&mut self) {
        for member in 0..self.members.len() {
            if self.members[member].pace == Pace::Slow {
                self.disconnect(member, Nanoseconds::MAX);
            }
        }
    }

    /// Number of deliveries that a slow reader is still owed.
    fn missing(&self, state: &MemberState) -> u64 {
        let unwritten = self.withdrawn.partition_point(|sequence| *sequence < state.first);
        let unwritten = self.withdrawn.len() - unwritten;
        let owed = (self.next_sequence() - state.first) as usize - unwritten;
        owed.saturating_sub(state.received as usize) as u64
    }

    /// Number of deliveries that all slow readers are still owed.
    fn missing_to_slow_readers(&self) -> u64 {
        let slow = |state: &&MemberState| state.connected && state.pace == Pace::Slow;
        self.members.iter().filter(slow).map(|state| self.missing(state)).sum()
    }

    /// Records a delivery of a message that this run did not send.
    pub fn record_foreign(&mut self) -> Delivery {
        self.counts.foreign += 1;
        Delivery::Foreign
    }

    /// The delivery counts so far. Missing deliveries count as lost.
    pub fn counts(&self) -> DeliveryCounts {
        let missing: u64 = self.incomplete().map(|(_, missing)| missing).sum();
        self.counts_with(missing + self.missing_to_slow_readers())
    }

    /// The delivery counts of a run that is going on at `now`. Missing deliveries count as lost once they are late;
    /// those to slow readers do not.
    pub fn counts_so_far(&self, now: Nanoseconds) -> DeliveryCounts {
        self.counts_with(self.overdue(now).map(|(_, missing)| missing).sum())
    }

    fn counts_with(&self, lost: u64) -> DeliveryCounts {
        let mut counts =
            DeliveryCounts { expected: self.counts.received + lost, lost, ..self.counts };
        if let Some((across, _)) = self.across() {
            counts += across;
        }
        counts
    }

    /// The intended send time and the number of missing recipients of each incomplete message, in order. Excludes slow
    /// readers.
    pub fn incomplete(&self) -> impl Iterator<Item = (Nanoseconds, u64)> + '_ {
        self.overdue(Nanoseconds::MAX)
    }

    /// Those of [`incomplete`](Self::incomplete) whose missing deliveries are late at `now`.
    pub fn overdue(&self, now: Nanoseconds) -> impl Iterator<Item = (Nanoseconds, u64)> + '_ {
        let messages = self.stragglers.values().chain(&self.window);
        messages
            .filter(move |message| {
                !message.is_complete() && message.sent.saturating_add(self.bound) <= now
            })
            .map(|message| (message.intended, u64::from(message.expected - message.received)))
    }

    /// Returns whether every owed delivery arrived.
    pub fn is_settled(&self) -> bool {
        self.incomplete().next().is_none() && self.missing_to_slow_readers() == 0
    }

    fn next_sequence(&self) -> Sequence {
        // No run sends four billion messages to one room.
        self.base + self.window.len() as Sequence
    }

    fn message(&mut self, sequence: Sequence) -> Option<&mut Message> {
        match sequence.checked_sub(self.base) {
            Some(index) => self.window.get_mut(index as usize),
            None => self.stragglers.get_mut(&sequence),
        }
    }

    /// Returns whether the member received a newer message of the same sender before. `sender` is an index in the room.
    fn is_overtaken(&mut self, member: Member, sender: usize, sequence: Sequence) -> bool {
        if self.newest.len() <= sender {
            self.newest.resize_with(sender + 1, Vec::new);
        }
        let newest = &mut self.newest[sender];
        if newest.is_empty() {
            newest.resize(self.members.len(), 0);
        }
        let next = sequence + 1;
        let is_overtaken = newest[member] > next;
        newest[member] = newest[member].max(next);
        is_overtaken
    }

    /// Drops complete messages from the front of the window. If the window is full, moves incomplete ones to the
    /// stragglers.
    fn advance(&mut self) {
        while let Some(message) = self.window.front() {
            if !message.is_complete() {
                if self.window.len() <= WINDOW {
                    break;
                }
                self.stragglers.insert(self.base, *message);
            }
            self.window.pop_front();
            self.base += 1;
        }
    }
}
