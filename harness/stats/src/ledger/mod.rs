//! Who should have got what: the ledger of one room.

mod counts;
mod delivery;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crate::Nanoseconds;
use crate::message_tag::MessageTag;
use crate::sequence_set::SequenceSet;

pub use counts::DeliveryCounts;
pub use delivery::{Delivery, Pace};

/// Number of a message in its room, in the order of sending.
pub type Sequence = u32;

/// Number of a member in its room.
pub type Member = usize;

/// Messages kept in line while they wait for an older one to be delivered everywhere.
const IN_LINE: usize = 4096;

/// A message that is not delivered everywhere yet.
#[derive(Clone, Copy, Debug)]
struct Message {
    intended: Nanoseconds,
    sent: Nanoseconds,
    sender: u32,
    /// Members who must get it.
    expected: u32,
    received: u32,
    /// When the newest recipient got it.
    last: Nanoseconds,
}

impl Message {
    fn is_complete(&self) -> bool {
        self.received >= self.expected
    }
}

#[derive(Debug, Default)]
struct Seat {
    connected: bool,
    pace: Pace,
    /// Messages received on this connection, repetitions not counted.
    received: u32,
    /// The first message that was sent after the connection was open.
    first: Sequence,
    seen: SequenceSet,
}

/// The messages of one room and who got them.
///
/// A message is begun before it is written, and a member is connected after its connection was confirmed, so
/// that who is connected at the beginning has to get the message.
#[derive(Debug)]
pub struct RoomLedger {
    room: u32,
    bound: Nanoseconds,
    seats: Vec<Seat>,
    /// By sender, the newest message of it that each member has seen, plus one. A message reaches all members at
    /// about the same time, so what is looked at for it lies together. What was seen on an earlier connection is older
    /// than all that counts on the next one.
    newest: Vec<Vec<Sequence>>,
    /// Prompt members that are connected.
    connected: u32,
    /// Numbers of messages that were never written.
    withdrawn: Vec<Sequence>,
    /// The newest messages, in order; the older ones are complete, or stragglers.
    line: VecDeque<Message>,
    /// Number of the first message in line.
    base: Sequence,
    stragglers: BTreeMap<Sequence, Message>,
    counts: DeliveryCounts,
}

impl RoomLedger {
    /// A room without messages, of so many members, none of them connected. After `bound` a delivery is
    /// late, and one that has not come by then is lost if its connection ends.
    pub fn new(room: u32, members: usize, bound: Nanoseconds) -> Self {
        Self {
            room,
            bound,
            seats: std::iter::repeat_with(Seat::default).take(members).collect(),
            newest: Vec::new(),
            connected: 0,
            withdrawn: Vec::new(),
            line: VecDeque::new(),
            base: 0,
            stragglers: BTreeMap::new(),
            counts: DeliveryCounts::default(),
        }
    }

    /// Members that there can be.
    pub fn members(&self) -> usize {
        self.seats.len()
    }

    /// A member's connection is open.
    pub fn connect(&mut self, member: Member, pace: Pace) {
        let first = self.next();
        let seat = &mut self.seats[member];
        if !seat.connected && pace == Pace::Prompt {
            self.connected += 1;
        }
        *seat = Seat {
            connected: true,
            pace,
            first,
            seen: SequenceSet::from(first),
            ..Seat::default()
        };
    }

