//! Cleanup: archives the rooms that a run created, and finds out which of them are still active.

pub(crate) mod journal;
mod room;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use hearback_client::{Actor, Client, RoomStatus, UnansweredCreation, list_rooms};
use hearback_contract::RoomId;
use hearback_history::{ActorName, EventKind, OrphanedRoom};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The scenario under which the cleanup is recorded.
pub(crate) const SCENARIO: &str = "cleanup";

/// Rooms that are cleaned up at the same time.
const CONCURRENCY: usize = 8;

/// Rooms in a row that could not be read, after which the target is taken to be gone.
const MAX_UNREADABLE: usize = CONCURRENCY;

/// Maximum duration of a cleanup of few rooms.
const LONGEST: Duration = Duration::from_secs(60);

/// Additional duration per room.
const PER_ROOM: Duration = Duration::from_millis(100);

/// Maximum duration after an interruption.
const LONGEST_INTERRUPTED: Duration = Duration::from_secs(20);

/// Archives every room that the client's run created, and returns those that are still active, or whose state
/// could not be read. The result is recorded.
///
/// `actors` are the accounts of the run. Ends after a bounded time, sooner after `cancellation`.
pub(crate) async fn clean_up(
    actors: &[Actor],
    cancellation: &CancellationToken,
) -> Vec<OrphanedRoom> {
    let Some(first) = actors.first() else { return Vec::new() };
    let cleanup = Cleanup {
        client: first.client(),
        actors,
        deadline: Instant::now() + deadline(first.client(), cancellation),
        verified: Mutex::default(),
        unreadable: AtomicUsize::new(0),
    };
    tokio::select! {
        () = cleanup.archive_all() => {}
        () = tokio::time::sleep_until(cleanup.deadline) => {}
        () = interrupted(cancellation) => {}
    }
    let left = cleanup.left();
    tracing::info!(left = left.len(), "cleaned up");
    first.client().recorder().record(EventKind::CleanedUp { left: left.clone() });
    left
}

fn deadline(client: &Client, cancellation: &CancellationToken) -> Duration {
    if cancellation.is_cancelled() {
        return LONGEST_INTERRUPTED;
    }
    let rooms = u32::try_from(client.ownership().rooms().len()).unwrap_or(u32::MAX);
    LONGEST + PER_ROOM.saturating_mul(rooms)
}

/// Completes some time after the interruption.
async fn interrupted(cancellation: &CancellationToken) {
    cancellation.cancelled().await;
    tokio::time::sleep(LONGEST_INTERRUPTED).await;
}

/// Returns whether the participants of a room are its creator and the requested users.
fn has_members(room: &Value, creator: &Actor, request: Option<&Value>) -> bool {
    let ids = |values: Option<&Value>, id: fn(&Value) -> Option<i64>| -> HashSet<i64> {
        values.and_then(Value::as_array).into_iter().flatten().filter_map(id).collect()
    };
    let stated = ids(room.get("participants"), |it| it.pointer("/user/id")?.as_i64());
    let mut requested = ids(request.and_then(|it| it.get("participant_ids")), Value::as_i64);
    requested.extend(creator.user_id().map(|id| id.get()));
    stated == requested
}

struct Cleanup<'a> {
    client: &'a Client,
    actors: &'a [Actor],
    deadline: Instant,
    /// Rooms that were read and are active.
    verified: Mutex<HashSet<RoomId>>,
    /// Number of rooms in a row that could not be read.
    unreadable: AtomicUsize,
}

impl Cleanup<'_> {
    async fn archive_all(&self) {
        let ledger = self.client.ownership();
        ledger.all_created().await;
        stream::iter(ledger.unanswered())
            .for_each_concurrent(CONCURRENCY, |creation| async move {
                if !self.is_gone() {
                    self.find(&creation).await;
                }
            })
            .await;
        let active: Vec<_> =
            ledger.rooms().into_iter().filter(|it| it.status == RoomStatus::Active).collect();
        stream::iter(active)
            .for_each_concurrent(CONCURRENCY, |room| async move {
                if !self.is_gone() {
                    self.settle(&room.creation).await;
                }
            })
            .await;
    }

    /// Returns whether the target is taken to be gone: it must not delay the end of the run.
    fn is_gone(&self) -> bool {
        self.unreadable.load(Ordering::Relaxed) >= MAX_UNREADABLE
    }

    /// Finds the room of an unanswered creation in the list of its creator.
    async fn find(&self, creation: &UnansweredCreation) {
        let ledger = self.client.ownership();
        let Some(creator) = self.actor(&creation.creator) else { return };
        let (rooms, is_complete) = list_rooms(creator, &SCENARIO.into()).await;
        match is_complete || !rooms.is_empty() {
            true => self.unreadable.store(0, Ordering::Relaxed),
            false => _ = self.unreadable.fetch_add(1, Ordering::Relaxed),
        }
        let is_candidate = |room: &&Value| match creation.name() {
            Some(name) => ["name", "display_name"].iter().any(|field| room[*field] == name),
            None => true,
        };
        let mut is_resolved = is_complete;
        for room in rooms.iter().filter(is_candidate) {
            let Some(id) = room["id"].as_str().map(RoomId::from) else { continue };
            if ledger.is_foreign(&id) || ledger.owns(&id) {
                continue;
            }
            let details = self.get(creator, &id).await;
            match details.json.filter(|_| details.status == Some(200)) {
                // Without a name, only the members distinguish it from a room that someone else created meanwhile.
                Some(details)
                    if creation.name().is_none()
                        && !has_members(&details, creator, creation.request.as_ref()) => {}
                Some(details) => {
                    let request = creation.request.as_ref();
                    // A room that the run did not create stays as it is.
                    let _adopted =
                        self.client.adopt(creator, &creation.scenario, request, &details);
                }
                None => is_resolved = false,
            }
        }
        if is_resolved {
            ledger.resolve_unanswered(creation);
        }
    }

    fn actor(&self, name: &ActorName) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name() == name)
    }

    /// The rooms that are or may be active.
    fn left(&self) -> Vec<OrphanedRoom> {
        let ledger = self.client.ownership();
        let verified = self.verified.lock();
        let rooms = ledger.rooms().into_iter().filter(|it| it.status == RoomStatus::Active);
        let known = rooms.map(|room| OrphanedRoom {
            is_verified: verified.contains(&room.creation.id),
            id: Some(room.creation.id),
            name: room.creation.name,
            creator: room.creation.creator,
        });
        let unanswered = ledger.unanswered().into_iter().map(|creation| OrphanedRoom {
            id: None,
            name: creation.name().map(str::to_owned),
            creator: creation.creator.clone(),
            is_verified: false,
        });
        known.chain(unanswered).collect()
    }
}
