//! Writes: when they may have taken effect, and what they change.

use hearback_contract::{Operation, RoomRef, UserId};
use hearback_history::{Call, Interval, Nanoseconds};
use serde_json::Value;

use super::calls::{Assembly, agreed};
use crate::model::membership::Departure;
use crate::model::message::{Message, Version};
use crate::model::room::WriteKind;
use crate::model::user_of;

impl<'h> Assembly<'h> {
    /// Records a write that succeeded or may have.
    pub(super) fn write(&mut self, call: &'h Call) {
        use Operation as O;
        let Some(operation) = call.operation() else { return };
        let interval = self.settled(call);
        match operation {
            O::MessagesSend => self.note_room_of(call, WriteKind::Send),
            O::MessagesMarkRead | O::RoomsMarkRead => self.note_room_of(call, WriteKind::Read),
            O::MessagesEdit => {
                let content = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
                if let (Some(message), Some(content)) = (self.message_in_path(call), content) {
                    message.versions.push(Version { content, written: interval });
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::MessagesDelete => {
                if let Some(message) = self.message_in_path(call) {
                    message.deletions.push(interval);
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::RoomsArchive => {
                let room = call.room_in_path();
                let room = room.and_then(|room| self.model.rooms.get_mut(room.as_str()));
                if let Some(room) = room {
                    room.archived.push(interval);
                }
                self.note_room_of(call, WriteKind::Room);
            }
            O::RoomsLeave => {
                let user = self.model.user_id(&call.invocation.actor);
                if let (Some(user), Some(room)) = (user, call.room_in_path()) {
                    self.depart(room, user, Departure::Left, interval);
                }
            }
            O::ParticipantsAdd => {
                let requested = call.request.as_ref().and_then(|body| body.get("user"));
                // A server may convert another value to an id (lenient-values).
                let shown = || call.success().and_then(user_of);
                let user = requested.and_then(UserId::from_json).or_else(shown);
                if let (Some(user), Some(room)) = (user, call.room_in_request()) {
                    let role = call.request.as_ref().and_then(|body| body.get("is_admin"));
                    let role = role.map_or(Some(false), Value::as_bool);
                    let is_admin = role.and_then(|role| agreed(role, call.success()));
                    self.note(room, WriteKind::Membership, interval);
                    let changes = self.changes.entry((room.to_id(), user)).or_default();
                    changes.joins.push((interval, is_admin));
                }
            }
            O::ParticipantsRemove | O::ParticipantsMute => {
                let participant = call.participant_in_path();
                let known = participant.and_then(|id| self.model.participants.get(&id)).cloned();
                if let Some((room, user)) = known {
                    let room = room.borrowed();
                    if operation == O::ParticipantsRemove {
                        self.depart(room, user, Departure::Removed, interval);
                    } else {
                        self.note(room, WriteKind::Membership, interval);
                    }
                }
            }
            O::TokenObtain
            | O::TokenRefresh
            | O::RoomsList
            | O::RoomsCreate
            | O::RoomsGet
            | O::RoomsStats
            | O::MessagesList
            | O::MessagesGet
            | O::MessagesSearch
            | O::ParticipantsList => {}
        }
    }

    fn message_in_path(&mut self, call: &Call) -> Option<&mut Message<'h>> {
        self.model.messages.get_mut(call.message_in_path()?.as_str())
    }

    fn depart(&mut self, room: RoomRef<'_>, user: UserId, how: Departure, at: Interval) {
        self.changes.entry((room.to_id(), user)).or_default().departures.push((at, how));
        self.note(room, WriteKind::Membership, at);
    }

    fn note_room_of(&mut self, call: &Call, kind: WriteKind) {
        let room = self.model.room_id_of(call);
        // Messages of unknown origin can be altered as well.
        let seen_in = || self.model.foreign_messages.get(&call.message_in_path()?).copied();
        if let Some(room) = room.or_else(seen_in).map(RoomRef::to_id) {
            self.note(room.borrowed(), kind, self.settled(call));
        }
    }

    /// The time during which a write may have taken effect; without end if its outcome is unknown.
    fn settled(&self, call: &Call) -> Interval {
        let is_sent =
            || call.message_in_response().is_some_and(|id| self.model.message(id).is_some());
        let is_known = call.operation() != Some(Operation::MessagesSend) || is_sent();
        if call.succeeded() && is_known {
            call.interval()
        } else {
            Interval { returned: Nanoseconds::MAX, ..call.interval() }
        }
    }

    pub(super) fn note(&mut self, room: RoomRef<'_>, kind: WriteKind, interval: Interval) {
        let kinds = self.writes.entry(room.to_id()).or_default();
        kinds.entry(kind).or_default().push(interval);
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;

    #[test]
    fn writes_of_unknown_outcome_never_return() {
        let writes = |answer: &str| {
            let history = dsl::parse(&format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group"}} => 201 @room {{"id": "$r1"}}
                [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => {answer}"#
            ))
            .unwrap();
            let model = Model::of(&history);
            let room = &model.rooms[dsl::id("r1").as_str()];
            let writes: Vec<_> =
                room.writes(WriteKind::Send).iter().map(|it| it.returned).collect();
            (room.messages.len(), writes)
        };
        let returned = Nanoseconds::from_millis(20);
        assert_eq!(writes(r#"201 @message {"id": "$m1", "room": "$r1"}"#), (1, vec![returned]));
        assert_eq!(writes("?"), (0, vec![Nanoseconds::MAX]));
        assert_eq!(writes("500 @error"), (0, vec![Nanoseconds::MAX]));
        assert_eq!(writes("400 @error"), (0, vec![]));
    }
}
