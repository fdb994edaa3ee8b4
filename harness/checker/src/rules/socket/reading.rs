//! Receipts and confirmations of what was read.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, Operation, ServerEvent};
use hearback_history::{ConnectionId, Interval, Nanoseconds};
use serde_json::Value;

use super::{TOO_SHORT, expect_delivery};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::member;

/// An attempt to mark something as read.
#[derive(Clone, Copy)]
struct Mark {
    at: Nanoseconds,
    seq: u64,
    /// The socket that it was given on; `None` for REST.
    connection: Option<ConnectionId>,
}

/// Every attempt to mark something as read, whatever came of it, in the order of the record.
#[derive(Default)]
struct Marks<'h> {
    /// By user and message.
    messages: AHashMap<(i64, &'h str), Vec<Mark>>,
    /// By user and room.
    rooms: AHashMap<(i64, &'h str), Vec<Mark>>,
}

impl<'h> Marks<'h> {
    fn of(input: RuleInput<'h>) -> Self {
        let mut marks = Self::default();
        for call in &input.history.calls {
            let marked = match call.operation() {
                Some(Operation::MessagesMarkRead) => &mut marks.messages,
                Some(Operation::RoomsMarkRead) => &mut marks.rooms,
                _ => continue,
            };
            let user = input.model.user_id(&call.invocation.actor);
            if let Some(key) = user.zip(call.subject()) {
                let mark = Mark { at: call.invoked, seq: call.seq, connection: None };
                marked.entry(key).or_default().push(mark);
            }
        }
        for connection in &input.history.connections {
            let Some(user) = input.model.user_id(&connection.actor) else { continue };
            for frame in connection.sent() {
                let mark = Mark { at: frame.at, seq: frame.seq, connection: Some(connection.id) };
                let kind = frame.kind();
                if kind == Some(ClientEvent::MarkRoomRead.id()) {
                    marks.rooms.entry((user, &connection.room)).or_default().push(mark);
                } else if kind == Some(ClientEvent::ReadReceipt.id())
                    && let Some(id) = frame.json().and_then(|it| it.get("message_id")?.as_str())
                {
                    marks.messages.entry((user, id)).or_default().push(mark);
                }
            }
        }
        for marks in marks.messages.values_mut().chain(marks.rooms.values_mut()) {
            marks.sort_unstable_by_key(|mark| mark.seq);
        }
        marks
    }

    /// What `user` did to mark the message or its room.
    fn on<'a>(
        &'a self,
        user: i64,
        message: &'a str,
        room: &'a str,
    ) -> impl Iterator<Item = Mark> + use<'a, 'h> {
        let of_message = self.messages.get(&(user, message)).into_iter().flatten();
        of_message.chain(self.of_room(user, room)).copied()
    }

    fn of_room<'a>(
        &'a self,
        user: i64,
        room: &'a str,
    ) -> impl Iterator<Item = &'a Mark> + use<'a, 'h> {
        self.rooms.get(&(user, room)).into_iter().flatten()
    }
}

