//! Altering what a run has shown: responses, as a server that makes a mistake would give them.

use std::collections::{BTreeMap, HashMap};

use hearback_contract::Operation;
use hearback_history::{CallId, Event, EventKind, Payload};
use serde_json::{Value, json};

/// Messages as they were shown first, by id.
pub(crate) type Shown = BTreeMap<String, Value>;

/// A response, to be altered.
pub(crate) struct Answer<'a> {
    pub(crate) operation: Operation,
    pub(crate) query: &'a [(String, String)],
    pub(crate) status: &'a mut u16,
    pub(crate) body: &'a mut Value,
    pub(crate) shown: &'a Shown,
}

/// Alters every response of a run; answers whether anything is different.
pub(crate) fn alter(events: &mut [Event], mistake: fn(&mut Answer<'_>)) -> bool {
    let mut requests: HashMap<CallId, (Operation, Vec<(String, String)>)> = HashMap::new();
    let mut shown = Shown::new();
    let mut is_altered = false;
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
                let (mut altered, before) = (original.clone(), *status);
                mistake(&mut Answer {
                    operation: *operation,
                    query,
                    status,
                    body: &mut altered,
                    shown: &shown,
                });
                is_altered |= altered != original || *status != before;
                *body = Payload::from(altered.to_string());
            }
            _ => {}
        }
    }
    is_altered
}

/// Keeps the messages of a body that were not shown before.
fn remember(body: &Value, shown: &mut Shown) {
    let items = body.get("results").and_then(Value::as_array).into_iter().flatten();
    for message in items.chain([body]).filter(|object| object.get("read_by").is_some()) {
        if let Some(id) = message["id"].as_str() {
            shown.entry(id.to_owned()).or_insert_with(|| message.clone());
        }
    }
}

impl Answer<'_> {
    pub(crate) fn on(&mut self, operation: Operation, alter: impl Fn(&mut Value)) {
        if self.operation == operation {
            alter(self.body);
        }
    }

    pub(crate) fn on_items(&mut self, operation: Operation, alter: impl Fn(&mut Value)) {
        if self.operation == operation {
            self.items("results").for_each(alter);
        }
    }

    /// Alters every message object, given what was shown before.
    pub(crate) fn on_messages(&mut self, alter: impl Fn(&mut Value, &Shown)) {
        let shown = self.shown;
        if self.body.get("read_by").is_some() {
            alter(self.body, shown);
        }
        self.items("results")
            .filter(|item| item.get("read_by").is_some())
            .for_each(|message| alter(message, shown));
    }

    /// Alters every deleted message, given how it was shown before it was.
    pub(crate) fn on_deleted(&mut self, alter: impl Fn(&mut Value, &Value)) {
        self.on_messages(|message, shown| {
            let first = message["id"].as_str().and_then(|id| shown.get(id));
            if let Some(first) = first.filter(|first| is_deleted(message) && !is_deleted(first)) {
                alter(message, first);
            }
        });
    }

    pub(crate) fn on_participants(&mut self, alter: impl Fn(&mut Value)) {
        if self.body.get("joined_at").is_some() {
            alter(self.body);
        }
        self.items("participants").for_each(&alter);
        self.on_items(Operation::ParticipantsList, alter);
    }

    /// Alters every unread count.
    pub(crate) fn on_counts(&mut self, alter: impl Fn(u64) -> u64) {
        let alter = |object: &mut Value| {
            if let Some(count) = object.get("unread_count").and_then(Value::as_u64) {
                object["unread_count"] = json!(alter(count));
            }
        };
        if self.body.get("joined_at").is_none() {
            alter(self.body);
        }
        self.on_items(Operation::RoomsList, alter);
        self.on_participants(alter);
    }

    /// Gives one status for another in the answers to an operation.
    pub(crate) fn replace_status(&mut self, operation: Operation, from: u16, to: u16) {
        if self.operation == operation && *self.status == from {
            *self.status = to;
        }
    }

    /// Finds, besides, whatever was shown once and contains the query.
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
