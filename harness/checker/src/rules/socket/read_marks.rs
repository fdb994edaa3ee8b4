//! Attempts to mark messages and rooms read, by REST and by socket.

use ahash::AHashMap;
use hearback_contract::{ClientEvent, Operation};
use hearback_history::{ConnectionId, Nanoseconds};

use crate::rule::RuleInput;

/// An attempt to mark a message or room read.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) at: Nanoseconds,
    pub(super) seq: u64,
    /// The socket that sent it, or `None` for REST.
    pub(super) connection: Option<ConnectionId>,
}

/// All attempts to mark messages and rooms read, whatever their outcome, in the order of the history.
#[derive(Default)]
pub(super) struct Marks<'h> {
    /// Marks of messages, by user and message.
    pub(super) messages: AHashMap<(i64, &'h str), Vec<Mark>>,
    /// Marks of rooms, by user and room.
    pub(super) rooms: AHashMap<(i64, &'h str), Vec<Mark>>,
}

impl<'h> Marks<'h> {
    pub(super) fn of(input: RuleInput<'h>) -> Self {
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
                    marks.rooms.entry((user, connection.room.as_str())).or_default().push(mark);
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

    /// Returns the marks of the message or its room by `user`.
    pub(super) fn on<'a>(
        &'a self,
        user: i64,
        message: &'a str,
        room: &'a str,
    ) -> impl Iterator<Item = Mark> + use<'a, 'h> {
        let of_message = self.messages.get(&(user, message)).into_iter().flatten();
        of_message.chain(self.of_room(user, room)).copied()
    }

    pub(super) fn of_room<'a>(
        &'a self,
        user: i64,
        room: &'a str,
    ) -> impl Iterator<Item = &'a Mark> + use<'a, 'h> {
        self.rooms.get(&(user, room)).into_iter().flatten()
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with one message, a socket of alice's and one of bob's.

    pub(in super::super) const MARK: &str = r#"[10..10] bob@r1 -> {"type": "mark_room_read"}"#;

    pub(in super::super) const CONFIRMED: &str =
        r#"[11..11] bob@r1 <- @room_marked_read {"room_id": "$r1"}"#;

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
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
}
