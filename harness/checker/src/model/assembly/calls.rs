//! Rooms, members and messages: one pass over the calls and one over the connections.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use ahash::AHashMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::{MessageRef, Operation, RoomId, RoomRef, UserId};
use hearback_history::{Call, History, Interval};
use serde_json::Value;

use super::participants::Participants;
use crate::evidence::Evidence;
use crate::model::membership::MembershipChanges;
use crate::model::message::{Message, Origin, SentFile, Version};
use crate::model::observation::MessageObservation;
use crate::model::read_state::ReadState;
use crate::model::room::{Room, WriteKind};
use crate::model::send_index::SendIndex;
use crate::model::sockets::Sockets;
use crate::model::{Model, observation, user_of};
use crate::per_body::PerBody;

type Writes = AHashMap<RoomId, BTreeMap<WriteKind, Vec<Interval>>>;

/// The model as far as calls and frames determine it.
pub(super) fn assemble(history: &History) -> Model<'_> {
    // What depends on the history alone is found at the same time.
    let (observations, participants, sockets) = thread::scope(|scope| {
        let observations = scope.spawn(|| observation::messages(history));
        let participants = scope.spawn(|| Participants::of(history));
        let sockets = Sockets::of(history);
        (joined(observations), joined(participants), sockets)
    });
    let mut assembly = Assembly {
        model: Model {
            observations,
            room_observations: observation::rooms(history),
            participant_observations: observation::participants(history),
            sockets,
            participants: participants.by_id,
            latest_participants: participants.latest,
            users: history
                .actors
                .values()
                .filter_map(|actor| Some((actor.name.clone(), actor.user_id?)))
                .collect(),
            ..Model::default()
        },
        changes: AHashMap::new(),
        writes: Writes::new(),
    };
    for call in &history.calls {
        assembly.create_room(call, history);
        assembly.send(call);
    }
    assembly.socket_sends(history);
    assembly.exclude_unidentified(history);
    assembly.identify(history);
    for call in history.calls.iter().filter(|call| call.is_authorized() && call.maybe_done()) {
        assembly.write(call);
    }
    assembly.socket_reads(history);
    assembly.finish()
}

/// The result of a thread, which passes its panic on.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// A model while it is being built.
pub(super) struct Assembly<'h> {
    pub(super) model: Model<'h>,
    /// Membership changes, by room id and user id.
    pub(super) changes: AHashMap<(RoomId, UserId), MembershipChanges>,
    pub(super) writes: Writes,
}

impl<'h> Assembly<'h> {
    fn create_room(&mut self, call: &'h Call, history: &History) {
        if call.operation() != Some(Operation::RoomsCreate) || !call.is_authorized() {
            return;
        }
        let request = |name| call.request.as_ref().and_then(|request| request.get(name));
        let room_type = request("room_type").and_then(Value::as_str);
        let Some(body) = call.success() else { return };
        let creator = call.invocation.actor.clone();
        // A room that existed before is not of this run (second-direct-room).
        if room_type != Some("group")
            && (call.status() == Some(200) || has_past(body, self.model.user_id(&creator)))
        {
            return;
        }
        let Some(id) = body.get("id").and_then(RoomRef::from_json) else { return };
        if history.existing_rooms.contains(id.as_str()) {
            return;
        }
        let invited = request("participant_ids").and_then(Value::as_array).into_iter().flatten();
        let mut members: BTreeSet<UserId> = self.model.user_id(&creator).into_iter().collect();
        for user in invited {
            match UserId::from_json(user) {
                Some(user) => members.extend([user]),
                // A server may convert another value to an id (lenient-values).
                None => members.extend(shown_users(body)),
            }
        }
        // The users who work on a task or a property may be participants as well (task-members).
        if matches!(room_type, Some("task" | "property")) {
            members.extend(shown_users(body));
        }
        if self.model.room(id).is_none() {
            for user in members {
                let is_admin = self.model.user_id(&creator) == Some(user);
                let is_admin = agreed(is_admin, participant_of(body, user));
                let changes = self.changes.entry((id.to_id(), user)).or_default();
                changes.joins.push((call.interval(), is_admin));
            }
        }
        self.model.rooms.entry(id.to_id()).or_insert_with_key(|id| Room {
            id: id.clone(),
            creation: call,
            creator,
            room_type,
            name: request("name").and_then(Value::as_str),
            members: BTreeMap::new(),
            archived: Vec::new(),
            messages: Vec::new(),
            has_foreign_messages: false,
            read_state: ReadState::default(),
            sends: SendIndex::default(),
            acknowledged: Vec::new(),
            deleted: Vec::new(),
            writes: BTreeMap::new(),
        });
    }