pub(super) fn receipt_reaches_others<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut received = AHashSet::new();
    for listener in input.model.sockets.all() {
        for (_, event) in listener.received(ServerEvent::ReadReceipt) {
            let user = event.get("user_id").and_then(Value::as_i64);
            let message = event.get("message_id").and_then(Value::as_str);
            if let Some((user, message)) = user.zip(message) {
                received.insert((listener.connection.id, user, message));
            }
        }
    }
    let marks = Marks::of(input);
    for by in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&by.connection.room) else { continue };
        let receipts = by.sent().filter(|it| it.kind() == Some(ClientEvent::ReadReceipt.id()));
        for frame in receipts {
            let id = frame.json().and_then(|json| json.get("message_id")?.as_str());
            let Some(message) = id.and_then(|id| input.model.messages.get(id)) else { continue };
            let was_there = message.sent.returned < frame.at
                || by.message(&message.id).is_some_and(|received| received.at < frame.at);
            let is_own = message.sender == by.connection.actor;
            let is_first = marks.on(by.user, &message.id, &room.id).all(|it| it.seq >= frame.seq);
            let is_ambiguous = input.model.is_ambiguous(message) || !message.deletions.is_empty();
            if message.room != room.id || !was_there || is_own || !is_first || is_ambiguous {
                continue;
            }
            let handed = by.handed(frame.at);
            for listener in input.model.sockets.in_room(&room.id) {
                if listener.user == by.user || listener.established >= frame.at {
                    continue;
                }
                let has_come =
                    received.contains(&(listener.connection.id, by.user, message.id.as_str()));
                // Another mark that overtook this one would have left nothing to tell.
                let over = input.model.sockets.is_over(handed, listener).unwrap_or(u64::MAX);
                let is_overtaken = marks.on(by.user, &message.id, &room.id).any(|mark| {
                    mark.seq > frame.seq
                        && mark.connection != Some(by.connection.id)
                        && mark.at <= over
                });
                if !has_come && is_overtaken {
                    context.inconclusive("the reader marked it in more than one way at once");
                    continue;
                }
                let sent = (by.user, handed);
                expect_delivery(input, room, sent, listener, has_come, context, || {
                    let (from, to) = (&by.connection.actor, &listener.connection.actor);
                    Violation::new(
                        "read_receipt to others",
                        format!("{to} is told that {from} read a message of {}", message.sender),
                        "no such receipt came",
                    )
                    .evidence((by.connection, frame))
                    .evidence(listener.connection)
                });
            }
        }
    }
}

pub(super) fn receipt_right<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let marks = Marks::of(input);
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
            let user = member(event, "user_id", Value::as_i64, context);
            let id = member(event, "message_id", Value::as_str, context);
            let Some((user, id)) = user.zip(id) else { continue };
            let message = input.model.messages.get(id);
            // Marking a room may send receipts for its messages (room-mark-and-read-by).
            let is_here = message.is_none_or(|message| message.room == connection.room);
            let is_given = marks.messages.get(&(user, id)).into_iter().flatten();
            let is_given = is_given
                .chain(marks.of_room(user, &connection.room).filter(|_| is_here))
                .any(|mark| mark.at <= frame.at);
            context.check(is_given, || {
                Violation::new(
                    "read_receipt message_id and user_id",
                    "a receipt names a message and who gave a receipt for it",
                    format!("user {user} is said to have read {id}, but had not"),
                )
                .evidence((connection, frame))
            });
        }
    }
}

pub(super) fn room_marked_read<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let confirmed: Vec<_> = listener.received(ServerEvent::RoomMarkedRead).collect();
        let marks = listener.sent().filter(|it| it.kind() == Some(ClientEvent::MarkRoomRead.id()));
        for mark in marks {
            let next = confirmed.partition_point(|(frame, _)| frame.at < mark.at);
            if let Some((frame, event)) = confirmed.get(next) {
                let Some(id) = member(event, "room_id", Value::as_str, context) else {
                    continue;
                };
                context.check(id.eq_ignore_ascii_case(&room.id), || {
                    Violation::new(
                        "room_marked_read room_id",
                        format!("room_id is {}", room.id),
                        format!("room_id is {id}"),
                    )
                    .evidence((connection, mark))
                    .evidence((connection, *frame))
                });
                continue;
            }
            let Some(over) = input.model.sockets.is_unanswered(listener, mark.at) else {
                context.inconclusive(TOO_SHORT);
                continue;
            };
            let meanwhile = Interval { invoked: mark.at, returned: over };
            if listener.is_entitled(room, meanwhile) && room.surely_active(meanwhile) {
                context.check(false, || {
                    Violation::new(
                        "mark_room_read",
                        format!("{} gets room_marked_read", connection.actor),
                        "no confirmation came",
                    )
                    .evidence((connection, mark))
                });
            }
        }
    }
}

