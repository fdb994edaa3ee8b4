//! Rooms that several workers share: what the workers exchange about them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use hearback_contract::{RoomId, UserId};
use hearback_history::Nanoseconds;
use hearback_stats::SendLog;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Plan, PlannedRoom};

/// Values that the workers of a run share by name.
pub trait SharedValues: Send + Sync {
    /// Stores a value.
    fn put(&self, name: String, value: Value) -> BoxFuture<'_, Result<(), String>>;

    /// Waits until a value is stored, and returns it.
    fn get(&self, name: String) -> BoxFuture<'_, Result<Value, String>>;
}

/// A room that another worker created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomOfOther {
    /// Its id at the target.
    pub id: RoomId,
    /// Username of the account that created it.
    pub creator: String,
}

/// By number of the room in the whole run.
pub type ByRoom<T> = BTreeMap<usize, T>;

/// The exchange of one worker with those that share a room with it.
#[derive(Clone)]
pub struct Exchange {
    /// Index of the worker.
    pub worker: usize,
    /// The shared values.
    pub values: Arc<dyn SharedValues>,
}

impl Exchange {
    /// Shares the users of this worker's part of each room that it does not create.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn put_users(&self, users: &ByRoom<Vec<UserId>>) -> Result<(), String> {
        self.put("users", users).await
    }

    /// The users of the other parts of a room.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn users(&self, room: &PlannedRoom) -> Result<Vec<UserId>, String> {
        let mut users = Vec::new();
        for worker in self.others(room) {
            let of_worker: ByRoom<Vec<UserId>> = self.get("users", worker).await?;
            users.extend(of_worker.get(&room.number).into_iter().flatten());
        }
        Ok(users)
    }

    /// Shares the rooms that this worker created.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn put_rooms(&self, rooms: &ByRoom<RoomOfOther>) -> Result<(), String> {
        self.put("rooms", rooms).await
    }

    /// A room that another worker creates.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn room(&self, room: &PlannedRoom) -> Result<RoomOfOther, String> {
        let owner = room.workers.first().copied().unwrap_or_default();
        let mut rooms: ByRoom<RoomOfOther> = self.get("rooms", owner).await?;
        rooms.remove(&room.number).ok_or_else(|| format!("room {} was not created", room.number))
    }

    /// Shares the messages that this worker sent to shared rooms.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn put_sends(&self, sends: &ByRoom<SendLog>) -> Result<(), String> {
        self.put("sends", sends).await
    }

    /// The messages that each worker sent to the shared rooms of a plan, by room and part; `None` for this worker's own.
    ///
    /// # Errors
    /// If those of a worker cannot be read.
    pub async fn sends(&self, plan: &Plan) -> Result<ByRoom<Vec<Option<SendLog>>>, String> {
        let mut of_workers: BTreeMap<usize, ByRoom<SendLog>> = BTreeMap::new();
        let shared = plan.rooms.iter().filter(|room| room.share.is_partial());
        for worker in shared.clone().flat_map(|room| self.others(room)) {
            if let Entry::Vacant(entry) = of_workers.entry(worker) {
                entry.insert(self.get("sends", worker).await?);
            }
        }
        let mut sends = ByRoom::new();
        for room in shared {
            let logs = room.workers.iter().map(|worker| match *worker == self.worker {
                true => Ok(None),
                false => {
                    let log = of_workers.get_mut(worker).and_then(|it| it.remove(&room.number));
                    log.map(Some).ok_or_else(|| missing(*worker, "its messages"))
                }
            });
            sends.insert(room.number, logs.collect::<Result<_, String>>()?);
        }
        Ok(sends)
    }

    fn others(&self, room: &PlannedRoom) -> impl Iterator<Item = usize> {
        room.workers.iter().copied().filter(move |worker| *worker != self.worker)
    }

    async fn put(&self, kind: &str, value: &ByRoom<impl Serialize + Sync>) -> Result<(), String> {
        // A worker without shared rooms of a kind is not asked for them.
        if value.is_empty() {
            return Ok(());
        }
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        self.values.put(format!("{kind}-{}", self.worker), value).await
    }

    async fn get<T: DeserializeOwned>(&self, kind: &str, worker: usize) -> Result<T, String> {
        let value = self.values.get(format!("{kind}-{worker}")).await?;
        serde_json::from_value(value).map_err(|error| missing(worker, &error.to_string()))
    }
}

fn missing(worker: usize, values: &str) -> String {
    format!("worker {} did not report {values}", worker + 1)
}

/// The common start of all workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The start on the monotonic clock of this machine ([`machine::monotonic`](crate::machine::monotonic)).
    pub at: Nanoseconds,
    /// Bound of the error of a time of another worker's clock; `None` if the clocks could not be compared.
    pub error: Option<Nanoseconds>,
}
