//! Attempts to mark messages and rooms read, by REST and by socket.

use ahash::AHashMap;
use hearback_contract::{ClientEvent, MessageRef, Operation, RoomRef, UserId};
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
    pub(super) messages: AHashMap<(UserId, MessageRef<'h>), Vec<Mark>>,
    /// Marks of rooms, by user and room.
    pub(super) rooms: AHashMap<(UserId, RoomRef<'h>), Vec<Mark>>,
}

impl<'h> Marks<'h> {
    pub(super) fn of(input: RuleInput<'h>) -> Self {
        let mut marks = Self::default();
        for call in &input.history.calls {
            let Some(user) = input.model.user_id(&call.invocation.actor) else { continue };
            let mark = Mark { at: call.invoked, seq: call.seq, connection: None };
            match (call.operation(), call.message_in_path(), call.room_in_path()) {
                (Some(Operation::MessagesMarkRead), Some(message), _) => {
                    marks.messages.entry((user, message)).or_default().push(mark);
                }
                (Some(Operation::RoomsMarkRead), _, Some(room)) => {
                    marks.rooms.entry((user, room)).or_default().push(mark);
                }
                _ => {}
            }
        }
        for connection in &input.history.connections {
            let Some(user) = input.model.user_id(&connection.actor) else { continue };
            for frame in connection.sent() {
                let mark = Mark { at: frame.at, seq: frame.seq, connection: Some(connection.id) };
                if frame.sends(ClientEvent::MarkRoomRead) {
                    marks.rooms.entry((user, connection.room.borrowed())).or_default().push(mark);
                } else if frame.sends(ClientEvent::ReadReceipt)
                    && let Some(id) = frame.json().and_then(|json| json.get("message_id"))
                    && let Some(id) = MessageRef::from_json(id)
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
        user: UserId,
        message: MessageRef<'a>,
        room: RoomRef<'a>,
    ) -> impl Iterator<Item = Mark> + use<'a, 'h> {
        let of_message = self.messages.get(&(user, message)).into_iter().flatten();
        of_message.chain(self.of_room(user, room)).copied()
    }

    pub(super) fn of_room<'a>(
        &'a self,
        user: UserId,
        room: RoomRef<'a>,
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
