//! The ledger of what a run created.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hearback_contract::{RoomId, UserId};
use hearback_history::{ActorName, RoomCreation, ScenarioName};
use indexmap::IndexMap;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::RwLock;

use super::ids;

/// Longest nesting of a response that is searched for ids.
const DEEPEST: usize = 16;

/// The state of a room that the run created, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomStatus {
    /// The room was created and not archived.
    Active,
    /// The room was archived.
    Archived,
    /// The room was read, or was to be read, and does not exist for any account.
    Gone,
    /// Another process of the run created the room, and archives it.
    OfOtherProcess,
}

/// A room that the run created.
#[derive(Clone, Debug)]
pub struct OwnedRoom {
    /// The creation.
    pub creation: RoomCreation,
    /// Its state.
    pub status: RoomStatus,
}

/// A request that created a room, or did not: no response says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnansweredCreation {
    /// Body of the request, if it was JSON.
    pub request: Option<Value>,
    /// Actor that sent the request.
    pub creator: ActorName,
    /// Scenario that sent the request.
    pub scenario: ScenarioName,
}

impl UnansweredCreation {
    /// Name in the request, if it had one.
    pub fn name(&self) -> Option<&str> {
        self.request.as_ref()?.get("name")?.as_str().filter(|name| !name.is_empty())
    }
}

/// Everything that the run created, and the rooms that existed before.
#[derive(Debug, Default)]
pub struct Ledger {
    state: Mutex<State>,
    /// Read-locked by each creation in progress, write-locked while the rooms that existed before are listed.
    pub(crate) creating: Arc<RwLock<()>>,
}

#[derive(Debug, Default)]
struct State {
    rooms: IndexMap<String, OwnedRoom>,
    /// Keys of messages and participants in rooms of the run.
    contents: HashSet<String>,
    /// Keys of rooms that an account could see before the run created any, and that are not its own.
    foreign: HashSet<String>,
    /// Direct rooms that each account could see before; their keys.
    direct: HashMap<ActorName, HashSet<String>>,
    /// Pairs of accounts for which the target returned an existing room.
    sharing: HashSet<[ActorName; 2]>,
    /// Accounts of the run, with their user ids if known.
    accounts: HashMap<ActorName, Option<UserId>>,
    /// Accounts whose rooms were listed, and whether all of them were.
    listed: HashMap<ActorName, bool>,
    unanswered: Vec<UnansweredCreation>,
    /// Time from which on the run created rooms, if it began before this process.
    began_at: Option<Timestamp>,
    /// True if the target has ids of rooms or messages that are not UUIDs.
    has_other_ids: bool,
}

impl Ledger {
    /// Rooms of the run, in the order of their creation.
    pub fn rooms(&self) -> Vec<OwnedRoom> {
        self.state.lock().rooms.values().cloned().collect()
    }

    /// Returns whether the run created a room.
    pub fn owns(&self, room: &RoomId) -> bool {
        self.state.lock().rooms.contains_key(&ids::key(room.as_str()))
    }

    /// The state of a room; `None` if the run did not create it.
    pub fn status(&self, room: &RoomId) -> Option<RoomStatus> {
        self.state.lock().rooms.get(&ids::key(room.as_str())).map(|room| room.status)
    }

    /// Returns whether a room was visible to an account before it was created by this run.
    pub fn is_foreign(&self, room: &RoomId) -> bool {
        self.state.lock().foreign.contains(&ids::key(room.as_str()))
    }

    /// Sets the time from which on the run created rooms, for a run that began before this process.
    pub fn set_began_at(&self, time: Timestamp) {
        self.state.lock().began_at = Some(time);
    }

    /// Time from which on the run created rooms, if it began before this process.
    pub(crate) fn began_at(&self) -> Option<Timestamp> {
        self.state.lock().began_at
    }

    /// Waits until no room is being created.
    pub async fn all_created(&self) {
        drop(self.creating.write().await);
    }

    /// Creations without a response that says whether there is a room.
    pub fn unanswered(&self) -> Vec<UnansweredCreation> {
        self.state.lock().unanswered.clone()
    }

    /// Returns whether two accounts shared a direct room before this run.
    pub fn share_a_room(&self, one: &ActorName, other: &ActorName) -> bool {
        let state = self.state.lock();
        let rooms = |actor| state.direct.get(actor);
        state.sharing.contains(&pair(one, other))
            || rooms(one)
                .zip(rooms(other))
                .is_some_and(|(one, other)| one.intersection(other).next().is_some())
    }

    /// Adds an account of the run, or the user id that it was found to have.
    pub(crate) fn add_account(&self, actor: &ActorName, user_id: Option<UserId>) {
        self.state.lock().accounts.insert(actor.clone(), user_id);
    }

    /// Returns whether the rooms of every account were listed to the end.
    pub(crate) fn has_listed_all(&self) -> bool {
        let state = self.state.lock();
        state.accounts.keys().all(|actor| state.listed.get(actor) == Some(&true))
    }

    /// Returns whether the rooms of an account were requested.
    pub(crate) fn has_listed(&self, actor: &ActorName) -> bool {
        self.state.lock().listed.contains_key(actor)
    }

