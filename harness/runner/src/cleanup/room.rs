//! The cleanup of one room: as its creator, as any other admin, or after the creator rejoined.

use std::sync::atomic::Ordering;

use hearback_client::{Actor, Request, Response, RoomStatus};
use hearback_contract::{Operation, RoomId};
use hearback_history::RoomCreation;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Cleanup, SCENARIO};

/// Maximum number of accounts that try to read a room.
const MAX_READERS: usize = 32;

/// The state of a room according to its reading.
enum Reading {
    /// The room is active; its details.
    Active(Value),
    /// The room is archived.
    Archived,
    /// No account can read the room.
    Gone,
    /// The target gave no answer that says it.
    Unknown,
}

impl Cleanup<'_> {
    /// Archives a room, or finds out that it is gone.
    pub(super) async fn settle(&self, room: &RoomCreation) {
        let id = &room.id;
        let creator = self.actor(&room.creator);
        if let Some(creator) = creator
            && self.archive(creator, id).await
        {
            return;
        }
        let Some(details) = self.active(room).await else { return };
        let admins = self.admins(&details);
        for admin in &admins {
            if self.archive(admin, id).await {
                return;
            }
        }
        // Some targets let only the creator archive, who may have left.
        if let Some((creator, admin)) = creator.zip(admins.first())
            && creator.name() != admin.name()
            && let Some(user) = creator.user_id()
        {
            let body = json!({"room": id.as_str(), "user": user, "is_admin": true});
            let request = Request::new(Operation::ParticipantsAdd).json(body);
            if self.call(admin, request).await.is_success() && self.archive(creator, id).await {
                return;
            }
        }
        if self.active(room).await.is_some() {
            self.verified.lock().insert(room.id.clone());
        }
    }

    /// The details of a room that is active; the ledger learns if it is not.
    async fn active(&self, room: &RoomCreation) -> Option<Value> {
        let ledger = self.client.ownership();
        let reading = self.read(room).await;
        match reading {
            Reading::Unknown => self.unreadable.fetch_add(1, Ordering::Relaxed),
            _ => self.unreadable.swap(0, Ordering::Relaxed),
        };
        match reading {
            Reading::Active(details) => {
                self.verified.lock().insert(room.id.clone());
                return Some(details);
            }
            Reading::Archived => ledger.set_status(&room.id, RoomStatus::Archived),
            Reading::Gone => ledger.set_status(&room.id, RoomStatus::Gone),
            Reading::Unknown => false,
        };
        None
    }

    /// Reads a room as its creator, or as the first account that can.
    async fn read(&self, room: &RoomCreation) -> Reading {
        let creator = self.actor(&room.creator);
        let others = self.actors.iter().filter(|actor| *actor.name() != room.creator);
        let mut is_gone = true;
        for reader in creator.into_iter().chain(others).take(MAX_READERS) {
            let response = self.get(reader, &room.id).await;
            match (response.status, response.json) {
                (Some(200), Some(details)) => {
                    return match details.get("is_active") {
                        Some(Value::Bool(false)) => Reading::Archived,
                        _ => Reading::Active(details),
                    };
                }
                (Some(403 | 404 | 410), _) => {}
                (Some(_), _) => is_gone = false,
                // A target that does not answer one account does not answer the others.
                (None, _) => return Reading::Unknown,
            }
        }
        if is_gone { Reading::Gone } else { Reading::Unknown }
    }

    /// The accounts of the run that are admins of a room.
    fn admins(&self, details: &Value) -> Vec<Actor> {
        let participants = details["participants"].as_array().into_iter().flatten();
        let is_admin = |it: &&Value| {
            it["is_admin"].as_bool() == Some(true) && it.get("left_at").is_none_or(Value::is_null)
        };
        participants
            .filter(is_admin)
            .filter_map(|participant| {
                let user = participant.get("user")?;
                let id = user.get("id").unwrap_or(user).as_i64();
                let name = user.get("username").and_then(Value::as_str);
                self.actors.iter().find(|actor| match (actor.user_id(), id) {
                    (Some(known), Some(id)) => known.get() == id,
                    _ => name == Some(actor.name().as_str()),
                })
            })
            .cloned()
            .collect()
    }

    /// Returns whether the room is archived now.
    async fn archive(&self, actor: &Actor, id: &RoomId) -> bool {
        let request = Request::new(Operation::RoomsArchive).path(id.as_str());
        let is_success = self.call(actor, request).await.is_success();
        // A response can say that the room is still active.
        is_success && self.client.ownership().status(id) == Some(RoomStatus::Archived)
    }

    pub(super) async fn get(&self, actor: &Actor, id: &RoomId) -> Response {
        self.call(actor, Request::new(Operation::RoomsGet).path(id.as_str())).await
    }

    /// Sends a request, and again after throttling that ends before the deadline.
    ///
    /// The client does not wait, if the run was interrupted.
    async fn call(&self, actor: &Actor, request: Request) -> Response {
        loop {
            let response = actor.call(&SCENARIO.into(), request.clone()).await;
            let delay = self.client.throttled_for(actor.name());
            let is_over = delay.is_zero() || Instant::now() + delay > self.deadline;
            if response.status.is_some() || is_over {
                return response;
            }
            sleep(delay).await;
        }
    }
}
