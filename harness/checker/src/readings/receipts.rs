//! Read receipts and marks.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{AmbiguityId, MessageRef, Operation, ReadingId, ServerEvent, UserId};
use hearback_history::{Call, Frame, Interval, Nanoseconds};
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::model::{Listener, Message, Transport};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::OwnReceipt, own_receipt),
    row(AmbiguityId::ReceiptRecipients, receipt_recipients),
    row(AmbiguityId::RestReceiptReachesSockets, rest_receipt_reaches_sockets),
    row(AmbiguityId::RoomMarkAndReadBy, room_mark_and_read_by),
    row(AmbiguityId::IsRead, is_read),
];

/// Most marks of one room that are looked at, so that long histories cost little.
const MAX_MARKS: usize = 20;

/// Most receipts that are looked at.
const MAX_RECEIPTS: usize = 10_000;

/// A receipt that a socket received.
struct Received<'h> {
    listener: &'h Listener<'h>,
    frame: &'h Frame,
    message: &'h Message<'h>,
    reader: UserId,
}

fn received(input: RuleInput<'_>) -> impl Iterator<Item = Received<'_>> {
    let all = input.model.sockets.all().flat_map(move |listener| {
        listener.received(ServerEvent::ReadReceipt).filter_map(move |(frame, event)| {
            let message = event.get("message_id").and_then(MessageRef::from_json)?;
            let reader = event.get("user_id").and_then(UserId::from_json)?;
            let message = input.model.message(message)?;
            (message.room == listener.connection.room).then_some(Received {
                listener,
                frame,
                message,
                reader,
            })
        })
    });
    all.take(MAX_RECEIPTS)
}

/// The users who received each receipt, by message and reader, and when the first of them did.
struct Receipts<'h>(AHashMap<(MessageRef<'h>, UserId), (Nanoseconds, AHashSet<UserId>)>);

impl<'h> Receipts<'h> {
    fn of(input: RuleInput<'h>) -> Self {
        let mut all = AHashMap::new();
        for Received { listener, frame, message, reader } in received(input) {
            let key = (message.id.borrowed(), reader);
            let (first, users) = all.entry(key).or_insert_with(|| (frame.at, AHashSet::new()));
            *first = frame.at.min(*first);
            users.insert(listener.user);
        }
        Self(all)
    }

    /// Returns whether a user received the receipt of a reader for a message.
    fn reached(&self, message: &Message<'h>, reader: UserId, user: UserId) -> bool {
        let receipt = self.0.get(&(message.id.borrowed(), reader));
        receipt.is_some_and(|(_, users)| users.contains(&user))
    }

    /// Returns whether a user did not, although a socket of theirs was open before anyone received it, and received
    /// something newer than `received`.
    fn passed_over(&self, input: RuleInput<'h>, received: &Received<'h>, user: UserId) -> bool {
        let receipt = self.0.get(&(received.message.id.borrowed(), received.reader));
        receipt.is_some_and(|(first, users)| {
            let mut sockets = input.model.sockets.in_room(&received.message.room);
            !users.contains(&user)
                && sockets.any(|other| {
                    other.user == user
                        && other.established < *first
                        && other.received_newer_than(received.frame.at)
                })
        })
    }
}

fn own_receipt(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let receipts = Receipts::of(input);
    for receipt in received(input) {
        let reader = receipt.reader;
        let evidence = (receipt.listener.connection, receipt.frame);
        if receipt.listener.user == reader {
            observations.takes(ReadingId::OwnReceiptEveryone, evidence);
        } else if input.model.user_id(&receipt.message.sender) != Some(receipt.listener.user)
            && receipts.passed_over(input, &receipt, reader)
        {
            // Where only senders receive receipts, readers do not (receipt-recipients).
            observations.takes(ReadingId::OwnReceiptOthers, evidence);
        }
    }
}

