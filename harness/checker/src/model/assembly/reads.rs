//! Finding read marks: rooms and single messages that users marked as read, by REST and by socket.

use ahash::AHashMap;
use hearback_contract::{
    ClientEvent, MessageId, MessageRef, Operation, RoomId, RoomRef, ServerEvent, UserId,
};
use hearback_history::{Call, Connection, Frame, History, Interval, Nanoseconds};

use crate::model::Model;
use crate::model::mark::Mark;
use crate::model::read_state::{Attempt, ReadState};
use crate::model::room::Room;

/// The marks of a history.
pub(super) struct Marks<'h> {
    attempts: AHashMap<RoomId, Vec<Attempt<'h>>>,
    receipts: Vec<(MessageId, Mark<'h>)>,
}

/// Finds every mark and every receipt.
pub(super) fn find<'h>(model: &Model<'h>, history: &'h History) -> Marks<'h> {
    let mut survey = MarkSearch {
        model,
        announced: AHashMap::new(),
        attempts: AHashMap::new(),
        receipts: Vec::new(),
    };
    survey.index_receipt_events();
    for call in history.calls.iter().filter(|call| call.maybe_done()) {
        survey.call(call);
    }
    for connection in &history.connections {
        survey.connection(connection);
    }
    let MarkSearch { attempts, receipts, .. } = survey;
    Marks { attempts, receipts }
}

/// Adds every mark to its room, and every receipt to its message.
pub(super) fn assign<'h>(model: &mut Model<'h>, Marks { attempts, receipts }: Marks<'h>) {
    for (room, attempts) in attempts {
        if let Some(room) = model.rooms.get_mut(&room) {
            room.read_state = ReadState::of(attempts);
        }
    }
    for (message, receipt) in receipts {
        if let Some(message) = model.messages.get_mut(&message) {
            message.receipts.push(receipt);
        }
    }
}

/// The state of the search for marks.
struct MarkSearch<'m, 'h> {
    model: &'m Model<'h>,
    /// The first time that a socket received a receipt, by reader and message.
    announced: AHashMap<(UserId, MessageRef<'h>), Nanoseconds>,
    attempts: AHashMap<RoomId, Vec<Attempt<'h>>>,
    receipts: Vec<(MessageId, Mark<'h>)>,
}

impl<'h> MarkSearch<'_, 'h> {
    fn index_receipt_events(&mut self) {
        for listener in self.model.sockets.all() {
            for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
                let reader = event.get("user_id").and_then(UserId::from_json);
                let message = event.get("message_id").and_then(MessageRef::from_json);
                if let Some(key) = reader.zip(message) {
                    let first = self.announced.entry(key).or_insert(frame.at);
                    *first = frame.at.min(*first);
                }
            }
        }
    }

    fn call(&mut self, call: &'h Call) {
        let is_of_room = match call.operation() {
            Some(Operation::RoomsMarkRead) => true,
            Some(Operation::MessagesMarkRead) => false,
            _ => return,
        };
        let Some(user) = self.model.user_id(&call.invocation.actor) else { return };
        let returned = if call.succeeded() { call.interval().returned } else { Nanoseconds::MAX };
        let mark = Mark {
            user,
            given: Interval { invoked: call.invoked, returned },
            is_sure: call.succeeded() && call.is_authorized(),
            evidence: call.into(),
        };
        if let Some(room) = call.room_in_path() {
            self.note(room, Attempt { mark, is_of_room, until: returned });
        }
        let Some(id) = call.message_in_path() else { return };
        if let Some(message) = self.model.message(id) {
            self.receipts.push((message.id.clone(), mark));
            let until = message.sent.returned;
            self.note(message.room.borrowed(), Attempt { mark, is_of_room, until });
        } else if let Some(room) = self.model.foreign_messages.get(&id).copied() {
            self.note(room, Attempt { mark, is_of_room, until: returned });
        }
    }

    fn connection(&mut self, connection: &'h Connection) {
        let user = self.model.user_id(&connection.actor);
        let room = self.model.room(connection.room.borrowed());
        let (Some(user), Some(room)) = (user, room) else { return };
        let listener = self.model.sockets.listener(connection);
        // Marks are confirmed in order: the n-th confirmation shows that the n-th mark took effect.
        let mut confirmed = listener.into_iter().flat_map(|listener| {
            listener.received(ServerEvent::RoomMarkedRead).map(|(frame, _)| frame.at)
        });
        for frame in connection.sent() {
            let handled = listener.and_then(|listener| listener.handled(frame.at));
            let mut mark = Mark {
                user,
                given: Interval {
                    invoked: frame.at,
                    returned: handled.unwrap_or(Nanoseconds::MAX),
                },
                is_sure: false,
                evidence: (connection, frame).into(),
            };
            if frame.sends(ClientEvent::MarkRoomRead) {
                if let Some(confirmed) = confirmed.next().filter(|at| *at >= frame.at) {
                    mark.given.returned = confirmed;
                    mark.is_sure = true;
                }
                let until = mark.given.returned;
                self.note(connection.room.borrowed(), Attempt { mark, is_of_room: true, until });
            } else if frame.sends(ClientEvent::ReadReceipt) {
                self.receipt(room, frame, mark);
            }
        }
    }

