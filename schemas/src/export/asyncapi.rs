//! The socket events as an AsyncAPI 3.0 document.

use serde_json::{Map, Value, json};

use super::components::{HOST, TITLE, component, components, examples_of, reference};
use crate::schemas::{self, Schema};
use crate::{ClientEvent, SPECIFICATION_VERSION, ServerEvent};

/// The address of the only channel, the socket of a room. Section *Connection*.
const ADDRESS: &str = "/ws/chat/{room_id}/";

/// The side of a socket whose application an AsyncAPI document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The server sends its events: for documentation, and tools that stand in for it.
    Server,
    /// The client sends its own: for generators of clients.
    Client,
}

/// The socket events as an AsyncAPI 3.0 document of one side.
pub fn asyncapi(side: Side) -> Value {
    let (of_client, of_server) = match side {
        Side::Server => ("receive", "send"),
        Side::Client => ("send", "receive"),
    };
    let by_client = ClientEvent::ALL
        .map(|event| (of_client, event.id(), event.section(), schemas::client_event(event)));
    let by_server = ServerEvent::ALL
        .map(|event| (of_server, event.id(), event.section(), schemas::server_event(event)));

    let (mut channel_messages, mut messages, mut operations) = (Map::new(), Map::new(), Map::new());
    for (action, event, section, schema) in by_client.into_iter().chain(by_server) {
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
        for (side, of_client, of_server) in
            [(Side::Server, "receive", "send"), (Side::Client, "send", "receive")]
        {
            let operations = &asyncapi(side)["operations"];
            assert_eq!(operations.as_object().unwrap().len(), 10);
            for event in ClientEvent::ALL {
                assert_eq!(operations[format!("{of_client}_{event}")]["action"], of_client);
            }
            for event in ServerEvent::ALL {
                assert_eq!(operations[format!("{of_server}_{event}")]["action"], of_server);
            }
        }
        let document = asyncapi(Side::Server);
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
        check(&asyncapi(Side::Server));
    }
}
