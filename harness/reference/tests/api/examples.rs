//! Every request and every event of the specification's examples works as it is printed.

use std::collections::BTreeMap;

use hearback_contract::specification::SPECIFICATION;
use hearback_reference::{Options, examples};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{Lab, Socket, answer, id_of, lab_with};

/// A request of an example.
#[derive(Clone, Debug, Default)]
struct Example {
    method: String,
    path: String,
    content_type: String,
    body: String,
}

/// The fenced blocks with their language, and the line before each.
fn blocks() -> Vec<(&'static str, &'static str, String)> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = SPECIFICATION.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((before, language, block.join("\n")));
        }
        if !line.is_empty() {
            before = line;
        }
    }
    blocks
}

/// The requests, in their order. A body that stands alone varies the request before it.
fn requests() -> Vec<Example> {
    let mut requests: Vec<Example> = Vec::new();
    for (before, language, block) in blocks() {
        if language == "http" {
            let (head, body) = block.split_once("\n\n").unwrap_or((&block, ""));
            let (request, headers) = head.split_once('\n').unwrap_or((head, ""));
            let (method, path) = request.split_once(' ').unwrap();
            let content_type = headers.lines().find_map(|line| line.strip_prefix("Content-Type: "));
            requests.push(Example {
                method: method.to_owned(),
                path: path.to_owned(),
                content_type: content_type.unwrap_or_default().to_owned(),
                body: body.to_owned(),
            });
        } else if before.starts_with("**For ") || before == "**Unmute**:" {
            let varied = Example { body: block, ..requests.last().unwrap().clone() };
            requests.push(varied);
        }
    }
    requests
}

/// The events that clients send.
fn events() -> Vec<Value> {
    let of_client = |before: &str| before.contains("Client → Server");
    let blocks = blocks().into_iter().filter(|(before, ..)| of_client(before));
    blocks.map(|(.., block)| serde_json::from_str(&block).unwrap()).collect()
}

/// Sends an example, with the values that stand in for its placeholders.
async fn send(lab: &Lab, base: &str, example: &Example, values: &BTreeMap<&str, String>) -> Value {
    let filled = |text: &str| {
        let fill = |text: String, (name, value): (&&str, &String)| text.replace(*name, value);
        let text = values.iter().fold(text.to_owned(), fill);
        assert!(!text.contains(['<', '{']) || text.starts_with('{'), "{text}");
        text
    };
    let url = format!("{base}{}", filled(&example.path));
    let request = lab.client.request(example.method.parse().unwrap(), url);
    let request = match values.get("<access_token>") {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    answer(match example.content_type.as_str() {
        "multipart/form-data" => {
            let fields = example.body.clone();
            let fields = fields.lines().map(|line| line.split_once(": ").unwrap());
            let form = fields.fold(Form::new(), |form, (name, value)| match value {
                "<file>" => {
                    form.part(name.to_owned(), Part::bytes(b"GIF89a").file_name("photo.gif"))
                }
                value => form.text(name.to_owned(), value.to_owned()),
            });
            request.multipart(form)
        }
        "" => request,
        content_type => request.header("Content-Type", content_type).body(filled(&example.body)),
    })
    .await
    .ok()
}

#[tokio::test]
async fn every_example_works_as_printed() {
    let options = Options { accounts: examples::accounts(), examples: true, ..Options::default() };
    let lab = lab_with(options).await;
    let base = lab.server.base_url();
    let base = base.strip_suffix("/api").unwrap();
    let requests = requests();
    assert_eq!(requests.len(), 26);

    let mut values = BTreeMap::new();
    let tokens = send(&lab, base, &requests[0], &values).await;
    values.insert("<access_token>", tokens["access"].as_str().unwrap().to_owned());
    values.insert("<refresh_token>", tokens["refresh"].as_str().unwrap().to_owned());
    // Of the room and the message that the examples name, unless an example creates what the next one needs.
    let named = Named::of(&requests);
    let mut created = Vec::new();
    for request in &requests[1..] {
        let ends_room = request.path.ends_with("/leave/") || request.path.ends_with("/archive/");
        let room = if ends_room { created.pop().unwrap() } else { named.room.clone() };
        values.insert("{room_id}", room);
        let result = send(&lab, base, request, &values).await;
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/chat/rooms/") => created.push(id_of(&result)),
            ("POST", "/api/chat/messages/") => {
                values.insert("{message_id}", id_of(&result));
            }
            ("DELETE", path) if path.contains("/messages/") => {
                values.insert("{message_id}", named.message.clone());
            }
            ("GET", path) if path.contains("/participants/") => {
                values.insert("own participant", result["results"][0]["id"].to_string());
            }
            ("POST", "/api/chat/participants/") => {
                values.insert("{participant_id}", result["id"].to_string());
            }
            ("DELETE", path) if path.contains("/participants/") => {
                let own = values["own participant"].clone();
                values.insert("{participant_id}", own);
            }
            _ => {}
        }
    }

    let url = format!("{}/ws/chat/{}/", lab.server.socket_url(), named.room);
    let url = format!("{url}?token={}", values["<access_token>"]);
    let mut socket = Socket::connect(&url).await.unwrap();
    assert_eq!(socket.next().await["type"], "connection_established");
    let events = events();
    assert_eq!(events.len(), 5);
    for event in events {
        socket.send(event).await;
    }
    let mut received = Vec::new();
    while !received.contains(&json!("room_marked_read")) {
        received.push(socket.next().await["type"].clone());
    }
    assert!(received.contains(&json!("chat_message")), "{received:?}");
    assert!(!received.contains(&json!("error")), "{received:?}");
}

/// The ids that the examples name.
struct Named {
    room: String,
    message: String,
}

impl Named {
    fn of(requests: &[Example]) -> Self {
        let bodies = requests.iter().filter_map(|it| serde_json::from_str::<Value>(&it.body).ok());
        let reply = bodies.into_iter().find(|body| body.get("reply_to").is_some()).unwrap();
        let text = |member: &str| reply[member].as_str().unwrap().to_owned();
        Self { room: text("room"), message: text("reply_to") }
    }
}
