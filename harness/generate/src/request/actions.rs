//! Actions that generated scenarios share.

use hearback_contract::Operation;
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, Outgoing};
use serde_json::{Value, json};

/// Creates the objects that cases refer to: a message, and another room with a message.
pub(super) fn setup() -> Vec<Action> {
    let other = json!({
        "room_type": "group",
        "name": "hearback {run} other",
        "participant_ids": ["{carol.id}"],
    });
    vec![
        message("first"),
        Action::Call(Call {
            body: Some(other),
            save: Some("other".to_owned()),
            ..Call::new("alice", Operation::RoomsCreate)
        }),
        Action::Call(Call {
            body: Some(json!({ "room": "{other.id}", "content": "elsewhere {unique}" })),
            save: Some("elsewhere".to_owned()),
            ..Call::new("alice", Operation::MessagesSend)
        }),
    ]
}

/// Sends a message as alice, saved as `name`.
fn message(name: &str) -> Action {
    Action::Call(Call {
        body: Some(json!({ "room": "{room.id}", "content": "before {unique}" })),
        save: Some(name.to_owned()),
        ..Call::new("alice", Operation::MessagesSend)
    })
}

/// Lists the messages of the room.
pub(super) fn list(actor: &str) -> Action {
    let query = [("room", json!("{room.id}")), ("page_size", json!(100))];
    Action::Call(Call {
        query: query.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        ..Call::new(actor, Operation::MessagesList)
    })
}

/// Gets one object by its id.
pub(super) fn get(actor: &str, operation: Operation, at: &str) -> Action {
    Action::Call(Call { at: Some(at.to_owned()), ..Call::new(actor, operation) })
}

/// Opens a socket to the room, with the name of its owner.
pub(super) fn connect(actor: &str) -> Action {
    Action::Connect {
        actor: actor.to_owned(),
        socket: actor.to_owned(),
        room: "{room.id}".to_owned(),
        credential: None,
        origin: None,
        offers_compression: false,
        expect: None,
    }
}

/// Sends an event as JSON.
pub(super) fn send(actor: &str, event: Value) -> Action {
    Action::Send { socket: actor.to_owned(), frame: Outgoing::Event(event) }
}

/// Waits until a message has arrived on every open socket.
pub(super) fn fence(actor: &str) -> Action {
    Action::Fence { socket: actor.to_owned() }
}