    /// A member's connection has ended: what was sent within the bound and did not reach it is excused.
    ///
    /// Gives, for each message that is now delivered to everybody who can demand it, its intended time and
    /// its latency to the last recipient.
    pub fn disconnect(
        &mut self,
        member: Member,
        at: Nanoseconds,
    ) -> Vec<(Nanoseconds, Nanoseconds)> {
        let seat = &mut self.seats[member];
        if !std::mem::take(&mut seat.connected) {
            return Vec::new();
        }
        if self.seats[member].pace == Pace::Own {
            self.counts.excused += self.missing(&self.seats[member]);
            return Vec::new();
        }
        self.connected -= 1;
        let seat = &self.seats[member];
        let (bound, base) = (self.bound, self.base);
        let waiting = self.stragglers.iter_mut().map(|(number, message)| (*number, message));
        let in_line = self.line.iter_mut().zip(base..).map(|(message, number)| (number, message));
        let mut completed = Vec::new();
        for (number, message) in waiting.chain(in_line) {
            let owed = number >= seat.first && !seat.seen.contains(number);
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

    /// A message is about to be written; gives its tag.
    pub fn begin(
        &mut self,
        run: u32,
        sender: Member,
        intended: Nanoseconds,
        sent: Nanoseconds,
    ) -> MessageTag {
        let sequence = self.next();
        // Members are counted in 32 bits on the wire; there are no more sockets than that.
        let sender = sender as u32;
        let expected = self.connected;
        self.line.push_back(Message { intended, sent, sender, expected, received: 0, last: 0 });
        self.counts.messages += 1;
        self.advance();
        MessageTag { run, room: self.room, sender, sequence, intended }
    }

    /// A message that was begun was never written: nobody can demand it.
    pub fn withdraw(&mut self, sequence: Sequence) {
        if let Some(message) = self.message(sequence).filter(|message| message.received == 0) {
            message.expected = 0;
            self.withdrawn.push(sequence);
            self.counts.messages -= 1;
            self.stragglers.remove(&sequence);
            self.advance();
        }
    }

    /// A member received a message with a stamp of this run.
    pub fn deliver(&mut self, member: Member, tag: &MessageTag, at: Nanoseconds) -> Delivery {
        if tag.room != self.room {
            self.counts.leaked += 1;
            return Delivery::Leaked;
        }
        if tag.sequence >= self.next() {
            return self.foreign();
        }
        let seat = &mut self.seats[member];
        if tag.sequence < seat.first || !seat.connected {
            self.counts.earlier += 1;
            return Delivery::Earlier;
        }
        if !seat.seen.insert(tag.sequence) {
            self.counts.duplicate += 1;
            return Delivery::Duplicate;
        }
        if seat.pace == Pace::Own {
            return self.deliver_unhurried(member, tag);
        }
        // Looked up before the seat is used again: who sent it is the ledger's to say, not the frame's.
        let Some(message) = self.message(tag.sequence).filter(|message| !message.is_complete())
        else {
            // One that was withdrawn has arrived all the same.
            return self.foreign();
        };
        message.received += 1;
        message.last = message.last.max(at);
        let message = *message;
        self.counts.received += 1;
        self.counts.late += u64::from(at > message.sent.saturating_add(self.bound));
        self.note_order(member, message.sender, tag.sequence);
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

    /// A member that reads at its own pace received a message for the first time. Others may have it since long, so
    /// who sent it is taken from the frame.
    fn deliver_unhurried(&mut self, member: Member, tag: &MessageTag) -> Delivery {
        if self.withdrawn.contains(&tag.sequence) {
            return self.foreign();
        }
        self.seats[member].received += 1;
        self.counts.received += 1;
        if (tag.sender as usize) < self.seats.len() {
            self.note_order(member, tag.sender, tag.sequence);
        }
        Delivery::Unhurried
    }

    /// The run ends before everything could be read: what members that read at their own pace have not got by now is
    /// excused.
    pub fn excuse_unhurried(&mut self) {
        for member in 0..self.seats.len() {
            if self.seats[member].pace == Pace::Own {
                self.disconnect(member, Nanoseconds::MAX);
            }
        }
    }

    /// Messages that a member which reads at its own pace has still to get.
    fn missing(&self, seat: &Seat) -> u64 {
        let unwritten = self.withdrawn.partition_point(|sequence| *sequence < seat.first);
        let unwritten = self.withdrawn.len() - unwritten;
        let owed = (self.next() - seat.first) as usize - unwritten;
        owed.saturating_sub(seat.received as usize) as u64
    }

    /// The same for all of them together.
    fn missing_unhurried(&self) -> u64 {
        let seats = self.seats.iter().filter(|seat| seat.connected && seat.pace == Pace::Own);
        seats.map(|seat| self.missing(seat)).sum()
    }

    /// A member received a message that is not of this run.
    pub fn foreign(&mut self) -> Delivery {
        self.counts.foreign += 1;
        Delivery::Foreign
    }

    /// What became of everything, if no more comes: what is missing is lost.
    pub fn counts(&self) -> DeliveryCounts {
        let waiting = self.stragglers.values().chain(&self.line);
        let prompt: u64 =
            waiting.map(|message| u64::from(message.expected - message.received)).sum();
        let lost = prompt + self.missing_unhurried();
        DeliveryCounts { expected: self.counts.received + lost, lost, ..self.counts }
    }

    /// How many recipients each incomplete message misses, with its intended time, in order.
    pub fn incomplete(&self) -> impl Iterator<Item = (Nanoseconds, u64)> + '_ {
        let waiting = self.stragglers.values().chain(&self.line);
        waiting
            .filter(|message| !message.is_complete())
            .map(|message| (message.intended, u64::from(message.expected - message.received)))
    }

    /// Whether every message was delivered to everybody.
    pub fn is_settled(&self) -> bool {
        self.incomplete().next().is_none() && self.missing_unhurried() == 0
    }

    fn next(&self) -> Sequence {
        // A room with four billion messages is beyond any run.
        self.base + self.line.len() as Sequence
    }

    fn message(&mut self, sequence: Sequence) -> Option<&mut Message> {
        match sequence.checked_sub(self.base) {
            Some(position) => self.line.get_mut(position as usize),
            None => self.stragglers.get_mut(&sequence),
        }
    }

    /// Per sender, a running maximum.
    fn note_order(&mut self, member: Member, sender: u32, sequence: Sequence) {
        let sender = sender as usize;
        if self.newest.len() <= sender {
            self.newest.resize_with(sender + 1, Vec::new);
        }
        let of = &mut self.newest[sender];
        if of.is_empty() {
            of.resize(self.seats.len(), 0);
        }
        let one_more = sequence + 1;
        if of[member] > one_more {
            self.counts.out_of_order += 1;
        } else {
            of[member] = one_more;
        }
    }

    /// Lets go of complete messages, and takes incomplete ones that hold up many others out of the line.
    fn advance(&mut self) {
        while let Some(message) = self.line.front() {
            if !message.is_complete() {
                if self.line.len() <= IN_LINE {
                    break;
                }
                self.stragglers.insert(self.base, *message);
            }
            self.line.pop_front();
            self.base += 1;
        }
    }
}
