//! The registry: creates rooms, and archives those that are demonstrably new.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hearback_contract::{Operation, RoomId, UserId};
use hearback_history::{EventKind, RoomCreation, ScenarioName};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::RwLock;

use super::evidence::{Expected, NotOurs};
use crate::actor::Actor;
use crate::client::Client;
use crate::ownership::UnansweredCreation;
use crate::rest::{Body, Request, Response};

/// Rooms that are archived at the same time.
const CONCURRENCY: usize = 8;

/// A room that this process created.
#[derive(Clone, Debug)]
pub struct CreatedRoom {
    /// Its id at the target.
    pub id: RoomId,
    /// The actor that created it, and that archives it.
    pub creator: Actor,
    /// The scenario under which its traffic is recorded.
    pub scenario: ScenarioName,
}

/// The result of a request that creates a room.
#[derive(Debug)]
pub struct Creation {
    /// The response.
    pub response: Response,
    /// The room, if there is one and the run created it; otherwise the reason why the returned one is not ours.
    pub room: Result<Option<CreatedRoom>, NotOurs>,
}

/// Creates rooms and archives exactly those; clones share one list.
#[derive(Clone, Default)]
pub struct RoomRegistry {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    rooms: Mutex<Vec<CreatedRoom>>,
    /// Read-locked by each creation in progress.
    creating: Arc<RwLock<()>>,
}

impl RoomRegistry {
    /// Sends a request that creates a room, and registers the room if the response proves that it is new.
    ///
    /// The request runs on a task of its own: a caller that is cancelled does not lose the room.
    pub async fn create(
        &self,
        actor: &Actor,
        scenario: &ScenarioName,
        request: Request,
    ) -> Creation {
        let (inner, creator, scenario) = (self.inner.clone(), actor.clone(), scenario.clone());
        let of_registry = self.inner.creating.clone().read_owned().await;
        let of_client = actor.client().ownership().creating.clone().read_owned().await;
        let creation = tokio::spawn(async move {
            let _in_progress = (of_registry, of_client);
            let creation = create(&creator, &scenario, request).await;
            if let Ok(Some(room)) = &creation.room {
                let mut rooms = inner.rooms.lock();
                // The target may return a room of this run again.
                if rooms.iter().all(|known| known.id != room.id) {
                    rooms.push(room.clone());
                }
            }
            creation
        });
        match creation.await {
            Ok(creation) => creation,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }

    /// The rooms that are registered, in the order of their creation.
    pub fn rooms(&self) -> Vec<CreatedRoom> {
        self.inner.rooms.lock().clone()
    }

    /// Archives every registered room, once, as its creator; the [ledger](crate::Ledger) knows what remains.
    ///
    /// Creations in progress are awaited first, for at most `timeout`. Ends early if the target no longer responds.
    pub async fn archive_all(&self, timeout: Duration) {
        let _all_created = tokio::time::timeout(timeout, self.inner.creating.write()).await;
        let rooms = std::mem::take(&mut *self.inner.rooms.lock());
        for chunk in rooms.chunks(CONCURRENCY) {
            let responses = join_all(chunk.iter().map(CreatedRoom::archive)).await;
            if responses.iter().all(|response| response.failure.is_some()) {
                return;
            }
        }
    }

    /// Archives one registered room now.
    pub async fn archive(&self, id: &RoomId) {
        let room = {
            let mut rooms = self.inner.rooms.lock();
            let index = rooms.iter().position(|room| room.id == *id);
            index.map(|index| rooms.remove(index))
        };
        if let Some(room) = room {
            room.archive().await;
        }
    }
}

impl CreatedRoom {
    /// Archives the room as its creator.
    pub async fn archive(&self) -> Response {
        let request = Request::new(Operation::RoomsArchive).path(self.id.as_str());
        self.creator.call(&self.scenario, request).await
    }
}

impl Client {
    /// Takes a room of the target for one of this run if its fields show that `creator` created it with `request`.
    ///
    /// # Errors
    /// If an account could see the room before, or the fields do not show it. The room is then never written to.
    pub fn adopt(
        &self,
        creator: &Actor,
        scenario: &ScenarioName,
        request: Option<&Value>,
        room: &Value,
    ) -> Result<Option<CreatedRoom>, NotOurs> {
        let ledger = self.ownership();
        let Some(id) = room.get("id").and_then(Value::as_str) else { return Ok(None) };
        let created =
            CreatedRoom { id: id.into(), creator: creator.clone(), scenario: scenario.clone() };
        if ledger.owns(&created.id) {
            return Ok(Some(created));
        }
        let username = creator.username();
        let name = username.as_deref().unwrap_or(creator.name().as_str());
        // An id of the accounts file may be wrong until the target has stated the user.
        let creator_id = creator.user_id().filter(|_| username.is_some());
        self.check_new(&created.id, request, name, creator_id, room)?;
        let creation = RoomCreation {
            id: created.id.clone(),
            name: name_in(request),
            creator: creator.name().clone(),
            scenario: scenario.clone(),
        };
        if ledger.add(creation.clone(), Some(room)) {
            self.recorder().record(EventKind::RoomCreated(Box::new(creation)));
        }
        Ok(Some(created))
    }

