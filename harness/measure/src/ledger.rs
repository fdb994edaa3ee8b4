//! Who should have got what: the ledger of one room.

use std::collections::{BTreeMap, VecDeque};
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::Nanoseconds;
use crate::seen::Seen;
use crate::stamp::Stamp;

/// Number of a message in its room, in the order of sending.
pub type Sequence = u32;

/// Number of a member in its room.
pub type Member = usize;

/// Messages kept in line while they wait for an older one to be delivered everywhere.
const IN_LINE: usize = 4096;

/// What became of the deliveries of a room, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Messages sent.
    pub messages: u64,
    /// Deliveries that had to come: one for each member, the sender included, whose connection was open
    /// from before the send until the delivery, the end of the run, or longer than the bound.
    pub expected: u64,
    /// Those of them that came.
    pub received: u64,
    /// Those that never came.
    pub lost: u64,
    /// Repetitions of what the same connection had received before.
    pub duplicate: u64,
    /// Deliveries after a later message of the same sender.
    pub out_of_order: u64,
    /// Deliveries to a connection of another room.
    pub leaked: u64,
    /// Received ones that took longer than the bound.
    pub late: u64,
    /// Deliveries that nobody can demand: their connection ended soon after the send.
    pub excused: u64,
    /// Messages that a connection received although they were sent before it was open.
    pub earlier: u64,
    /// Messages that nobody of this run has sent.
    pub foreign: u64,
}

impl AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.expected += other.expected;
        self.received += other.received;
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.out_of_order += other.out_of_order;
        self.leaked += other.leaked;
        self.late += other.late;
        self.excused += other.excused;
        self.earlier += other.earlier;
        self.foreign += other.foreign;
    }
}

/// What a delivery turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// One that had to come.
    Due {
        /// From the intended time of the send.
        latency: Nanoseconds,
        /// From the send itself.
        service: Nanoseconds,
        /// Whether it is the sender's own.
        own: bool,
        /// When the message was due to be sent.
        intended: Nanoseconds,
        /// The message is delivered everywhere with it: from the intended time to the last recipient.
        last: Option<Nanoseconds>,
    },
    /// A repetition.
    Duplicate,
    /// A message of another room.
    Leaked,
    /// A message from before the connection was open.
    Earlier,
    /// A message that was not sent in this run.
    Foreign,
}

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
    /// The first message that was sent after the connection was open.
    first: Sequence,
    seen: Seen,
    /// The newest message seen of each sender, plus one.
    newest: Vec<Sequence>,
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
    connected: u32,
    /// The newest messages, in order; the older ones are complete, or stragglers.
    line: VecDeque<Message>,
    /// Number of the first message in line.
    base: Sequence,
    stragglers: BTreeMap<Sequence, Message>,
    account: Account,
}

impl RoomLedger {
    /// A room without messages, of so many members, none of them connected. After `bound` a delivery is
    /// late, and one that has not come by then is lost if its connection ends.
    pub fn new(room: u32, members: usize, bound: Nanoseconds) -> Self {
        Self {
            room,
            bound,
            seats: std::iter::repeat_with(Seat::default).take(members).collect(),
            connected: 0,
            line: VecDeque::new(),
            base: 0,
            stragglers: BTreeMap::new(),
            account: Account::default(),
        }
    }

    /// Members that there can be.
    pub fn members(&self) -> usize {
        self.seats.len()
    }

    /// Members connected now.
    pub fn connected_members(&self) -> u32 {
        self.connected
    }

    /// A new member's number.
    pub fn admit(&mut self) -> Member {
        self.seats.push(Seat::default());
        self.seats.len() - 1
    }

