use super::*;

const SECOND: Nanoseconds = 1_000_000_000;

/// A room whose members are all connected.
fn room(members: usize) -> RoomLedger {
    let mut room = RoomLedger::new(0, members, SECOND);
    (0..members).for_each(|member| room.connect(member, Pace::Prompt));
    room
}

#[test]
fn the_last_recipient_completes_the_message() {
    let mut room = room(3);
    let tag = room.begin(1, 0, 100, 150);
    let due = |latency, own, last| Delivery::Due {
        latency,
        service: latency - 50,
        own,
        intended: 100,
        last,
    };
    assert_eq!(room.deliver(0, &tag, 200), due(100, true, None));
    assert_eq!(room.deliver(2, &tag, 400), due(300, false, None));
    assert_eq!(room.deliver(1, &tag, 300), due(200, false, Some(300)));
    assert!(room.is_settled());
    let counts = room.counts();
    assert_eq!((counts.expected, counts.received, counts.lost), (3, 3, 0));
}

#[test]
fn what_never_comes_is_lost_even_when_much_follows() {
    let mut room = room(2);
    let lost = room.begin(1, 0, 0, 0);
    room.deliver(0, &lost, 1);
    for number in 1..10_000 {
        let tag = room.begin(1, 0, number, number);
        room.deliver(0, &tag, number);
        room.deliver(1, &tag, number);
    }
    assert!(room.line.len() <= IN_LINE + 1);
    assert_eq!(room.counts().lost, 1);
    assert_eq!(room.incomplete().collect::<Vec<_>>(), [(0, 1)]);
    // Late is not lost.
    assert!(matches!(room.deliver(1, &lost, 3 * SECOND), Delivery::Due { last: Some(_), .. }));
    let counts = room.counts();
    assert_eq!((counts.lost, counts.late, counts.out_of_order), (0, 1, 1));
}

#[test]
fn repetitions_strangers_and_other_rooms_are_told_apart() {
    let mut room = room(2);
    let tag = room.begin(1, 0, 0, 0);
    room.deliver(1, &tag, 1);
    assert_eq!(room.deliver(1, &tag, 2), Delivery::Duplicate);
    assert_eq!(room.deliver(1, &MessageTag { sequence: 9, ..tag }, 2), Delivery::Foreign);
    assert_eq!(room.deliver(1, &MessageTag { room: 5, ..tag }, 2), Delivery::Leaked);
    let counts = room.counts();
    assert_eq!((counts.duplicate, counts.foreign, counts.leaked), (1, 1, 1));
    assert_eq!((counts.expected, counts.received, counts.lost), (2, 1, 1));
}

#[test]
fn order_is_the_order_of_each_sender() {
    let mut room = room(3);
    let tags = [0, 1, 0, 0].map(|sender| room.begin(1, sender, 0, 0));
    let order = |room: &mut RoomLedger, member, order: [usize; 4]| {
        let before = room.counts().out_of_order;
        for at in order {
            room.deliver(member, &tags[at], 1);
        }
        room.counts().out_of_order - before
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
    let counts = room.counts();
    assert_eq!((counts.excused, counts.lost, counts.expected), (1, 1, 3));
    // After reconnecting, what came before cannot be demanded, whether it comes or not.
    room.connect(1, Pace::Prompt);
    assert_eq!(room.deliver(1, &fresh, 6 * SECOND), Delivery::Earlier);
    assert_eq!(room.counts().lost, 1);
}

#[test]
fn who_reads_at_its_own_pace_has_to_get_everything_in_the_end() {
    let mut room = room(1);
    room.seats.resize_with(2, Seat::default);
    room.connect(1, Pace::Own);
    let tags = [0, 1, 2, 3].map(|sent| room.begin(1, 0, sent, sent));
    room.withdraw(tags[3].sequence);
    // The others have it, and the last of them is the last: nobody waits for who is slow.
    for tag in &tags[..3] {
        assert!(matches!(room.deliver(0, tag, 9), Delivery::Due { last: Some(_), .. }));
    }
    assert!(!room.is_settled());
    assert_eq!(room.counts().lost, 3);
    assert_eq!(room.deliver(1, &tags[1], 20 * SECOND), Delivery::Unhurried);
    assert_eq!(room.deliver(1, &tags[1], 20 * SECOND), Delivery::Duplicate);
    assert_eq!(room.deliver(1, &tags[0], 20 * SECOND), Delivery::Unhurried);
    assert_eq!(room.deliver(1, &tags[3], 20 * SECOND), Delivery::Foreign);
    let counts = room.counts();
    assert_eq!((counts.expected, counts.received, counts.lost), (6, 5, 1));
    assert_eq!((counts.out_of_order, counts.duplicate, counts.late), (1, 1, 0));
    // If its connection ends, what it had not read may have been on its way.
    room.excuse_unhurried();
    let counts = room.counts();
    assert_eq!((counts.expected, counts.lost, counts.excused), (5, 0, 1));
    assert!(room.is_settled());
}

#[test]
fn a_message_that_was_never_written_is_owed_to_nobody() {
    let mut room = room(2);
    let first = room.begin(1, 0, 0, 0);
    let tag = room.begin(1, 0, 0, 0);
    room.withdraw(tag.sequence);
    assert_eq!(room.counts().messages, 1);
    assert_eq!(room.deliver(1, &tag, 1), Delivery::Foreign);
    room.deliver(0, &first, 1);
    room.deliver(1, &first, 1);
    let counts = room.counts();
    assert!(room.is_settled());
    assert_eq!((counts.expected, counts.lost), (2, 0));
}