fn receipt_recipients(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let receipts = Receipts::of(input);
    for receipt in received(input) {
        let sender = input.model.user_id(&receipt.message.sender);
        let Some(sender) = sender else { continue };
        let evidence = (receipt.listener.connection, receipt.frame);
        let user = receipt.listener.user;
        if user != sender && user != receipt.reader {
            observations.takes(ReadingId::ReceiptRecipientsMembers, evidence);
            continue;
        }
        let Some(room) = input.model.rooms.get(&receipt.message.room) else { continue };
        let mut others = room.members.keys().filter(|it| **it != sender && **it != receipt.reader);
        let is_left_out = |other: &UserId| receipts.passed_over(input, &receipt, *other);
        if user == sender && others.any(is_left_out) {
            observations.takes(ReadingId::ReceiptRecipientsSender, evidence);
        }
    }
}

/// Messages of others, and the first successful request by a member to mark them as read.
fn rest_receipts(input: RuleInput<'_>) -> impl Iterator<Item = (&Call, &Message<'_>, UserId)> {
    let calls = input.history.calls_of(Operation::MessagesMarkRead);
    calls.filter(|call| call.succeeded() && call.is_authorized()).filter_map(move |call| {
        let message = input.model.message(call.message_in_path()?)?;
        let reader = input.model.user_id(&call.invocation.actor)?;
        let is_first = message.receipts.iter().filter(|mark| mark.user == reader).count() == 1;
        let room = input.model.rooms.get(&message.room)?;
        let marks = room.read_state.marks_of(reader)?;
        let is_only = is_first && marks.last_mark(call.interval()).is_none();
        (is_only && message.sender != call.invocation.actor).then_some((call, message, reader))
    })
}

fn rest_receipt_reaches_sockets(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let receipts = Receipts::of(input);
    for (call, message, reader) in rest_receipts(input) {
        let Some(sender) = input.model.user_id(&message.sender) else { continue };
        if receipts.reached(message, reader, sender) {
            observations.takes(ReadingId::RestReceiptReachesSocketsYes, call);
            continue;
        }
        let mut sockets = input.model.sockets.in_room(&message.room);
        if sockets.any(|socket| {
            socket.user == sender
                && socket.established < call.invoked
                && socket.received_newer_than(call.interval().returned)
        }) {
            observations.takes(ReadingId::RestReceiptReachesSocketsNo, call);
        }
    }
}

fn room_mark_and_read_by(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let mut marks: AHashMap<&str, Vec<(&Call, UserId)>> = AHashMap::new();
    for call in input.history.calls_of(Operation::RoomsMarkRead).filter(|call| call.succeeded()) {
        let reader = input.model.user_id(&call.invocation.actor).filter(|_| call.is_authorized());
        let Some((room, reader)) = input.model.room_of(call).zip(reader) else { continue };
        let of_room = marks.entry(room.id.as_str()).or_default();
        if of_room.len() < MAX_MARKS {
            of_room.push((call, reader));
        }
    }
    let receipts = Receipts::of(input);
    // Where no receipt over REST reaches sockets, absent ones tell nothing (rest-receipt-reaches-sockets).
    let reach_sockets = rest_receipts(input).any(|(_, message, reader)| {
        let sender = input.model.user_id(&message.sender);
        sender.is_some_and(|it| receipts.reached(message, reader, it))
    });
    for (observation, message) in input.model.recognized() {
        if observation.transport != Transport::Rest {
            continue;
        }
        let Some(read_by) = observation.value.get("read_by").and_then(Value::as_object) else {
            continue;
        };
        for (call, reader) in marks.get(message.room.as_str()).into_iter().flatten() {
            let is_marked = message.sent.precedes(call.interval())
                && call.interval().precedes(observation.at)
                && message.sender != call.invocation.actor
                && is_only_mark(input, message, *reader, (call.interval(), observation.at))
                && message.receipts.iter().all(|receipt| receipt.user != *reader);
            if !is_marked {
                continue;
            }
            let Some(sender) = input.model.user_id(&message.sender) else { continue };
            if !read_by.contains_key(&reader.to_string()) {
                observations.takes(ReadingId::RoomMarkAndReadByTimeOnly, observation.evidence);
            } else if receipts.reached(message, *reader, sender) {
                observations.takes(ReadingId::RoomMarkAndReadByReceipts, observation.evidence);
            } else if reach_sockets
                && input.model.sockets.in_room(&message.room).any(|socket| {
                    socket.user == sender
                        && socket.established < call.invoked
                        && socket.received_newer_than(call.interval().returned)
                })
            {
                observations.takes(ReadingId::RoomMarkAndReadByReaders, observation.evidence);
            }
        }
    }
}

