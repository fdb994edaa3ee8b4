//! The requests that members make. Section *Best Practices*.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hearback_client::{Actor, Request};
use hearback_contract::Operation;
use hearback_history::{CredentialKind, ScenarioName};
use hearback_stats::ErrorKind;
use tokio::time::Instant;

use super::Swarm;
use super::requests::Row;

/// Section *Message Pagination*.
const PAGE: usize = 50;
/// Pages that a scroller looks at before it has had enough.
const PAGES: usize = 5;

impl Swarm {
    /// Makes a request, timed and counted.
    async fn request(
        &self,
        room: usize,
        actor: &Actor,
        scenario: &ScenarioName,
        request: Request,
    ) -> bool {
        let operation = request.operation;
        let started = Instant::now();
        let response = actor.call(scenario, request).await;
        let latency = started.elapsed();
        let failure = match (&response.error, response.status) {
            (Some(error), _) => Some(error.clone()),
            (None, _) if response.is_success() => None,
            (None, _) => Some(response.describe(100)),
        };
        if let Some(failure) = &failure {
            let kind = response.failure.as_ref().map(|failure| failure.kind);
            let kind = match (response.status, kind) {
                (Some(_), _) => ErrorKind::RequestRejected,
                (None, Some(hearback_client::FailureKind::TimedOut)) => ErrorKind::RequestTimedOut,
                (None, Some(hearback_client::FailureKind::Throttled)) => {
                    ErrorKind::RequestThrottled
                }
                (None, None) if failure.contains("throttled") => ErrorKind::RequestThrottled,
                (None, _) => ErrorKind::RequestFailed,
            };
            self.error(room, kind, failure);
        }
        self.shard(room).lock().second.requests += 1;
        let ok = failure.is_none();
        let (method, name) = (operation.spec().method.as_str(), operation.id());
        let row = Row { method, name, latency, status: response.status, failure };
        self.requests.note(operation, row);
        ok
    }

    /// The newest page of a room's messages: what a client does after it was away. Section *Offline Support*.
    pub(super) fn catch_up(self: &Arc<Self>, place: usize) {
        let (swarm, place) = (Arc::clone(self), *self.planned(place));
        tokio::spawn(async move {
            let room = &swarm.rooms[place.room];
            let request = page(room.id.as_str(), 1);
            swarm.request(place.room, &swarm.actors[place.account], &room.scenario, request).await;
        });
    }

    /// Walks back through a room's messages, page by page.
    pub(super) fn scroll(self: &Arc<Self>, place: usize) {
        let (swarm, place) = (Arc::clone(self), *self.planned(place));
        tokio::spawn(async move {
            let room = &swarm.rooms[place.room];
            let actor = &swarm.actors[place.account];
            let messages = room.ledger.lock().counts().messages as usize;
            // Pages beyond the last one would be refused, rightly.
            let pages = messages.div_ceil(PAGE).clamp(1, PAGES);
            for number in 1..=pages {
                let request = page(room.id.as_str(), number);
                if swarm.is_stopping()
                    || !swarm.request(place.room, actor, &room.scenario, request).await
                {
                    return;
                }
            }
        });
    }

    /// What a newcomer does before it joins: it logs in, lists its rooms, and looks at this one.
    pub(super) async fn look_around(&self, place: usize) {
        let place = self.planned(place);
        let room = &self.rooms[place.room];
        let actor = &self.actors[place.account];
        let log_in = actor.token_request(Operation::TokenObtain, CredentialKind::Access);
        let requests = [
            // An account with a ready token has nothing to log in with.
            log_in.ok(),
            Some(Request::new(Operation::RoomsList)),
            Some(Request::new(Operation::RoomsGet).path(room.id.as_str())),
        ];
        for request in requests.into_iter().flatten() {
            if !self.request(place.room, actor, &room.scenario, request).await {
                return;
            }
        }
    }

    /// Latencies are kept of messages due from then on.
    pub(super) fn measures_from(&self) -> u64 {
        self.measured_from.load(Ordering::Relaxed)
    }
}

fn page(room: &str, number: usize) -> Request {
    Request::new(Operation::MessagesList)
        .query("room", room)
        .query("ordering", "-created_at")
        .query("page_size", PAGE.to_string())
        .query("page", number.to_string())
}