    /// A member's connection is open.
    pub fn connect(&mut self, member: Member) {
        let first = self.next();
        let seat = &mut self.seats[member];
        if !seat.connected {
            self.connected += 1;
        }
        *seat = Seat { connected: true, first, seen: Seen::from(first), newest: Vec::new() };
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
            self.account.excused += 1;
            if message.is_complete() && message.received > 0 {
                completed.push((message.intended, message.last.saturating_sub(message.intended)));
            }
        }
        self.stragglers.retain(|_, message| !message.is_complete());
        self.advance();
        completed
    }

    /// A message is about to be written; gives its stamp.
    pub fn begin(
        &mut self,
        run: u32,
        sender: Member,
        intended: Nanoseconds,
        sent: Nanoseconds,
    ) -> Stamp {
        let sequence = self.next();
        // Members are counted in 32 bits on the wire; there are no more sockets than that.
        let sender = sender as u32;
        let expected = self.connected;
        self.line.push_back(Message { intended, sent, sender, expected, received: 0, last: 0 });
        self.account.messages += 1;
        self.advance();
        Stamp { run, room: self.room, sender, sequence, intended }
    }

    /// A message that was begun was never written: nobody can demand it.
    pub fn withdraw(&mut self, sequence: Sequence) {
        if let Some(message) = self.message(sequence).filter(|message| message.received == 0) {
            message.expected = 0;
            self.account.messages -= 1;
            self.stragglers.remove(&sequence);
            self.advance();
        }
    }

    /// A member received a message with a stamp of this run.
    pub fn deliver(&mut self, member: Member, stamp: &Stamp, at: Nanoseconds) -> Delivery {
        if stamp.room != self.room {
            self.account.leaked += 1;
            return Delivery::Leaked;
        }
        if stamp.sequence >= self.next() {
            return self.foreign();
        }
        let seat = &mut self.seats[member];
        if stamp.sequence < seat.first || !seat.connected {
            self.account.earlier += 1;
            return Delivery::Earlier;
        }
        if !seat.seen.insert(stamp.sequence) {
            self.account.duplicate += 1;
            return Delivery::Duplicate;
        }
        // Looked up before the seat is used again: who sent it is the ledger's to say, not the frame's.
        let Some(message) = self.message(stamp.sequence).filter(|message| !message.is_complete())
        else {
            // One that was withdrawn has arrived all the same.
            return self.foreign();
        };
        message.received += 1;
        message.last = message.last.max(at);
        let message = *message;
        self.account.received += 1;
        self.account.late += u64::from(at > message.sent.saturating_add(self.bound));
        self.note_order(member, message.sender, stamp.sequence);
        let last = message.last.saturating_sub(message.intended);
        let is_complete = message.is_complete();
        if is_complete {
            self.stragglers.remove(&stamp.sequence);
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

    /// A member received a message that is not of this run.
    pub fn foreign(&mut self) -> Delivery {
        self.account.foreign += 1;
        Delivery::Foreign
    }

    /// What became of everything, if no more comes: what is missing is lost.
    pub fn account(&self) -> Account {
        let waiting = self.stragglers.values().chain(&self.line);
        let lost = waiting.map(|message| u64::from(message.expected - message.received)).sum();
        Account { expected: self.account.received + lost, lost, ..self.account }
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
        self.incomplete().next().is_none()
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
        let newest = &mut self.seats[member].newest;
        let sender = sender as usize;
        if newest.len() <= sender {
            newest.resize(sender + 1, 0);
        }
        let one_more = sequence + 1;
        if newest[sender] > one_more {
            self.account.out_of_order += 1;
        } else {
            newest[sender] = one_more;
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanoseconds = 1_000_000_000;

    /// A room whose members are all connected.
    fn room(members: usize) -> RoomLedger {
        let mut room = RoomLedger::new(0, members, SECOND);
        (0..members).for_each(|member| room.connect(member));
        room
    }

    #[test]
    fn the_last_recipient_completes_the_message() {
        let mut room = room(3);
        let stamp = room.begin(1, 0, 100, 150);
        let due = |latency, own, last| Delivery::Due {
            latency,
            service: latency - 50,
            own,
            intended: 100,
            last,
        };
        assert_eq!(room.deliver(0, &stamp, 200), due(100, true, None));
        assert_eq!(room.deliver(2, &stamp, 400), due(300, false, None));
        assert_eq!(room.deliver(1, &stamp, 300), due(200, false, Some(300)));
        assert!(room.is_settled());
        let account = room.account();
        assert_eq!((account.expected, account.received, account.lost), (3, 3, 0));
    }

    #[test]
    fn what_never_comes_is_lost_even_when_much_follows() {
        let mut room = room(2);
        let lost = room.begin(1, 0, 0, 0);
        room.deliver(0, &lost, 1);
        for number in 1..10_000 {
            let stamp = room.begin(1, 0, number, number);
            room.deliver(0, &stamp, number);
            room.deliver(1, &stamp, number);
        }
        assert!(room.line.len() <= IN_LINE + 1);
        assert_eq!(room.account().lost, 1);
        assert_eq!(room.incomplete().collect::<Vec<_>>(), [(0, 1)]);
        // Late is not lost.
        assert!(matches!(room.deliver(1, &lost, 3 * SECOND), Delivery::Due { last: Some(_), .. }));
        let account = room.account();
        assert_eq!((account.lost, account.late, account.out_of_order), (0, 1, 1));
    }

    #[test]
    fn repetitions_strangers_and_other_rooms_are_told_apart() {
        let mut room = room(2);
        let stamp = room.begin(1, 0, 0, 0);
        room.deliver(1, &stamp, 1);
        assert_eq!(room.deliver(1, &stamp, 2), Delivery::Duplicate);
        assert_eq!(room.deliver(1, &Stamp { sequence: 9, ..stamp }, 2), Delivery::Foreign);
        assert_eq!(room.deliver(1, &Stamp { room: 5, ..stamp }, 2), Delivery::Leaked);
        let account = room.account();
        assert_eq!((account.duplicate, account.foreign, account.leaked), (1, 1, 1));
        assert_eq!((account.expected, account.received, account.lost), (2, 1, 1));
    }

    #[test]
    fn order_is_the_order_of_each_sender() {
        let mut room = room(3);
        let stamps = [0, 1, 0, 0].map(|sender| room.begin(1, sender, 0, 0));
        let order = |room: &mut RoomLedger, member, order: [usize; 4]| {
            let before = room.account().out_of_order;
            for at in order {
                room.deliver(member, &stamps[at], 1);
            }
            room.account().out_of_order - before
        };
        assert_eq!(order(&mut room, 0, [1, 0, 2, 3]), 0, "of different senders");
        assert_eq!(order(&mut room, 1, [0, 1, 3, 2]), 1, "of one sender");
        assert_eq!(order(&mut room, 2, [3, 2, 1, 0]), 2);
    }

    #[test]
    fn who_leaves_soon_after_a_send_is_excused_and_who_leaves_later_has_lost_it() {
        let mut room = room(2);
        let early = room.begin(1, 0, 0, 0);
        let fresh = room.begin(1, 0, 5 * SECOND, 5 * SECOND);
        room.deliver(0, &early, 7);
        room.deliver(0, &fresh, 5 * SECOND + 7);
        // The other one, which nobody else misses any more, is complete by that.
        assert_eq!(room.disconnect(1, 5 * SECOND + 10), [(5 * SECOND, 7)]);
        let account = room.account();
        assert_eq!((account.excused, account.lost, account.expected), (1, 1, 3));
        // After reconnecting, what came before cannot be demanded, whether it comes or not.
        room.connect(1);
        assert_eq!(room.deliver(1, &fresh, 6 * SECOND), Delivery::Earlier);
        assert_eq!(room.account().lost, 1);
    }

    #[test]
    fn a_message_that_was_never_written_is_owed_to_nobody() {
        let mut room = room(2);
        let first = room.begin(1, 0, 0, 0);
        let stamp = room.begin(1, 0, 0, 0);
        room.withdraw(stamp.sequence);
        assert_eq!(room.account().messages, 1);
        assert_eq!(room.deliver(1, &stamp, 1), Delivery::Foreign);
        room.deliver(0, &first, 1);
        room.deliver(1, &first, 1);
        let account = room.account();
        assert!(room.is_settled());
        assert_eq!((account.expected, account.lost), (2, 0));
    }
}