    fn receipt(&mut self, room: &Room<'h>, frame: &'h Frame, mut mark: Mark<'h>) {
        let id = frame.json().and_then(|json| json.get("message_id"));
        let Some(id) = id.and_then(MessageRef::from_json) else { return };
        let Some(message) = self.model.message(id) else {
            let until = mark.given.returned;
            return self.note(room.id.borrowed(), Attempt { mark, is_of_room: false, until });
        };
        if message.room != room.id {
            return;
        }
        if let Some(announced) = self.announced.get(&(mark.user, id)).filter(|at| **at >= frame.at)
        {
            mark.given.returned = mark.given.returned.min(*announced);
        }
        mark.is_sure = mark.given.returned < Nanoseconds::MAX
            && message.sent.precedes(mark.given)
            && room.surely_member(mark.user, mark.given)
            && room.surely_active(mark.given)
            && !message.maybe_deleted(mark.given);
        self.receipts.push((message.id.clone(), mark));
        let until = message.sent.returned;
        self.note(room.id.borrowed(), Attempt { mark, is_of_room: false, until });
    }

    fn note(&mut self, room: RoomRef<'_>, attempt: Attempt<'h>) {
        match self.attempts.get_mut(room.as_str()) {
            Some(attempts) => attempts.push(attempt),
            None => {
                self.attempts.insert(room.to_id(), vec![attempt]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    fn at(invoked: u64, returned: u64) -> Interval {
        Interval {
            invoked: Nanoseconds::from_millis(invoked),
            returned: Nanoseconds::from_millis(returned),
        }
    }

    /// Queries the read state of the room after `lines`.
    fn read<T>(lines: &str, ask: impl FnOnce(&ReadState<'_>, &Model<'_>) -> T) -> T {
        let history = dsl::parse(&format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
            [3..4] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            {lines}"#
        ))
        .unwrap();
        let model = Model::of(&history);
        ask(&model.rooms[dsl::id("r1").as_str()].read_state, &model)
    }

    #[test]
    fn the_last_mark_is_the_one_that_began_last() {
        let lines = "
            [10..40] bob rooms.mark_read $r1 => 200 {}
            [20..30] bob rooms.mark_read $r1 => 200 {}
            [50..60] carol rooms.mark_read $r1 => 200 {}
            [70..80] bob rooms.mark_read $r1 => 500 @error";
        read(lines, |state, _| {
            let last = |when| {
                let mark = state.marks_of(2.into())?.last_mark(when)?;
                Some(mark.given.invoked.as_millis())
            };
            assert_eq!(last(at(30, 99)), None);
            assert_eq!(last(at(31, 99)), Some(20));
            assert_eq!(last(at(90, 99)), Some(20));
            let others = |user: i64| Some(state.last_mark_of_others(user.into(), at(90, 99))?.user);
            assert_eq!(others(2), Some(3.into()));
            assert_eq!(others(3), Some(2.into()));
            assert_eq!(
                state.marks_of(2.into()).unwrap().may_have_read_until(at(69, 69)),
                Some(Nanoseconds::from_millis(40))
            );
            assert_eq!(
                state.marks_of(2.into()).unwrap().may_have_read_until(at(75, 75)),
                Some(Nanoseconds::MAX)
            );
        });
    }

    #[test]
    fn marks_by_socket_are_confirmed_in_order() {
        let lines = r#"
            [10..10] bob@r1 open
            [20..20] bob@r1 -> {"type": "mark_room_read"}
            [21..21] bob@r1 -> {"type": "mark_room_read"}
            [30..30] bob@r1 <- @room_marked_read {"room_id": "$r1"}"#;
        read(lines, |state, _| {
            let mark = state.marks_of(2.into()).unwrap().last_mark(at(31, 31)).unwrap();
            assert_eq!(mark.given, at(20, 30));
        });
    }

    #[test]
    fn a_receipt_by_socket_is_certain_once_it_is_announced() {
        let sent = r#"
            [10..10] bob@r1 open
            [11..11] carol@r1 open
            [20..20] bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;
        let announced = r#"[30..30] carol@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;
        let leaves = "[25..28] bob rooms.leave $r1 => ?";
        for (lines, expected) in [
            (sent.to_owned(), false),
            (format!("{sent}\n{announced}"), true),
            (format!("{sent}\n{leaves}\n{announced}"), false),
        ] {
            read(&lines, |_, model| {
                let receipts = &model.messages[0].receipts;
                assert_eq!(receipts.len(), 1);
                assert_eq!(receipts[0].is_sure, expected, "{lines}");
            });
        }
    }
}