    /// Adds rooms that an account can see; those that the run did not create are foreign from now on.
    pub(crate) fn add_visible(&self, actor: &ActorName, rooms: &[Value], is_complete: bool) {
        let mut state = self.state.lock();
        state.listed.insert(actor.clone(), is_complete);
        for room in rooms {
            let Some(id) = room.get("id").and_then(ids::id_of) else { continue };
            state.has_other_ids |= !ids::is_uuid(&id);
            let key = ids::key(&id);
            if state.rooms.contains_key(&key) {
                continue;
            }
            if room.get("room_type").and_then(Value::as_str) == Some("direct") {
                state.direct.entry(actor.clone()).or_default().insert(key.clone());
            }
            state.foreign.insert(key);
        }
    }

    /// Remembers that the target returned an existing room for an account and other users.
    pub(crate) fn add_shared(&self, one: &ActorName, others: &[i64]) {
        let mut state = self.state.lock();
        let is_other = |id: &Option<UserId>| id.is_some_and(|id| others.contains(&id.get()));
        let accounts = state.accounts.iter().filter(|(name, id)| *name != one && is_other(id));
        let pairs: Vec<_> = accounts.map(|(other, _)| pair(one, other)).collect();
        state.sharing.extend(pairs);
    }

    /// Remembers a room that was returned and that the run did not create.
    pub(crate) fn add_foreign(&self, room: &RoomId) {
        self.state.lock().foreign.insert(ids::key(room.as_str()));
    }

    /// Remembers a creation without a response that says whether there is a room.
    pub fn add_unanswered(&self, creation: UnansweredCreation) {
        self.state.lock().unanswered.push(creation);
    }

    /// Forgets a creation whose room was found, or does not exist.
    pub fn resolve_unanswered(&self, creation: &UnansweredCreation) {
        let mut state = self.state.lock();
        if let Some(index) = state.unanswered.iter().position(|it| it == creation) {
            state.unanswered.remove(index);
        }
    }

    /// Adds a room that the run created, and what its representation contains; `false` if it is known.
    pub fn add(&self, creation: RoomCreation, representation: Option<&Value>) -> bool {
        self.add_with(creation, RoomStatus::Active, representation)
    }

    /// Adds a room that another process of the run created and archives, and what its representation contains.
    pub(crate) fn add_of_other_process(&self, creation: RoomCreation, representation: &Value) {
        self.add_with(creation, RoomStatus::OfOtherProcess, Some(representation));
    }

    fn add_with(
        &self,
        creation: RoomCreation,
        status: RoomStatus,
        representation: Option<&Value>,
    ) -> bool {
        let is_new = {
            let mut state = self.state.lock();
            state.has_other_ids |= !ids::is_uuid(creation.id.as_str());
            let key = ids::key(creation.id.as_str());
            let is_new = !state.rooms.contains_key(&key);
            if is_new {
                state.rooms.insert(key, OwnedRoom { creation, status });
            }
            is_new
        };
        if let Some(representation) = representation {
            self.learn(representation, None);
        }
        is_new
    }

    /// Sets the state of a room; `true` if it is a room of the run whose state changes.
    pub fn set_status(&self, room: &RoomId, status: RoomStatus) -> bool {
        let mut state = self.state.lock();
        match state.rooms.get_mut(&ids::key(room.as_str())) {
            Some(room) if room.status != status => {
                room.status = status;
                true
            }
            _ => false,
        }
    }

    /// Returns whether an id denotes something that the run created, or nothing at all.
    pub(crate) fn may_write(&self, id: &str, is_numbered: bool) -> bool {
        let state = self.state.lock();
        let key = ids::key(id);
        if state.rooms.contains_key(&key) || state.contents.contains(&key) {
            return true;
        }
        if ids::is_synthetic(id) {
            return true;
        }
        if ids::is_uuid(id) || state.foreign.contains(&key) {
            return false;
        }
        match is_numbered {
            true => !ids::is_assignable_number(id),
            // Ids of an undocumented form look like malformed ones.
            false if state.has_other_ids => !id.chars().any(char::is_numeric),
            false => true,
        }
    }

    /// Remembers messages and participants in rooms of the run.
    ///
    /// `room` is the room that was requested, for objects that do not state their own.
    pub(crate) fn learn(&self, value: &Value, room: Option<&RoomId>) {
        let room = room.map(|room| ids::key(room.as_str()));
        self.state.lock().learn(value, room.as_deref(), 0);
    }
}