/// Returns whether a mark at `marked` is the only one of a user who never left the room, and the message never changed.
fn is_only_mark(
    input: RuleInput<'_>,
    message: &Message<'_>,
    user: UserId,
    (marked, shown): (Interval, Interval),
) -> bool {
    let is_unchanged = message.versions.len() == 1 && message.deletions.is_empty();
    input.model.rooms.get(&message.room).filter(|_| is_unchanged).is_some_and(|room| {
        let marks = room.read_state.marks_of(user);
        room.surely_initial_member(user, marked)
            && room.members.get(&user).is_some_and(|memberships| memberships.len() == 1)
            && marks.is_some_and(|marks| marks.attempts.begun_by(shown) == 1)
    })
}

fn is_read(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for (observation, message) in input.model.recognized() {
        let is_read = observation.value.get("is_read").and_then(Value::as_bool);
        let Some(is_read) = is_read.filter(|_| observation.transport == Transport::Rest) else {
            continue;
        };
        let readers = observation.value.get("read_by").and_then(Value::as_object);
        // Most messages are unread.
        let Some(readers) = readers.filter(|readers| !readers.is_empty()) else { continue };
        let users =
            input.model.user_id(observation.viewer).zip(input.model.user_id(&message.sender));
        let Some((viewer, sender)) = users else { continue };
        let [viewer, sender] = [viewer, sender].map(|user| user.to_string());
        // A member other than the viewer and the sender has read it.
        let is_telling =
            !readers.contains_key(&viewer) && readers.keys().any(|reader| *reader != sender);
        let reading = match is_read {
            true => ReadingId::IsReadAnyMember,
            false => ReadingId::IsReadViewer,
        };
        if is_telling {
            observations.takes(reading, observation.evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        [3..4] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "read_by": {"3": "$absent"}}
    "#;

    #[test]
    fn is_read_means_the_viewer_or_any_member() {
        let of = |is_read: bool| {
            let lines = format!(
                r#"{ROOM}
                [5..6] bob messages.mark_read $m1 => 200 {{}}
                [7..8] alice messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "content": "a", "is_read": {is_read}, "read_by": {{"2": "2026-01-01T00:00:00Z", "3": "$absent"}}}}"#
            );
            observed("is-read", &lines)
        };
        assert_eq!(of(true), ["any-member"]);
        assert_eq!(of(false), ["viewer"]);
    }

    #[test]
    fn a_receipt_over_rest_reaches_the_sockets_or_does_not() {
        let of = |receipt: &str| {
            let lines = format!(
                r#"{ROOM}
                [5..5] alice@r1 open
                [6..7] bob messages.mark_read $m1 => 200 {{}}
                {receipt}
                [9..10] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1"}}
                [11..11] alice@r1 <- @chat_message {{"message": {{"id": "$m2", "room_id": "$r1", "content": "b"}}}}"#
            );
            observed("rest-receipt-reaches-sockets", &lines)
        };
        let receipt = r#"[8..8] alice@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;
        assert_eq!(of(receipt), ["yes"]);
        assert_eq!(of(""), ["no"]);
    }

    #[test]
    fn a_receipt_passes_over_a_reader_whose_socket_was_open_before_anyone_received_it() {
        let of = |opened: u64| {
            let lines = format!(
                r#"{ROOM}
                [5..5] alice@r1 open
                [6..6] carol@r1 open
                [{opened}..{opened}] bob@r1 open
                [20..20] alice@r1 <- @read_receipt {{"message_id": "$m1", "user_id": 2}}
                [30..30] carol@r1 <- @read_receipt {{"message_id": "$m1", "user_id": 2}}
                [31..31] alice@r1 -> {{"type": "chat_message", "message": "b"}}
                [32..32] bob@r1 <- @chat_message {{"message": {{"id": "$m2", "room_id": "$r1", "content": "b"}}}}"#
            );
            observed("own-receipt", &lines)
        };
        assert_eq!(of(7), ["others"]);
        assert!(of(25).is_empty(), "carol is slow");
    }
}
