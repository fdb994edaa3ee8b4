//! creations

use std::collections::BTreeSet;

use ahash::AHashSet;
use hearback_contract::{Operation, UserId};
use hearback_history::{Call, History};
use serde_json::{Map, Value};

/// Members that the document's examples of the request have.
pub(super) const DOCUMENTED: [&str; 5] =
    ["name", "room_type", "task", "property", "participant_ids"];

/// Longest name that no server may mind; the document gives no maximum.
pub(super) const UNSUSPECTED_NAME: usize = 100;

/// A request for a room that shows a valid token and is a JSON object.
pub(super) struct Creation<'h> {
    /// The call.
    pub(super) call: &'h Call,
    /// Its body.
    pub(super) request: &'h Map<String, Value>,
    /// Who asks, where that is known.
    pub(super) creator: Option<i64>,
    /// The participants asked for; none if absent, `None` if that is not a list of integers.
    pub(super) asked: Option<Vec<i64>>,
}

/// Every request for a room, in the order of the record.
pub(super) fn creations(history: &History) -> impl Iterator<Item = Creation<'_>> {
    history
        .calls_of(Operation::RoomsCreate)
        .filter(|call| call.is_authorized() && call.status() != Some(401))
        .filter(|call| {
            let content_type = call.invocation.content_type.as_deref();
            content_type.is_some_and(|name| name.starts_with("application/json"))
        })
        .filter_map(|call| {
            let request = call.request.as_ref()?.as_object()?;
            let asked = match request.get("participant_ids") {
                None => Some(Vec::new()),
                Some(ids) => ids
                    .as_array()
                    .and_then(|ids| ids.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()),
            };
            let creator = history.user_id(&call.invocation.actor).map(UserId::get);
            Some(Creation { call, request, creator, asked })
        })
}

/// User ids of everybody who takes part in the run: users that surely exist.
pub(in crate::rules) fn known_users(history: &History) -> AHashSet<i64> {
    history.actors.values().filter_map(|actor| actor.user_id.map(UserId::get)).collect()
}

impl Creation<'_> {
    /// The type asked for, if it is a text.
    pub(super) fn room_type(&self) -> Option<&str> {
        self.request.get("room_type")?.as_str()
    }

    /// Those asked for, the creator left out, each once; `None` if that is not a list of integers.
    pub(super) fn others(&self) -> Option<BTreeSet<i64>> {
        let asked = self.asked.as_ref()?.iter().copied();
        Some(asked.filter(|user| Some(*user) != self.creator).collect())
    }

    /// Whether all that are asked for surely exist.
    pub(super) fn asks_for_known(&self, known: &AHashSet<i64>) -> bool {
        self.creator.is_some()
            && self
                .asked
                .as_ref()
                .is_some_and(|asked| asked.iter().all(|user| known.contains(user)))
    }

    /// Whether nothing but `subject` is in the request that a server may have reason to refuse.
    pub(super) fn is_ordinary(&self, subject: Option<&str>, known: &AHashSet<i64>) -> bool {
        let names_nobody_twice = self.others().map(|others| others.len())
            == self.asked.as_ref().map(Vec::len)
            && self.asked.as_ref().is_some_and(|asked| !asked.is_empty());
        let is_plain = |name: &str, value: &Value| match name {
            "name" => value.as_str().is_some_and(|name| {
                !name.trim().is_empty()
                    && name.chars().count() <= UNSUSPECTED_NAME
                    && !name.chars().any(char::is_control)
            }),
            "task" | "property" => value.is_null() || Some(name) == subject,
            _ => DOCUMENTED.contains(&name),
        };
        names_nobody_twice
            && self.asks_for_known(known)
            && self.request.iter().all(|(name, value)| is_plain(name, value))
    }
}

/// From here on, and beyond twice the largest known id, a user id belongs to nobody.
pub(super) const BEYOND_ALL: i64 = 1_000_000;

/// From here on a user id surely belongs to nobody.
pub(in crate::rules) fn beyond_all(history: &History) -> i64 {
    let largest = known_users(history).into_iter().max().unwrap_or_default();
    BEYOND_ALL.max(largest.saturating_mul(2))
}
