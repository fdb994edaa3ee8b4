use super::*;

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

fn begin(room: &mut RoomLedger, sender: Member, intended: u64, sent: u64) -> MessageTag {
    room.begin(1, sender, Nanoseconds::new(intended), Nanoseconds::new(sent))
}

fn deliver(room: &mut RoomLedger, member: Member, tag: &MessageTag, at: u64) -> Delivery {
    room.deliver(member, tag, Nanoseconds::new(at))
}

/// A room whose members are all connected.
fn room(members: usize) -> RoomLedger {
    let mut room = RoomLedger::new(0, RoomShare::WHOLE, members, Nanoseconds::new(SECOND));
    (0..members).for_each(|member| room.connect(member, Pace::Prompt, Nanoseconds::ZERO));
    room
}

#[test]
fn the_last_delivery_completes_the_message() {
    let mut room = room(3);
    let tag = begin(&mut room, 0, 100, 150);
    let due = |latency, own, last: Option<u64>| Delivery::Due {
        latency: Nanoseconds::new(latency),
        service: Nanoseconds::new(latency - 50),
        own,
        intended: Nanoseconds::new(100),
        last: last.map(Nanoseconds::new),
    };
    assert_eq!(deliver(&mut room, 0, &tag, 200), due(100, true, None));
    assert_eq!(deliver(&mut room, 2, &tag, 400), due(300, false, None));
    assert_eq!(deliver(&mut room, 1, &tag, 300), due(200, false, Some(300)));
    assert!(room.is_settled());
    let counts = room.counts();
    assert_eq!((counts.expected, counts.received, counts.lost), (3, 3, 0));
}

#[test]
fn missing_deliveries_are_lost_even_if_the_window_moves_on() {
    let mut room = room(2);
    let lost = begin(&mut room, 0, 0, 0);
    deliver(&mut room, 0, &lost, 1);
    for number in 1..10_000 {
        let tag = begin(&mut room, 0, number, number);
        deliver(&mut room, 0, &tag, number);
        deliver(&mut room, 1, &tag, number);
    }
    assert!(room.window.len() <= WINDOW + 1);
    assert_eq!(room.counts().lost, 1);
    assert_eq!(room.incomplete().collect::<Vec<_>>(), [(Nanoseconds::ZERO, 1)]);
    // A late delivery is not a lost one.
    assert!(matches!(
        deliver(&mut room, 1, &lost, 3 * SECOND),
        Delivery::Due { last: Some(_), .. }
    ));
    let counts = room.counts();
    assert_eq!((counts.lost, counts.late, counts.out_of_order), (0, 1, 1));
}

#[test]
fn duplicate_foreign_and_leaked_deliveries_are_distinguished() {
    let mut room = room(2);
    let tag = begin(&mut room, 0, 0, 0);
    deliver(&mut room, 1, &tag, 1);
    assert_eq!(deliver(&mut room, 1, &tag, 2), Delivery::Duplicate);
    assert_eq!(deliver(&mut room, 1, &MessageTag { sequence: 9, ..tag }, 2), Delivery::Foreign);
    assert_eq!(deliver(&mut room, 1, &MessageTag { room: 5, ..tag }, 2), Delivery::Leaked);
    let counts = room.counts();
    assert_eq!((counts.duplicate, counts.foreign, counts.leaked), (1, 1, 1));
    assert_eq!((counts.expected, counts.received, counts.lost), (2, 1, 1));
}

#[test]
fn order_is_checked_per_sender() {
    let mut room = room(3);
    let tags = [0, 1, 0, 0].map(|sender| begin(&mut room, sender, 0, 0));
    let order = |room: &mut RoomLedger, member, order: [usize; 4]| {
        let before = room.counts().out_of_order;
        for at in order {
            deliver(room, member, &tags[at], 1);
        }
        room.counts().out_of_order - before
    };
    assert_eq!(order(&mut room, 0, [1, 0, 2, 3]), 0, "of different senders");
    assert_eq!(order(&mut room, 1, [0, 1, 3, 2]), 1, "of one sender");
    assert_eq!(order(&mut room, 2, [3, 2, 1, 0]), 2);
}

#[test]
fn deliveries_are_excused_within_the_bound_and_lost_after_it() {
    let mut room = room(2);
    let early = begin(&mut room, 0, 0, 0);
    let fresh = begin(&mut room, 0, 5 * SECOND, 5 * SECOND);
    deliver(&mut room, 0, &early, 7);
    deliver(&mut room, 0, &fresh, 5 * SECOND + 7);
    // All other members have the later message, which is therefore complete.
    let completed = room.disconnect(1, Nanoseconds::new(5 * SECOND + 10));
    assert_eq!(completed, [(Nanoseconds::new(5 * SECOND), Nanoseconds::new(7))]);
    let counts = room.counts();
    assert_eq!((counts.excused, counts.lost, counts.expected), (1, 1, 3));
    // Messages from before the reconnect are not owed, whether they arrive or not.
    room.connect(1, Pace::Prompt, Nanoseconds::ZERO);
    assert_eq!(deliver(&mut room, 1, &fresh, 6 * SECOND), Delivery::Earlier);
    assert_eq!(room.counts().lost, 1);
}

#[test]
fn slow_readers_are_owed_every_message() {
    let mut room = room(1);
    room.members.resize_with(2, MemberState::default);
    room.connect(1, Pace::Slow, Nanoseconds::ZERO);
    let tags = [0, 1, 2, 3].map(|sent| begin(&mut room, 0, sent, sent));
    room.withdraw(tags[3].sequence);
    // The last prompt reader completes a message; slow readers are never the last recipient.
    for tag in &tags[..3] {
        assert!(matches!(deliver(&mut room, 0, tag, 9), Delivery::Due { last: Some(_), .. }));
    }
    assert!(!room.is_settled());
    assert_eq!(room.counts().lost, 3);
    assert_eq!(deliver(&mut room, 1, &tags[1], 20 * SECOND), Delivery::DueToSlowReader);
    assert_eq!(deliver(&mut room, 1, &tags[1], 20 * SECOND), Delivery::Duplicate);
    assert_eq!(deliver(&mut room, 1, &tags[0], 20 * SECOND), Delivery::DueToSlowReader);
    assert_eq!(deliver(&mut room, 1, &tags[3], 20 * SECOND), Delivery::Foreign);
    let counts = room.counts();
    assert_eq!((counts.expected, counts.received, counts.lost), (6, 5, 1));
    assert_eq!((counts.out_of_order, counts.duplicate, counts.late), (1, 1, 0));
    // Unread messages may be in flight when the connection ends.
    room.excuse_slow_readers();
    let counts = room.counts();
    assert_eq!((counts.expected, counts.lost, counts.excused), (5, 0, 1));
    assert!(room.is_settled());
}

#[test]
fn withdrawn_messages_are_not_owed() {
    let mut room = room(2);
    let first = begin(&mut room, 0, 0, 0);
    let tag = begin(&mut room, 0, 0, 0);
    room.withdraw(tag.sequence);
    assert_eq!(room.counts().messages, 1);
    assert_eq!(deliver(&mut room, 1, &tag, 1), Delivery::Foreign);
    deliver(&mut room, 0, &first, 1);
    deliver(&mut room, 1, &first, 1);
    let counts = room.counts();
    assert!(room.is_settled());
    assert_eq!((counts.expected, counts.lost), (2, 0));
}
