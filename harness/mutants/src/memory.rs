//! State that a fault or a reading keeps while its server runs.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use hearback_reference::store::attachments::Attachment;
use hearback_reference::store::messages::Message;
use hearback_reference::timestamp::Timestamp;
use hearback_reference::users::UserId;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::race::Race;

/// The state of one fault or reading of one server.
#[derive(Default)]
pub(crate) struct Memory {
    occasions: AtomicU64,
    /// Number of responses that the fault could change so far.
    responses: AtomicU64,
    /// Texts, by the message that they belong to.
    pub(crate) texts: Notes<Uuid, String>,
    /// Files, by the message that they belong to.
    pub(crate) files: Notes<Uuid, Attachment>,
    /// Times of deletions, by message.
    pub(crate) deletions: Notes<Uuid, Timestamp>,
    /// Counts of a room, by user.
    pub(crate) counts: Notes<(Uuid, UserId), i64>,
    /// The last message of each room.
    pub(crate) previous: Notes<Uuid, String>,
    /// The senders of messages.
    pub(crate) senders: Notes<Uuid, UserId>,
    /// Messages that a user has just read, and the time.
    pub(crate) read: Mutex<Vec<(Uuid, UserId, Timestamp)>>,
    /// Time at which a user last opened a socket to a room.
    pub(crate) opened: Notes<(Uuid, UserId), Instant>,
    /// The access token of the last login of each user.
    pub(crate) logins: Notes<UserId, String>,
    /// Tokens that were replaced.
    pub(crate) replaced: Mutex<HashSet<String>>,
    /// Held by a request that is answered or executed, depending on what exists.
    pub(crate) exclusive: tokio::sync::Mutex<()>,
    /// Requests that run at the same time.
    pub(crate) race: Race,
}

impl Memory {
    /// Counts an occasion; true for every `every`-th.
    pub(crate) fn fires(&self, every: u64) -> bool {
        (self.occasions.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }

    /// Counts a response; returns the number of those before it.
    pub(crate) fn next_response(&self) -> u64 {
        self.responses.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps the text of a message that is about to be deleted.
    pub(crate) fn keep_text(&self, message: &Message) {
        self.texts.set(message.id, message.content.clone());
    }
}

/// Values by key.
pub(crate) struct Notes<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Notes<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Notes<K, V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: K) -> Option<V> {
        self.0.lock().get(&key).cloned()
    }

    /// Sets the value of a key and returns the previous one.
    pub(crate) fn set(&self, key: K, value: V) -> Option<V> {
        self.0.lock().insert(key, value)
    }

    /// All keys and values.
    pub(crate) fn entries(&self) -> Vec<(K, V)> {
        self.0.lock().iter().map(|(key, value)| (*key, value.clone())).collect()
    }
}