    fn send(&mut self, call: &'h Call) {
        if call.operation() != Some(Operation::MessagesSend) || !call.is_authorized() {
            return;
        }
        let Some(request) = &call.request else { return };
        let field = |name| request.get(name).and_then(Value::as_str);
        let (Some(id), Some(room)) = (call.message_in_response(), call.room_in_request()) else {
            return;
        };
        let message = Message {
            id: id.to_id(),
            room: room.to_id(),
            sender: call.invocation.actor.clone(),
            origin: Origin::Rest(call),
            sent: call.interval(),
            versions: vec![Version {
                content: field("content").unwrap_or_default(),
                written: call.interval(),
            }],
            reply_to: request.get("reply_to").and_then(MessageRef::from_json),
            message_type: field("message_type"),
            file: request.get("attachment").and_then(file),
            deletions: Vec::new(),
            receipts: Vec::new(),
        };
        self.model.messages.entry(message.id.clone()).or_insert(message);
    }

    /// Finds the message of each observation, and marks rooms with messages of unknown origin.
    fn identify(&mut self, history: &'h History) {
        let Model { observations, messages, rooms, foreign_messages, identities, .. } =
            &mut self.model;
        let find = |observation: &MessageObservation<'h>| {
            messages.get_index_of(observation.id()?.as_str())
        };
        // Many sockets receive the same body.
        let mut by_body = PerBody::of(history);
        *identities = observations
            .iter()
            .map(|observation| match observation.evidence {
                Evidence::Frame(_, frame) => by_body.get(&frame.body, || find(observation)),
                _ => find(observation),
            })
            .collect();
        let all = observations.iter().zip(identities.iter());
        for (observation, _) in all.filter(|(_, message)| message.is_none()) {
            let Some(room) = observation.room() else { continue };
            foreign_messages.extend(observation.id().map(|id| (id, room)));
            if let Some(room) = rooms.get_mut(room.as_str()) {
                room.has_foreign_messages = true;
            }
        }
    }

    fn finish(mut self) -> Model<'h> {
        for ((room, user), changes) in self.changes {
            let room = self.model.rooms.get_mut(&room).filter(|_| !changes.joins.is_empty());
            if let Some(room) = room {
                room.members.insert(user, changes.memberships());
            }
        }
        for (room, kinds) in self.writes {
            if let Some(room) = self.model.rooms.get_mut(&room) {
                room.writes = kinds
                    .into_iter()
                    .map(|(kind, intervals)| (kind, intervals.into_iter().collect()))
                    .collect();
            }
        }
        let mut in_order: Vec<&Message<'_>> = self.model.messages.values().collect();
        in_order.sort_by_key(|message| message.sent.invoked);
        for message in in_order {
            if let Some(room) = self.model.rooms.get_mut(&message.room) {
                room.acknowledged.push(message.sent.returned);
                room.deleted.extend(message.deletions.iter().map(|delete| delete.invoked).min());
                room.messages.push(message.id.clone());
            }
        }
        for room in self.model.rooms.values_mut() {
            room.acknowledged.sort_unstable();
            room.deleted.sort_unstable();
        }
        self.model
    }
}

