//! Requests that read a state and write it back after another request has changed it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use hearback_reference::store::Store;
use hearback_reference::store::messages::Message;
use hearback_reference::users::UserId;
use parking_lot::Mutex;
use rusqlite::{Result, params};
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

/// Length of one tick of waiting.
const TICK: Duration = Duration::from_millis(2);

/// Maximum number of ticks that a request waits for another one to meet. Ticks, not a time: where
/// the processor is busy elsewhere, the client's second request is late, and so are the ticks.
const TICKS: u32 = 40;

/// A state that a request has read.
#[derive(Clone, Debug)]
pub(crate) enum Snapshot {
    /// The readers of a message.
    Readers(Vec<UserId>),
    /// The number of messages of a room.
    MessageCount(i64),
    /// None, for requests that only need to run at the same time.
    Nothing,
}

/// Requests for the same message or room that run at the same time.
#[derive(Default)]
pub(crate) struct Race {
    snapshots: Mutex<HashMap<(Uuid, UserId), Snapshot>>,
    waiting: Mutex<HashMap<Uuid, Arc<Notify>>>,
    /// Subjects about which two requests ran at the same time.
    met: Mutex<HashSet<Uuid>>,
}

impl Race {
    /// Keeps the state that a user's request has read.
    pub(crate) fn begin(&self, subject: Uuid, user: UserId, snapshot: Snapshot) {
        self.snapshots.lock().insert((subject, user), snapshot);
    }

    /// The state that the running request of a user has read.
    pub(crate) fn snapshot(&self, subject: Uuid, user: UserId) -> Option<Snapshot> {
        self.snapshots.lock().get(&(subject, user)).cloned()
    }

    /// Discards the state that a user's request has read.
    pub(crate) fn end(&self, subject: Uuid, user: UserId) {
        self.snapshots.lock().remove(&(subject, user));
    }

    /// Waits until another request for the same subject comes, or [`TICKS`] have passed.
    pub(crate) async fn meet(&self, subject: Uuid) {
        if !self.release(subject) {
            self.wait(subject).await;
        }
    }

    /// Ends the waiting of another request for the same subject, and waits for what it does.
    pub(crate) async fn wait_for_other(&self, subject: Uuid) {
        self.release(subject);
        self.wait(subject).await;
    }

    /// Waits for a request that outlasts this one, unless such a request has begun: then it waits for this one.
    pub(crate) async fn hold(&self, subject: Uuid) {
        if !self.is_awaited(subject) {
            self.wait(subject).await;
        }
    }

    /// True if a request that outlasts others for this subject has begun.
    pub(crate) fn is_awaited(&self, subject: Uuid) -> bool {
        self.snapshots.lock().keys().any(|(other, _)| *other == subject)
    }

    /// Waits until [`Self::release`] is called for the subject, or [`TICKS`] have passed.
    async fn wait(&self, subject: Uuid) {
        let own = Arc::new(Notify::new());
        self.waiting.lock().insert(subject, Arc::clone(&own));
        for _ in 0..TICKS {
            if timeout(TICK, own.notified()).await.is_ok() {
                return;
            }
        }
        let mut waiting = self.waiting.lock();
        if waiting.get(&subject).is_some_and(|other| Arc::ptr_eq(other, &own)) {
            waiting.remove(&subject);
        }
    }

    /// True if two requests for this subject ran at the same time.
    pub(crate) fn has_met(&self, subject: Uuid) -> bool {
        self.met.lock().contains(&subject)
    }

    /// Ends the waiting of a request for this subject; false if none waits.
    pub(crate) fn release(&self, subject: Uuid) -> bool {
        let waiting = self.waiting.lock().remove(&subject);
        if let Some(other) = &waiting {
            self.met.lock().insert(subject);
            other.notify_one();
        }
        waiting.is_some()
    }
}

/// The readers of a message.
pub(crate) fn readers(store: &Store, message: Uuid) -> Result<Option<Snapshot>> {
    Ok(Some(Snapshot::Readers(store.readers(message)?.into_keys().collect())))
}

/// No state.
pub(crate) fn nothing(_: &Store, _: Uuid) -> Result<Option<Snapshot>> {
    Ok(Some(Snapshot::Nothing))
}

/// The number of messages of a room.
pub(crate) fn message_count(store: &Store, room: Uuid) -> Result<Option<Snapshot>> {
    Ok(store.room(room)?.map(|room| Snapshot::MessageCount(room.message_count)))
}

/// Restores the readers that a request has read, and adds its own user.
pub(crate) fn restore_readers(
    store: &Store,
    message: &Message,
    snapshot: Option<Snapshot>,
    user: UserId,
) -> Result<()> {
    let Some(Snapshot::Readers(readers)) = snapshot else { return Ok(()) };
    for reader in store.readers(message.id)?.into_keys() {
        if reader != user && !readers.contains(&reader) {
            let sql = "DELETE FROM receipts WHERE message = ? AND reader = ?";
            store.execute(sql, params![message.id, reader])?;
        }
    }
    Ok(())
}

/// Restores the number of messages that a request has read, and adds its own message.
pub(crate) fn restore_message_count(
    store: &Store,
    message: &Message,
    snapshot: Option<Snapshot>,
) -> Result<()> {
    let Some(Snapshot::MessageCount(count)) = snapshot else { return Ok(()) };
    let sql = "UPDATE rooms SET message_count = ? WHERE id = ?";
    store.execute(sql, params![count + 1, message.room]).map(drop)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn two_requests_for_the_same_subject_meet() {
        let race = Race::default();
        let subject = Uuid::new_v4();
        let started = Instant::now();
        assert!(!race.has_met(subject));
        tokio::join!(race.meet(subject), race.meet(subject));
        assert!(race.has_met(subject));
        assert_eq!(started.elapsed(), Duration::ZERO, "neither waits");
        assert!(race.waiting.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_request_meets_the_one_that_outlasts_it_in_either_order() {
        for is_held_first in [true, false] {
            let race = Race::default();
            let (subject, user): (_, UserId) = (Uuid::new_v4(), 1);
            let held = async {
                race.hold(subject).await;
                race.release(subject);
            };
            let outlasting = async {
                race.begin(subject, user, Snapshot::MessageCount(0));
                race.wait_for_other(subject).await;
                race.end(subject, user);
            };
            let started = Instant::now();
            match is_held_first {
                true => drop(tokio::join!(biased; held, outlasting)),
                false => drop(tokio::join!(biased; outlasting, held)),
            }
            assert_eq!(started.elapsed(), Duration::ZERO, "neither waits in vain");
            assert!(race.waiting.lock().is_empty());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_for_different_subjects_do_not_meet() {
        let race = Race::default();
        let started = Instant::now();
        tokio::join!(race.meet(Uuid::new_v4()), race.meet(Uuid::new_v4()));
        assert!(started.elapsed() >= TICK * TICKS);
        assert!(race.waiting.lock().is_empty());
    }
}