pub(super) fn only_to_requester<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let marks = Marks::of(input);
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, _) in listener.received(ServerEvent::RoomMarkedRead) {
            let mut asked = marks.of_room(listener.user, &connection.room);
            context.check(asked.any(|mark| mark.at <= frame.at), || {
                Violation::new(
                    "room_marked_read to others",
                    "the confirmation goes to who marked the room only",
                    format!("{} got one without having marked it", connection.actor),
                )
                .evidence((connection, frame))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..4] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            [5..5] alice@r1 open
            [6..6] bob@r1 open
            {}
            "#,
            lines.join("\n")
        )
    }

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";
    const READ: &str = r#"[10..10] bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;
    const TOLD: &str = r#"[11..11] alice@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;
    const MARK: &str = r#"[10..10] bob@r1 -> {"type": "mark_room_read"}"#;
    const SAID: &str = r#"
        [12..12] bob@r1 -> {"type": "chat_message", "message": "b"}
        [13..13] bob@r1 <- @chat_message {"message": {"id": "$m2", "content": "b", "sender": {"id": 2}}}
    "#;
    const SAME: &str = r#"[7..9] bob messages.send {"room": "$r1", "content": "b"} => ?"#;

    #[test]
    fn a_receipt_reaches_the_others() {
        let rule = "socket/receipt-reaches-others";
        let again = READ.replace("[10..10]", "[20..20]");
        let by_rest = "[9..12] bob messages.mark_read $m1 => 200 {}";
        let at_once = "[11..12] bob rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &sockets(&[READ, TOLD])),
            (rule, Held, &sockets(&[READ, TOLD, &again, LATER])),
            (rule, Broken, &sockets(&[READ, LATER])),
            (rule, Broken, &sockets(&[READ, &TOLD.replace("2}", "3}"), LATER])),
            (rule, Undecided, &sockets(&[READ])),
            (rule, Undecided, &sockets(&[READ, at_once, LATER])),
            (rule, NotExercised, &sockets(&[by_rest, READ, LATER])),
            (rule, NotExercised, &sockets(&[&READ.replace("bob", "alice"), LATER])),
            (
                rule,
                NotExercised,
                &sockets(&[READ, "[9..30] alice messages.delete $m1 => ?", LATER]),
            ),
        ]);
    }

    #[test]
    fn a_receipt_is_of_who_gave_it() {
        let rule = "socket/receipt-right";
        let by_rest = "[9..12] bob rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &sockets(&[READ, TOLD])),
            (rule, Held, &sockets(&[by_rest, TOLD])),
            (rule, Broken, &sockets(&[TOLD])),
            (rule, Broken, &sockets(&[READ, &TOLD.replace("2}", "1}")])),
            (rule, Broken, &sockets(&[READ, &TOLD.replace("$m1", "$m9")])),
            (rule, Broken, &sockets(&[&TOLD.replace("11", "9"), READ])),
            (rule, Undecided, &sockets(&[READ, &TOLD.replace("2}", "\"2\"}")])),
        ]);
    }

    #[test]
    fn marking_a_room_is_confirmed_to_who_did_it() {
        let confirmed = r#"[11..11] bob@r1 <- @room_marked_read {"room_id": "$r1"}"#;
        let elsewhere = confirmed.replace("bob", "alice");
        let rule = "socket/room-marked-read";
        assert_states(&[
            (rule, Held, &sockets(&[MARK, confirmed])),
            (rule, Broken, &sockets(&[MARK, LATER])),
            (rule, Broken, &sockets(&[MARK, &confirmed.replace("$r1", "$r2")])),
            (rule, Undecided, &sockets(&[MARK])),
            (rule, NotExercised, &sockets(&[MARK, "[9..30] bob rooms.leave $r1 => ?", LATER])),
            // What comes back shows that the mark was handled, unless it may be another with the same text.
            (rule, Broken, &sockets(&[MARK, SAID])),
            (rule, Undecided, &sockets(&[MARK, SAID, SAME])),
        ]);
        let rule = "socket/room-marked-read-only-to-requester";
        assert_states(&[
            (rule, Held, &sockets(&[MARK, confirmed])),
            (rule, Broken, &sockets(&[MARK, confirmed, &elsewhere])),
            (rule, NotExercised, &sockets(&[MARK])),
        ]);
    }
}
