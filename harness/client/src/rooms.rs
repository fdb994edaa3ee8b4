//! Rooms that a run creates, and archives again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hearback_contract::{Operation, RoomId};
use hearback_history::ScenarioName;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::RwLock;

use crate::actor::Actor;
use crate::rest::{Request, Response};

/// Rooms archived at the same time.
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
    /// Sends a request that creates a room, and registers the room if the response says that it is new.
    ///
    /// The request runs on a task of its own: a caller that is cancelled does not lose the room. A direct room
    /// that existed before (status 200) is not registered.
    pub async fn create(
        &self,
        actor: &Actor,
        scenario: &ScenarioName,
        request: Request,
    ) -> Response {
        let (inner, creator, scenario) = (self.inner.clone(), actor.clone(), scenario.clone());
        let in_progress = self.inner.creating.clone().read_owned().await;
        let creation = tokio::spawn(async move {
            let _in_progress = in_progress;
            let response = creator.call(&scenario, request).await;
            let is_new =
                response.status == Some(201) || response.at("/room_type") != Some(&json!("direct"));
            if let Some(id) = response.text_at("/id").filter(|_| is_new && response.is_success()) {
                inner.rooms.lock().push(CreatedRoom { id: id.into(), creator, scenario });
            }
            response
        });
        match creation.await {
            Ok(response) => response,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }

    /// The rooms that are registered, in the order of their creation.
    pub fn rooms(&self) -> Vec<CreatedRoom> {
        self.inner.rooms.lock().clone()
    }

    /// Archives every registered room. Creations in progress are awaited first, for at most `timeout`.
    ///
    /// Ends early if the target no longer responds. The history names the rooms that were not archived.
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
    async fn archive(&self) -> Response {
        let request = Request::new(Operation::RoomsArchive).path(self.id.as_str());
        self.creator.call(&self.scenario, request).await
    }
}
