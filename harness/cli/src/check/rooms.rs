//! Which rooms of a run are still there: what could not be put away is named in the end.

use std::collections::HashMap;

use hearback_contract::Operation;
use hearback_history::{ActorName, CallId, Event, EventKind, Invocation, Payload, Sink};
use hearback_reports::escape::{LONGEST_TEXT, shown};
use serde_json::Value;

/// The rooms that a run made, as far as they were not archived.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// Calls that make or archive one, and are not answered yet.
    pending: HashMap<CallId, Pending>,
    left: Vec<Left>,
}

#[derive(Debug)]
enum Pending {
    Making { maker: ActorName, name: Option<String> },
    Archiving { room: String },
}

/// A room that is still there, or may be.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    /// Its id; not known if its making was never answered.
    id: Option<String>,
    maker: ActorName,
    name: Option<String>,
}

impl Rooms {
    /// A line for each room that is still there, or may be.
    pub(super) fn told(&self) -> Vec<String> {
        let unanswered = self.pending.values().filter_map(|pending| match pending {
            Pending::Making { maker, name } => Some((None, maker, name)),
            Pending::Archiving { .. } => None,
        });
        let left = self.left.iter().map(|left| (left.id.as_ref(), &left.maker, &left.name));
        let shown = |text: &str| shown(text, LONGEST_TEXT);
        let line = |(id, maker, name): (Option<&String>, &ActorName, &Option<String>)| {
            let name =
                name.as_deref().map_or_else(String::new, |name| format!(" `{}`", shown(name)));
            match id {
                Some(id) => format!("left behind: room {}{name} of {maker}", shown(id)),
                None => format!(
                    "perhaps left behind: a room{name} of {maker}, whose making was not answered"
                ),
            }
        };
        left.chain(unanswered).map(line).collect()
    }

    fn invoked(&mut self, invocation: &Invocation) {
        let pending = match invocation.operation {
            Some(Operation::RoomsCreate) => {
                let body = invocation.body.as_ref().and_then(Payload::to_json);
                let name = body.as_ref().and_then(|body| body.get("name")?.as_str());
                Pending::Making { maker: invocation.actor.clone(), name: name.map(str::to_owned) }
            }
            Some(Operation::RoomsArchive) => {
                Pending::Archiving { room: invocation.path_parameters.concat() }
            }
            _ => return,
        };
        self.pending.insert(invocation.call, pending);
    }

    fn returned(&mut self, call: CallId, status: u16, body: &Payload) {
        let is_success = (200..300).contains(&status);
        match self.pending.remove(&call) {
            Some(Pending::Archiving { room }) if is_success => {
                self.left.retain(|left| left.id.as_ref() != Some(&room));
            }
            Some(Pending::Making { maker, name }) if is_success => {
                let Some(Value::Object(room)) = body.to_json() else { return };
                // A direct room may have been there before the run.
                let is_new = status == 201
                    || room.get("room_type").and_then(Value::as_str) != Some("direct");
                if let Some(id) = room.get("id").and_then(Value::as_str).filter(|_| is_new) {
                    self.left.push(Left { id: Some(id.to_owned()), maker, name });
                }
            }
            _ => {}
        }
    }
}

impl Sink for Rooms {
    fn accept(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Invoked(invocation) => self.invoked(invocation),
            EventKind::Returned { call, status, body, .. } => self.returned(*call, *status, body),
            EventKind::Failed { call, maybe_done, .. } => {
                if let Some(Pending::Making { maker, name }) = self.pending.remove(call)
                    && *maybe_done
                {
                    self.left.push(Left { id: None, maker, name });
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::{Credential, CredentialKind};

    use super::*;

    fn invoked(call: u64, operation: Operation, room: &str, body: &str) -> EventKind {
        EventKind::Invoked(Invocation {
            call: CallId(call),
            script: "s".into(),
            actor: "alice".into(),
            operation: Some(operation),
            credential: Credential { kind: CredentialKind::Access, of: "alice".into() },
            method: "POST".to_owned(),
            path: String::new(),
            path_parameters: vec![room.to_owned()],
            query: Vec::new(),
            content_type: None,
            body: Some(Payload::from_bytes(body.as_bytes().to_vec())),
            attempt: 1,
        })
    }

    fn returned(call: u64, status: u16, body: &str) -> EventKind {
        EventKind::Returned {
            call: CallId(call),
            status,
            content_type: None,
            throttled_s: None,
            body: Payload::from_bytes(body.as_bytes().to_vec()),
            truncated: false,
        }
    }

    #[test]
    fn what_was_made_and_not_put_away_is_left() {
        let mut rooms = Rooms::default();
        let mut accept = |kind| rooms.accept(&Event { seq: 0, at: 0, kind });
        for (call, id) in [(1, "a"), (2, "b")] {
            accept(invoked(call, Operation::RoomsCreate, "", r#"{"name": "hearback r s"}"#));
            accept(returned(call, 201, &format!(r#"{{"id": "{id}", "room_type": "group"}}"#)));
            accept(invoked(10 + call, Operation::RoomsArchive, id, ""));
        }
        accept(returned(11, 200, "{}"));
        accept(returned(12, 500, "{}"));
        accept(invoked(3, Operation::RoomsCreate, "", r#"{"room_type": "direct"}"#));
        accept(returned(3, 200, r#"{"id": "old", "room_type": "direct"}"#));
        accept(invoked(4, Operation::RoomsCreate, "", "{}"));
        accept(returned(4, 400, "{}"));
        for (call, maybe_done) in [(5, true), (6, false)] {
            accept(invoked(call, Operation::RoomsCreate, "", r#"{"name": "n"}"#));
            let error = String::new();
            accept(EventKind::Failed { call: CallId(call), error, maybe_done });
        }
        assert_eq!(
            rooms.told(),
            [
                "left behind: room b `hearback r s` of alice",
                "perhaps left behind: a room `n` of alice, whose making was not answered"
            ]
        );
    }
}