    /// Takes a room for one that another process of the run created, if its fields show that `creator` created it with
    /// `request`. It may be written to; the other process archives it. `member` is an account of this process, and `creator` a
    /// username.
    ///
    /// # Errors
    /// If an account of this process could see the room before, or the fields do not show it.
    pub fn adopt_of_other_process(
        &self,
        member: &Actor,
        creator: &str,
        scenario: &ScenarioName,
        request: &Value,
        room: &Value,
    ) -> Result<Option<CreatedRoom>, NotOurs> {
        let Some(id) = room.get("id").and_then(Value::as_str) else { return Ok(None) };
        let created =
            CreatedRoom { id: id.into(), creator: member.clone(), scenario: scenario.clone() };
        self.check_new(&created.id, Some(request), creator, None, room)?;
        let creation = RoomCreation {
            id: created.id.clone(),
            name: name_in(Some(request)),
            creator: creator.into(),
            scenario: scenario.clone(),
        };
        self.ownership().add_of_other_process(creation, room);
        Ok(Some(created))
    }

    /// Checks that a room is new, and that `creator` created it with `request`.
    fn check_new(
        &self,
        id: &RoomId,
        request: Option<&Value>,
        creator: &str,
        creator_id: Option<UserId>,
        room: &Value,
    ) -> Result<(), NotOurs> {
        let ledger = self.ownership();
        if ledger.is_foreign(id) {
            return Err(NotOurs::Existed);
        }
        let expected = Expected {
            request,
            creator,
            creator_id,
            earliest: self.clock.earliest(ledger.began_at().unwrap_or(self.started_at)),
            knows_earlier_rooms: ledger.has_listed_all(),
        };
        expected.check(room)
    }
}

async fn create(creator: &Actor, scenario: &ScenarioName, request: Request) -> Creation {
    let body = match &request.body {
        Some(Body::Json(value)) => Some(value.clone()),
        _ => None,
    };
    let client = creator.client();
    let response = creator.call(scenario, request).await;
    if !is_answered(&response) {
        client.ownership().add_unanswered(UnansweredCreation {
            request: body.clone(),
            creator: creator.name().clone(),
            scenario: scenario.clone(),
        });
    }
    let room = match response.json.as_ref().filter(|_| response.is_success()) {
        Some(room) => client.adopt(creator, scenario, body.as_ref(), room),
        None => Ok(None),
    };
    if let (Err(reason), Some(id)) = (&room, response.text_at("/id")) {
        client.ownership().add_foreign(&id.into());
        if reason.is_existing() {
            client.recorder().record(EventKind::ExistingRoomReturned { room: id.into() });
        }
    }
    if room.is_err() && body.as_ref().and_then(|body| body["room_type"].as_str()) == Some("direct")
    {
        remember_pair(creator, body.as_ref());
    }
    Creation { response, room }
}

/// Remembers that the creator shares a room with the requested participant.
fn remember_pair(creator: &Actor, body: Option<&Value>) {
    let invited = body.and_then(|body| body["participant_ids"].as_array()).into_iter().flatten();
    let ids: Vec<i64> = invited.filter_map(Value::as_i64).collect();
    creator.client().ownership().add_shared(creator.name(), &ids);
}

/// Returns whether a response says whether there is a room: it was refused, or it has an id.
fn is_answered(response: &Response) -> bool {
    match response.status {
        Some(status) if response.is_success() => status == 204 || response.text_at("/id").is_some(),
        Some(status) => status < 500,
        None => response.failure.as_ref().is_none_or(|failure| !failure.maybe_done),
    }
}

fn name_in(body: Option<&Value>) -> Option<String> {
    body?.get("name")?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}
