//! The socket events as an AsyncAPI 3.0 document.

use serde_json::{Map, Value, json};

use super::components::{HOST, TITLE, component, components, examples_of, reference};
use crate::schemas::{self, Schema};
use crate::{ClientEvent, SPECIFICATION_VERSION, ServerEvent};

/// The address of the only channel, the socket of a room. Section *Connection*.
const ADDRESS: &str = "/ws/chat/{room_id}/";

/// The socket events as an AsyncAPI 3.0 document, from the point of view of the server.
pub fn asyncapi() -> Value {
    let received = ClientEvent::ALL
        .map(|event| ("receive", event.id(), event.section(), schemas::client_event(event)));
    let sent = ServerEvent::ALL
        .map(|event| ("send", event.id(), event.section(), schemas::server_event(event)));

    let (mut channel_messages, mut messages, mut operations) = (Map::new(), Map::new(), Map::new());
    for (action, event, section, schema) in received.into_iter().chain(sent) {
        let name = component(schema);
        channel_messages
            .insert(name.clone(), json!({ "$ref": format!("#/components/messages/{name}") }));
        operations.insert(
            format!("{action}_{event}"),
            json!({
                "action": action,
                "summary": section,
                "channel": { "$ref": "#/channels/room" },
                "messages": [{ "$ref": format!("#/channels/room/messages/{name}") }],
            }),
        );
        messages.insert(name, message(event, schema));
    }
    let socket = schemas::all().filter(|schema| schema.id.starts_with("socket/"));
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": TITLE, "version": SPECIFICATION_VERSION },
        "defaultContentType": "application/json",
        "servers": { "production": { "host": HOST, "protocol": "wss" } },
        "channels": { "room": channel(channel_messages) },
        "operations": operations,
        "components": { "schemas": components(socket), "messages": messages },
    })
}

/// The channel; the query of the handshake contains the access token.
fn channel(messages: Map<String, Value>) -> Value {
    json!({
        "address": ADDRESS,
        "title": "The socket of a room",
        "parameters": { "room_id": { "description": "Room UUID" } },
        "messages": messages,
        "bindings": {
            "ws": {
                "bindingVersion": "0.1.0",
                "method": "GET",
                "query": {
                    "type": "object",
                    "required": ["token"],
                    "properties": {
                        "token": { "type": "string", "description": "Access token, a JWT" },
                    },
                },
            },
        },
    })
}

fn message(event: &str, schema: &Schema) -> Value {
    let examples: Vec<Value> = examples_of(schema)
        .map(|(name, value)| json!({ "name": name, "payload": value }))
        .collect();
    json!({
        "name": event,
        "title": schema.json["title"],
        "payload": reference(schema),
        "examples": examples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_one_operation_and_its_examples() {
        let document = asyncapi();
        assert_eq!(document["operations"].as_object().unwrap().len(), 10);
        for event in ClientEvent::ALL {
            let operation = &document["operations"][format!("receive_{event}")];
            assert_eq!(operation["action"], "receive", "{event}");
        }
        for event in ServerEvent::ALL {
            let operation = &document["operations"][format!("send_{event}")];
            assert_eq!(operation["action"], "send", "{event}");
        }
        let messages = document["components"]["messages"].as_object().unwrap();
        assert_eq!(messages.len(), 10);
        for (name, message) in messages {
            assert_eq!(message["examples"][0]["payload"]["type"], message["name"], "{name}");
        }
    }

    #[test]
    fn the_specification_shows_the_address() {
        let address = ADDRESS.replace("{room_id}", "<room_id>");
        assert!(
            crate::SPECIFICATION.contains(&format!("ws://{HOST}{address}?token=<access_token>"))
        );
    }

    /// AsyncAPI parses payloads as draft 07, which ignores siblings of `$ref`.
    #[test]
    fn references_have_no_siblings() {
        fn check(json: &Value) {
            match json {
                Value::Object(members) => {
                    assert!(members.len() == 1 || !members.contains_key("$ref"), "{json}");
                    members.values().for_each(check);
                }
                Value::Array(items) => items.iter().for_each(check),
                _ => {}
            }
        }
        check(&asyncapi());
    }
}
