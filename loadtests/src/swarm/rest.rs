//! The requests that members make. Section *Best Practices*.

use std::sync::Arc;

use hearback_client::{FailureKind, Request, Response};
use hearback_contract::Operation;
use hearback_history::CredentialKind;
use hearback_stats::ErrorKind;
use tokio::time::Instant;

use super::Swarm;
use super::requests::GooseRow;
use crate::plan::PlannedMember;

/// Page size. Section *Message Pagination*.
const PAGE_SIZE: usize = 50;
/// Maximum number of pages that a scroller reads at once.
const MAX_PAGES: usize = 5;

impl Swarm {
    /// Makes a request, records it, and returns whether it succeeded.
    async fn request(&self, member: &PlannedMember, request: Request) -> bool {
        let operation = request.operation;
        let started = Instant::now();
        let response = self.actor(member).call(&self.rooms[member.room].scenario, request).await;
        let latency = started.elapsed();
        let failure = match (&response.error, response.status) {
            (Some(error), _) => Some(error.clone()),
            (None, _) if response.is_success() => None,
            (None, _) => Some(response.describe(100)),
        };
        if let Some(failure) = &failure {
            self.record_error(member.room, error_kind(&response), failure);
        }
        self.shard(member.room).lock().second.requests += 1;
        let is_success = failure.is_none();
        let (method, name) = (operation.spec().method.as_str(), operation.id());
        let row = GooseRow { method, name, latency, status: response.status, failure };
        self.requests.record(operation, row);
        is_success
    }

    /// Reads the newest page of messages, as a client does after it was offline. Section *Offline Support*.
    pub(super) fn catch_up(self: &Arc<Self>, member: usize) {
        let (swarm, member) = (Arc::clone(self), *self.planned(member));
        tokio::spawn(async move {
            let request = page(swarm.rooms[member.room].id.as_str(), 1);
            swarm.request(&member, request).await;
        });
    }

    /// Reads the history page by page.
    pub(super) fn scroll(self: &Arc<Self>, member: usize) {
        let (swarm, member) = (Arc::clone(self), *self.planned(member));
        tokio::spawn(async move {
            let room = &swarm.rooms[member.room];
            let messages = room.ledger.lock().counts().messages as usize;
            // A correct target rejects pages beyond the last one.
            let pages = messages.div_ceil(PAGE_SIZE).clamp(1, MAX_PAGES);
            for number in 1..=pages {
                let request = page(room.id.as_str(), number);
                if swarm.is_stopping() || !swarm.request(&member, request).await {
                    return;
                }
            }
        });
    }

    /// Makes the requests of a newcomer before it connects: log in, list rooms, read the room.
    pub(super) async fn prepare_newcomer(&self, member: usize) {
        let member = self.planned(member);
        let login =
            self.actor(member).token_request(Operation::TokenObtain, CredentialKind::Access);
        let requests = [
            // Accounts with a configured token cannot log in.
            login.ok(),
            Some(Request::new(Operation::RoomsList)),
            Some(Request::new(Operation::RoomsGet).path(self.rooms[member.room].id.as_str())),
        ];
        for request in requests.into_iter().flatten() {
            if !self.request(member, request).await {
                return;
            }
        }
    }
}

/// The kind of error of an unsuccessful response.
fn error_kind(response: &Response) -> ErrorKind {
    match (response.status, response.failure.as_ref().map(|failure| failure.kind)) {
        (Some(_), _) => ErrorKind::RequestRejected,
        (None, Some(FailureKind::TimedOut)) => ErrorKind::RequestTimedOut,
        (None, Some(FailureKind::Throttled)) => ErrorKind::RequestThrottled,
        (None, _) => ErrorKind::RequestFailed,
    }
}

fn page(room: &str, number: usize) -> Request {
    Request::new(Operation::MessagesList)
        .query("room", room)
        .query("ordering", "-created_at")
        .query("page_size", PAGE_SIZE.to_string())
        .query("page", number.to_string())
}