/// The requested role, unless the participant in the response has another one.
pub(super) fn agreed(asked: bool, participant: Option<&Value>) -> Option<bool> {
    let shown = participant.and_then(|participant| participant.get("is_admin")?.as_bool());
    (shown.is_none_or(|shown| shown == asked)).then_some(asked)
}

/// The participant of a full room object with this user id.
fn participant_of(room: &Value, user: UserId) -> Option<&Value> {
    let mut participants = room.get("participants")?.as_array()?.iter();
    participants.find(|participant| user_of(participant) == Some(user))
}

/// Ids of the users that a full room object shows as participants.
fn shown_users(room: &Value) -> impl Iterator<Item = UserId> {
    let participants = room.get("participants").and_then(Value::as_array).into_iter().flatten();
    participants.filter_map(user_of)
}

/// Returns whether the response to rooms.create shows a room that existed before.
fn has_past(room: &Value, creator: Option<UserId>) -> bool {
    let created_by = room.pointer("/created_by/id").and_then(UserId::from_json);
    room.get("is_active") == Some(&Value::Bool(false))
        || room.get("last_message").is_some_and(Value::is_object)
        || matches!((created_by, creator), (Some(by), Some(creator)) if by != creator)
}

/// A file, as the history records it in a form.
fn file(value: &Value) -> Option<SentFile<'_>> {
    let field = |name| value.get(name).and_then(Value::as_str);
    Some(SentFile {
        name: field("name")?,
        content_type: field("content_type")?,
        bytes: STANDARD.decode(field("base64")?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    /// The number of rooms in the model after one rooms.create.
    fn rooms(call: &str) -> usize {
        Model::of(&dsl::parse(call).unwrap()).rooms.len()
    }

    #[test]
    fn rooms_that_may_have_existed_before_are_not_of_this_run() {
        let create = |room_type: &str, status: u16, fields: &str| {
            rooms(&format!(
                r#"alice rooms.create {{"room_type": "{room_type}", "participant_ids": [2]}} => {status} @room {{"id": "$r1", "created_by": {{"id": 1}}, "last_message": null{fields}}}"#
            ))
        };
        assert_eq!(create("direct", 201, ""), 1);
        assert_eq!(create("direct", 200, ""), 0);
        assert_eq!(create("direct", 201, r#", "is_active": false"#), 0);
        assert_eq!(create("direct", 201, r#", "created_by": {"id": 2}"#), 0);
        assert_eq!(create("direct", 201, r#", "last_message": {"id": "$m1"}"#), 0);
        assert_eq!(create("group", 200, ""), 1);
        assert_eq!(create("group", 403, ""), 0);
    }

    #[test]
    fn users_who_work_on_a_task_may_be_members_of_its_room() {
        let members = |room_type: &str| {
            let history = dsl::parse(&format!(
                r#"alice rooms.create {{"room_type": "{room_type}", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "created_by": {{"id": 1}}, "last_message": null, "participants": [@participant {{"user": {{"id": 3}}}}]}}"#
            ));
            let history = history.unwrap();
            Model::of(&history).rooms[dsl::id("r1").as_str()].members.len()
        };
        assert_eq!([members("group"), members("task")], [2, 3]);
    }

    #[test]
    fn existing_rooms_are_not_of_this_run() {
        let create = r#"alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}"#;
        assert_eq!(rooms(create), 1);
        assert_eq!(rooms(&format!("{create}\nexisting $r1")), 0);
        assert_eq!(rooms(&format!("{create}\nexisting $r2")), 1);
    }

    #[test]
    fn messages_of_unknown_origin_are_foreign() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            alice messages.list ?room=$r1 => 200 [@message {"id": "$m9", "room": "$r1"}]"#,
        )
        .unwrap();
        let model = Model::of(&history);
        assert!(model.rooms[dsl::id("r1").as_str()].has_foreign_messages);
        assert!(model.identified().all(|(_, message)| message.is_none()));
    }
}