impl State {
    /// `room` is a key.
    fn learn(&mut self, value: &Value, room: Option<&str>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Array(items) => {
                items.iter().for_each(|item| self.learn(item, room, depth + 1));
            }
            Value::Object(object) => {
                let stated = self.room_of(value).map(|id| ids::key(&id));
                // A room that is neither of this run nor known from before is a wrong statement about this one.
                let room = match &stated {
                    Some(key) if self.rooms.contains_key(key) || self.foreign.contains(key) => {
                        Some(key.as_str())
                    }
                    _ => room,
                };
                if let Some(id) = object.get("id").and_then(ids::id_of)
                    && (is_message(value) || is_participant(value))
                    && room.is_some_and(|room| self.rooms.contains_key(room))
                {
                    self.has_other_ids |= is_message(value) && !ids::is_uuid(&id);
                    self.contents.insert(ids::key(&id));
                }
                object.values().for_each(|value| self.learn(value, room, depth + 1));
            }
            _ => {}
        }
    }

    /// The id of the room that an object states: its own if it is a room.
    fn room_of(&self, value: &Value) -> Option<String> {
        let is_room = value.get("room_type").is_some() || value.get("participants").is_some();
        let own = value.get("id").filter(|_| is_room);
        let stated = own.or_else(|| value.get("room")).or_else(|| value.get("room_id"));
        stated.and_then(ids::id_of)
    }
}

fn is_message(value: &Value) -> bool {
    value.get("sender").is_some() || value.get("content").is_some()
}

fn is_participant(value: &Value) -> bool {
    value.get("user").is_some() && value.get("is_admin").is_some()
        || value.get("joined_at").is_some()
}

/// Two accounts in an order that does not depend on who is named first.
fn pair(one: &ActorName, other: &ActorName) -> [ActorName; 2] {
    let mut pair = [one.clone(), other.clone()];
    pair.sort();
    pair
}

#[cfg(test)]
mod tests {
    use hearback_history::synthetic_ids;
    use serde_json::json;

    use super::*;

    const OURS: &str = "11111111-1111-4111-8111-111111111111";
    const THEIRS: &str = "22222222-2222-4222-8222-222222222222";
    const MESSAGE: &str = "33333333-3333-4333-8333-333333333333";

    fn ledger() -> Ledger {
        let ledger = Ledger::default();
        ledger.add_visible(&"alice".into(), &[json!({"id": THEIRS, "room_type": "direct"})], true);
        let creation = RoomCreation {
            id: OURS.into(),
            name: None,
            creator: "alice".into(),
            scenario: "test".into(),
        };
        let room = json!({"id": OURS, "room_type": "group", "participants": [
            {"id": 7, "room": OURS, "user": {"id": 1}, "is_admin": true},
        ]});
        assert!(ledger.add(creation, Some(&room)));
        ledger
    }

    #[test]
    fn only_created_rooms_and_ids_of_nothing_may_be_written_to() {
        let ledger = ledger();
        for id in [OURS, &OURS.to_uppercase(), &synthetic_ids::uuid(1), "not-a-uuid", "", "1"] {
            assert!(ledger.may_write(id, false), "{id}");
        }
        for id in [THEIRS, &THEIRS.replace('-', ""), MESSAGE] {
            assert!(!ledger.may_write(id, false), "{id}");
        }
    }

    #[test]
    fn numbers_are_refused_where_the_target_numbers_its_objects() {
        let ledger = ledger();
        assert!(ledger.may_write("7", true));
        assert!(!ledger.may_write("8", true));
        assert!(ledger.may_write("0", true));
        ledger.add_visible(&"bob".into(), &[json!({"id": 12})], true);
        assert!(!ledger.may_write("12", false));
        assert!(!ledger.may_write("13", false));
        assert!(ledger.may_write("not-a-uuid", false));
    }

    #[test]
    fn messages_belong_to_the_room_that_they_state() {
        let ledger = ledger();
        let message = |room: Value| json!({"id": MESSAGE, "sender": {"id": 1}, "room": room});
        ledger.learn(&json!({"results": [message(json!(THEIRS))]}), Some(&OURS.into()));
        assert!(!ledger.may_write(MESSAGE, false), "of another room");
        ledger.learn(&json!({"id": MESSAGE, "sender": {}}), None);
        assert!(!ledger.may_write(MESSAGE, false), "of no room");
        ledger.learn(&message(json!(OURS)), None);
        assert!(ledger.may_write(MESSAGE, false));
    }

    #[test]
    fn accounts_that_see_the_same_direct_room_share_it() {
        let ledger = ledger();
        let (alice, bob) = ("alice".into(), "bob".into());
        assert!(!ledger.share_a_room(&alice, &bob));
        ledger.add_visible(&bob, &[json!({"id": THEIRS, "room_type": "direct"})], true);
        assert!(ledger.share_a_room(&bob, &alice));
        assert!(!ledger.share_a_room(&alice, &"carol".into()));
        ledger.add_account(&alice, Some(1.into()));
        ledger.add_account(&"carol".into(), Some(3.into()));
        ledger.add_shared(&alice, &[1, 3]);
        assert!(ledger.share_a_room(&"carol".into(), &alice));
    }

    #[test]
    fn created_rooms_do_not_become_foreign() {
        let ledger = ledger();
        ledger.add_visible(&"bob".into(), &[json!({"id": OURS})], true);
        assert!(ledger.may_write(OURS, false));
        assert!(ledger.set_status(&OURS.into(), RoomStatus::Archived));
        assert!(!ledger.set_status(&OURS.into(), RoomStatus::Archived));
        assert!(!ledger.set_status(&THEIRS.into(), RoomStatus::Archived));
    }
}
