//! Writes: when they may have taken effect, and what they change.

use hearback_contract::Operation;
use hearback_history::{Call, Interval, Nanoseconds};
use serde_json::Value;

use super::calls::{Assembly, agreed};
use crate::model::membership::Departure;
use crate::model::message::Version;
use crate::model::room::WriteKind;

impl<'h> Assembly<'h> {
    /// Records a write that succeeded or may have.
    pub(super) fn write(&mut self, call: &'h Call) {
        use Operation as O;
        let Some(operation) = call.operation() else { return };
        let interval = self.settled(call);
        let subject = call.subject().unwrap_or_default();
        match operation {
            O::MessagesSend => self.note_room_of(call, WriteKind::Send),
            O::MessagesMarkRead | O::RoomsMarkRead => self.note_room_of(call, WriteKind::Read),
            O::MessagesEdit => {
                let content = call.request.as_ref().and_then(|body| body.get("content")?.as_str());
                if let (Some(message), Some(content)) =
                    (self.model.messages.get_mut(subject), content)
                {
                    message.versions.push(Version { content, written: interval });
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::MessagesDelete => {
                if let Some(message) = self.model.messages.get_mut(subject) {
                    message.deletions.push(interval);
                }
                self.note_room_of(call, WriteKind::Alter);
            }
            O::RoomsArchive => {
                if let Some(room) = self.model.rooms.get_mut(subject) {
                    room.archived.push(interval);
                }
                self.note_room_of(call, WriteKind::Room);
            }
            O::RoomsLeave => {
                if let Some(user) = self.model.user_id(&call.invocation.actor) {
                    self.depart(subject, user, Departure::Left, interval);
                }
            }
            O::ParticipantsAdd => {
                let requested = call.request.as_ref().and_then(|body| body.get("user")?.as_i64());
                // A server may convert another value to an id (lenient-values).
                let shown = || call.success()?.pointer("/user/id")?.as_i64();
                let user = requested.or_else(shown);
                let room = self.model.room_id_of(call).map(str::to_owned);
                if let (Some(user), Some(room)) = (user, room) {
                    let role = call.request.as_ref().and_then(|body| body.get("is_admin"));
                    let role = role.map_or(Some(false), Value::as_bool);
                    let is_admin = role.and_then(|role| agreed(role, call.success()));
                    self.note(&room, WriteKind::Membership, interval);
                    self.changes.entry((room, user)).or_default().joins.push((interval, is_admin));
                }
            }
            O::ParticipantsRemove | O::ParticipantsMute => {
                let participant = subject.parse::<i64>().ok();
                let known = participant.and_then(|id| self.model.participants.get(&id)).cloned();
                if let Some((room, user)) = known {
                    if operation == O::ParticipantsRemove {
                        self.depart(&room, user, Departure::Removed, interval);
                    } else {
                        self.note(&room, WriteKind::Membership, interval);
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

    fn depart(&mut self, room: &str, user: i64, how: Departure, at: Interval) {
        self.changes.entry((room.to_owned(), user)).or_default().departures.push((at, how));
        self.note(room, WriteKind::Membership, at);
    }

    fn note_room_of(&mut self, call: &Call, kind: WriteKind) {
        let room = self.model.room_id_of(call);
        // Messages of unknown origin can be altered as well.
        let seen_in = || self.model.foreign_messages.get(call.subject()?).copied();
        if let Some(room) = room.or_else(seen_in).map(str::to_owned) {
            self.note(&room, kind, self.settled(call));
        }
    }

    /// The time during which a write may have taken effect; without end if its outcome is unknown.
    fn settled(&self, call: &Call) -> Interval {
        let is_sent = || {
            let id = call.success().and_then(|body| body.get("id")?.as_str());
            id.is_some_and(|id| self.model.messages.contains_key(id))
        };
        let is_known = call.operation() != Some(Operation::MessagesSend) || is_sent();
        if call.succeeded() && is_known {
            call.interval()
        } else {
            Interval { returned: Nanoseconds::MAX, ..call.interval() }
        }
    }

    pub(super) fn note(&mut self, room: &str, kind: WriteKind, interval: Interval) {
        let kinds = self.writes.entry(room.to_owned()).or_default();
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
            let room = &model.rooms[&dsl::id("r1")];
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
