//! Rewrites the responses of a recorded run as a faulty server would have given them.

use std::collections::{BTreeMap, HashMap};

use hearback_contract::Operation;
use hearback_history::{CallId, Event, EventKind, Payload};
use serde_json::{Value, json};

/// The first read of each message, by id.
pub(crate) type Shown = BTreeMap<String, Value>;

/// One response that a fault may change.
pub(crate) struct Response<'a> {
    pub(crate) operation: Operation,
    pub(crate) query: &'a [(String, String)],
    pub(crate) status: &'a mut u16,
    pub(crate) body: &'a mut Value,
    pub(crate) shown: &'a Shown,
}

/// Applies a fault to every response of a run. Returns whether anything changed.
pub(crate) fn rewrite_responses(events: &mut [Event], fault: fn(&mut Response<'_>)) -> bool {
    let mut requests: HashMap<CallId, (Operation, Vec<(String, String)>)> = HashMap::new();
    let mut shown = Shown::new();
    let mut is_changed = false;
    for event in events {
        match &mut event.kind {
            EventKind::Invoked(invocation) => {
                if let Some(operation) = invocation.operation {
                    requests.insert(invocation.call, (operation, invocation.query.clone()));
                }
            }
            EventKind::Returned { call, status, body, .. } => {
                let Some((operation, query)) = requests.get(call) else { continue };
                let Some(original) = body.to_json() else { continue };
                remember(&original, &mut shown);
                let (mut rewritten, before) = (original.clone(), *status);
                fault(&mut Response {
                    operation: *operation,
                    query,
                    status,
                    body: &mut rewritten,
                    shown: &shown,
                });
                is_changed |= rewritten != original || *status != before;
                *body = Payload::from(rewritten.to_string());
            }
            _ => {}
        }
    }
    is_changed
}

/// Adds the messages of a body that were not shown before.
fn remember(body: &Value, shown: &mut Shown) {
    let items = body.get("results").and_then(Value::as_array).into_iter().flatten();
    for message in items.chain([body]).filter(|object| object.get("read_by").is_some()) {
        if let Some(id) = message["id"].as_str() {
            shown.entry(id.to_owned()).or_insert_with(|| message.clone());
        }
    }
}

impl Response<'_> {
    pub(crate) fn on(&mut self, operation: Operation, change: impl Fn(&mut Value)) {
        if self.operation == operation {
            change(self.body);
        }
    }

    pub(crate) fn on_items(&mut self, operation: Operation, change: impl Fn(&mut Value)) {
        if self.operation == operation {
            self.items("results").for_each(change);
        }
    }

    /// Changes every message object. `change` also takes the first reads of all messages.
    pub(crate) fn on_messages(&mut self, change: impl Fn(&mut Value, &Shown)) {
        let shown = self.shown;
        if self.body.get("read_by").is_some() {
            change(self.body, shown);
        }
        self.items("results")
            .filter(|item| item.get("read_by").is_some())
            .for_each(|message| change(message, shown));
    }

    /// Changes every deleted message. `change` also takes its first read before the deletion.
    pub(crate) fn on_deleted(&mut self, change: impl Fn(&mut Value, &Value)) {
        self.on_messages(|message, shown| {
            let first = message["id"].as_str().and_then(|id| shown.get(id));
            if let Some(first) = first.filter(|first| is_deleted(message) && !is_deleted(first)) {
                change(message, first);
            }
        });
    }

    pub(crate) fn on_participants(&mut self, change: impl Fn(&mut Value)) {
        if self.body.get("joined_at").is_some() {
            change(self.body);
        }
        self.items("participants").for_each(&change);
        self.on_items(Operation::ParticipantsList, change);
    }

    /// Changes every unread count.
    pub(crate) fn on_counts(&mut self, change: impl Fn(u64) -> u64) {
        let change = |object: &mut Value| {
            if let Some(count) = object.get("unread_count").and_then(Value::as_u64) {
                object["unread_count"] = json!(change(count));
            }
        };
        if self.body.get("joined_at").is_none() {
            change(self.body);
        }
        self.on_items(Operation::RoomsList, change);
        self.on_participants(change);
    }

    /// Replaces one status by another in the responses to an operation.
    pub(crate) fn replace_status(&mut self, operation: Operation, from: u16, to: u16) {
        if self.operation == operation && *self.status == from {
            *self.status = to;
        }
    }

    /// Adds every message to search results that matched the query when it was first read.
    pub(crate) fn find_all_ever_shown(&mut self) {
        let parameter = |name| self.query.iter().find(|(key, _)| key == name).map(|(_, it)| it);
        let (Some(query), room) = (parameter("q"), parameter("room")) else { return };
        let fits = |message: &&Value| {
            message["content"].as_str().is_some_and(|text| text.contains(query))
                && room.is_none_or(|room| message["room"] == **room)
        };
        let found: Vec<_> = self.shown.values().filter(fits).cloned().collect();
        if let Some(results) = self.body.get_mut("results").and_then(Value::as_array_mut) {
            results.extend(found);
        }
    }

    fn items(&mut self, field: &str) -> impl Iterator<Item = &mut Value> {
        self.body.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
    }
}

pub(crate) fn is_deleted(message: &Value) -> bool {
    message.get("is_deleted") == Some(&Value::Bool(true))
}

pub(crate) fn add_one(object: &mut Value, field: &str) {
    if let Some(count) = object.get(field).and_then(Value::as_u64) {
        object[field] = json!(count + 1);
    }
}

pub(crate) fn flip(object: &mut Value, field: &str) {
    if let Some(flag) = object.get(field).and_then(Value::as_bool) {
        object[field] = json!(!flag);
    }
}
