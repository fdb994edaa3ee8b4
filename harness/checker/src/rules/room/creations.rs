//! Requests for rooms, and the user ids that certainly exist or certainly do not.

use std::collections::BTreeSet;

use ahash::AHashSet;
use hearback_contract::{Operation, UserId};
use hearback_history::{Call, History};
use serde_json::{Map, Value};

/// Fields in the examples of the specification.
const DOCUMENTED: [&str; 5] = ["name", "room_type", "task", "property", "participant_ids"];

/// Maximum length of an ordinary name, in characters; the specification gives no maximum.
const ORDINARY_NAME: usize = 100;

/// A request for a room with a valid token and a JSON object.
pub(crate) struct Creation<'h> {
    pub(crate) call: &'h Call,
    pub(crate) request: &'h Map<String, Value>,
    /// User id of the creator, if it is known.
    pub(crate) creator: Option<UserId>,
    /// The requested participants: empty if absent, `None` if it is not a list of integers.
    pub(crate) requested: Option<Vec<UserId>>,
    /// True if the response is a room that existed before the run.
    pub(crate) returns_existing: bool,
}

/// Returns every request for a room, in the order of the history.
pub(crate) fn creations(history: &History) -> impl Iterator<Item = Creation<'_>> {
    history
        .calls_of(Operation::RoomsCreate)
        .filter(|call| call.is_authorized() && call.status() != Some(401))
        .filter(|call| {
            let content_type = call.invocation.content_type.as_deref();
            content_type.is_some_and(|name| name.starts_with("application/json"))
        })
        .filter_map(|call| {
            let request = call.request.as_ref()?.as_object()?;
            let requested = match request.get("participant_ids") {
                None => Some(Vec::new()),
                Some(ids) => ids
                    .as_array()
                    .and_then(|ids| ids.iter().map(UserId::from_json).collect::<Option<Vec<_>>>()),
            };
            let creator = history.user_id(&call.invocation.actor);
            let id = call.success().and_then(|room| room.get("id")?.as_str());
            let returns_existing = id.is_some_and(|id| history.existing_rooms.contains(id));
            Some(Creation { call, request, creator, requested, returns_existing })
        })
}

/// Returns the user ids of all actors of the run, which certainly exist.
pub(crate) fn known_users(history: &History) -> AHashSet<UserId> {
    history.actors.values().filter_map(|actor| actor.user_id).collect()
}

impl Creation<'_> {
    /// Returns the requested type, if it is a string.
    pub(crate) fn room_type(&self) -> Option<&str> {
        self.request.get("room_type")?.as_str()
    }

    /// Returns the requested participants without the creator, each once. `None` if they are not a list
    /// of integers.
    pub(crate) fn others(&self) -> Option<BTreeSet<UserId>> {
        let requested = self.requested.as_ref()?.iter().copied();
        Some(requested.filter(|user| Some(*user) != self.creator).collect())
    }

    /// Returns whether all requested participants certainly exist.
    pub(crate) fn participants_exist(&self, known: &AHashSet<UserId>) -> bool {
        self.creator.is_some()
            && self
                .requested
                .as_ref()
                .is_some_and(|requested| requested.iter().all(|user| known.contains(user)))
    }

    /// Returns whether a server has no reason to reject the request, except that it names no type.
    pub(crate) fn is_untyped_ordinary(&self, known: &AHashSet<UserId>) -> bool {
        !self.request.contains_key("room_type") && self.is_ordinary(None, known)
    }

    /// Returns whether a server has no reason to reject the request, except for its `subject`.
    pub(crate) fn is_ordinary(&self, subject: Option<&str>, known: &AHashSet<UserId>) -> bool {
        let participants_are_distinct = self.others().map(|others| others.len())
            == self.requested.as_ref().map(Vec::len)
            && self.requested.as_ref().is_some_and(|requested| !requested.is_empty());
        let is_plain = |name: &str, value: &Value| match name {
            "name" => value.as_str().is_some_and(|name| {
                !name.trim().is_empty()
                    && name.chars().count() <= ORDINARY_NAME
                    && !name.chars().any(char::is_control)
            }),
            "task" | "property" => value.is_null() || Some(name) == subject,
            _ => DOCUMENTED.contains(&name),
        };
        participants_are_distinct
            && self.participants_exist(known)
            && self.request.iter().all(|(name, value)| is_plain(name, value))
    }
}

/// Smallest user id that is certainly unused, if it is also beyond twice the largest known id.
const FIRST_UNUSED_ID: i64 = 1_000_000;

/// Returns the smallest user id that is certainly unused.
pub(crate) fn first_unused_id(history: &History) -> UserId {
    let largest = known_users(history).into_iter().max().map_or(0, UserId::get);
    UserId::new(FIRST_UNUSED_ID.max(largest.saturating_mul(2)))
}
