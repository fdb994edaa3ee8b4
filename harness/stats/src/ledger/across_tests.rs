//! Tests of rooms that two workers share.

use super::*;

/// A millisecond, in nanoseconds.
const MS: u64 = 1_000_000;
/// The common start on the clock of each worker.
const STARTS: [u64; 2] = [1_000 * MS, 5_000 * MS];

fn at(worker: usize, ms: u64) -> Nanoseconds {
    Nanoseconds::new(STARTS[worker] + ms * MS)
}

/// The two parts of a room with four members: each has one sender and one other member.
struct Shared([RoomLedger; 2]);

impl Shared {
    fn new() -> Self {
        let parts = [0, 1].map(|part| {
            let share = RoomShare { part, parts: 2 };
            let mut ledger = RoomLedger::new(7, share, 2, Nanoseconds::from_millis(1_000));
            ledger.connect(0, Pace::Prompt, Nanoseconds::ZERO);
            ledger.connect(1, Pace::Prompt, Nanoseconds::ZERO);
            ledger.start(at(part, 0), 1_000);
            ledger
        });
        Self(parts)
    }

    fn send(&mut self, worker: usize, ms: u64) -> MessageTag {
        self.0[worker].begin(1, 0, at(worker, ms), at(worker, ms))
    }

    /// Delivers a message to both members of a worker.
    fn deliver(&mut self, worker: usize, tag: &MessageTag, ms: u64) -> Delivery {
        self.0[worker].deliver(0, tag, at(worker, ms));
        self.0[worker].deliver(1, tag, at(worker, ms))
    }

    /// Compares both parts, and returns the counts of deliveries to the worker from the other one.
    fn settle(&mut self, worker: usize) -> DeliveryCounts {
        let mut logs = [None, None];
        logs[1 - worker] = self.0[1 - worker].send_log().cloned();
        let error = Nanoseconds::from_millis(10);
        self.0[worker].settle_across(&logs, error, at(worker, 0));
        self.0[worker].across().unwrap().0
    }
}

#[test]
fn deliveries_to_the_other_part_are_timed_from_the_common_start() {
    let mut shared = Shared::new();
    let tag = shared.send(0, 100);
    assert_eq!((tag.sender, tag.intended), (0, Nanoseconds::from_millis(100)));
    assert!(matches!(shared.deliver(0, &tag, 130), Delivery::Due { .. }));
    let latency = Nanoseconds::from_millis(40);
    assert_eq!(shared.deliver(1, &tag, 140), Delivery::Across { latency, intended: at(1, 100) });
    let other = shared.send(1, 200);
    assert_eq!(other.sender, 1);
    assert!(matches!(shared.deliver(0, &other, 230), Delivery::Across { .. }));
    let counts = [0, 1].map(|worker| shared.settle(worker));
    assert_eq!(counts.map(|it| (it.expected, it.received, it.lost)), [(2, 2, 0); 2]);
    assert_eq!(counts.map(|it| it.messages), [0, 0], "each part counts its own");
    // The second message did not arrive in its own part.
    let all = [&shared.0[0], &shared.0[1]].map(RoomLedger::counts);
    let figures = all.map(|it| (it.messages, it.expected, it.received, it.lost));
    assert_eq!(figures, [(1, 4, 4, 0), (1, 4, 2, 2)]);
}

#[test]
fn missing_repeated_and_overtaken_messages_of_the_other_part_are_counted() {
    let mut shared = Shared::new();
    let tags: Vec<_> = (0..5).map(|number| shared.send(0, 100 * number)).collect();
    for number in [0, 2, 1, 4, 4] {
        shared.deliver(1, &tags[number], 600);
    }
    let counts = shared.settle(1);
    let figures = (counts.expected, counts.received, counts.lost);
    assert_eq!(figures, (10, 8, 2), "message 3");
    assert_eq!((counts.duplicate, counts.out_of_order, counts.foreign), (2, 2, 0));
}

#[test]
fn only_messages_of_the_connection_are_owed() {
    let mut shared = Shared::new();
    for number in 0..10 {
        shared.send(0, 1_000 * number);
    }
    // Both members are connected from 2.5 s to 6.5 s again: messages 3 to 5 are owed, the sixth had half a second.
    for member in 0..2 {
        shared.0[1].disconnect(member, Nanoseconds::new(STARTS[1] - 100 * MS));
        shared.0[1].connect(member, Pace::Prompt, at(1, 2_500));
        shared.0[1].disconnect(member, at(1, 6_500));
    }
    let counts = shared.settle(1);
    let figures = (counts.expected, counts.lost, counts.excused, counts.earlier);
    assert_eq!(figures, (6, 6, 2, 0));
}

#[test]
fn messages_near_the_ends_of_a_connection_are_not_owed() {
    let mut shared = Shared::new();
    let tags: Vec<_> = (0..3).map(|number| shared.send(0, 1_000 * number)).collect();
    // The clocks differ by at most 10 ms.
    for member in 0..2 {
        shared.0[1].connect(member, Pace::Prompt, at(1, 1_005));
    }
    assert_eq!(shared.settle(1).lost, 2, "message 2");
    shared.deliver(1, &tags[0], 1_010);
    shared.deliver(1, &tags[1], 1_010);
    shared.deliver(1, &tags[2], 2_010);
    let counts = shared.settle(1);
    assert_eq!((counts.earlier, counts.received, counts.lost), (2, 4, 0));
}

#[test]
fn slow_readers_are_owed_messages_while_they_stay_connected() {
    let mut shared = Shared::new();
    (0..3).for_each(|number| _ = shared.send(0, 1_000 * number));
    shared.0[1].connect(0, Pace::Slow, Nanoseconds::new(STARTS[1] - 100 * MS));
    shared.0[1].connect(1, Pace::Slow, Nanoseconds::new(STARTS[1] - 100 * MS));
    assert_eq!(shared.settle(1).lost, 6);
    shared.0[1].excuse_slow_readers();
    let counts = shared.settle(1);
    assert_eq!((counts.lost, counts.excused), (0, 6));
}

#[test]
fn messages_that_were_never_sent_are_foreign() {
    let mut shared = Shared::new();
    let tag = shared.send(0, 0);
    let withdrawn = shared.send(0, 1);
    shared.0[0].withdraw(withdrawn.sequence);
    let invented = MessageTag { sequence: 2, ..tag };
    let impossible = MessageTag { sequence: 1_000, ..tag };
    let unknown = MessageTag { sender: 900, ..tag };
    for tag in [tag, withdrawn, invented, impossible, unknown] {
        shared.0[1].deliver(0, &tag, at(1, 10));
        shared.0[1].deliver(1, &tag, at(1, 10));
    }
    let counts = shared.settle(1);
    assert_eq!((counts.received, counts.lost, counts.foreign), (2, 0, 6));
    assert_eq!(shared.0[1].counts().foreign, 8);
}
