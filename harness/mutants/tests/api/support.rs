//! A server and its users.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hearback_reference::{Options, Server};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Maximum time for one event; only a failing test waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Lab {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

pub(crate) struct Actor {
    pub(crate) id: i64,
    pub(crate) token: String,
    base: String,
    sockets: String,
    client: Client,
}

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a successful response.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }
}

/// A server for one of many conversations, which share a client because creating one takes longer
/// than starting a server.
pub(crate) async fn lab(client: Client, options: Options) -> Lab {
    let server = Server::start(options, ([127, 0, 0, 1], 0).into()).await.unwrap();
    Lab { server, client }
}

impl Lab {
    pub(crate) async fn actor(&self, username: &str) -> Actor {
        let base = self.server.base_url();
        let body = json!({ "username": username, "password": format!("{username}-password") });
        let request = self.client.post(format!("{base}/token/")).json(&body);
        let tokens = answer(request).await.ok();
        let accounts = hearback_reference::seeded(50);
        let index = accounts.iter().position(|account| account.username == username).unwrap();
        Actor {
            id: i64::try_from(index).unwrap() + 1,
            token: tokens["access"].as_str().unwrap().to_owned(),
            base,
            sockets: self.server.socket_url(),
            client: self.client.clone(),
        }
    }

    pub(crate) async fn actors<const N: usize>(&self, usernames: [&str; N]) -> [Actor; N] {
        let mut actors = Vec::new();
        for username in usernames {
            actors.push(self.actor(username).await);
        }
        actors.try_into().ok().unwrap()
    }
}

impl Actor {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    /// Creates a group with these members; returns its id.
    pub(crate) async fn group(&self, members: &[&Actor]) -> String {
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        let body = json!({ "room_type": "group", "name": "Team", "participant_ids": ids });
        id_of(&self.post("/chat/rooms/", body).await.ok())
    }

    /// Sends a message by REST.
    pub(crate) async fn say(&self, room: &str, content: &str) -> Value {
        self.post("/chat/messages/", json!({ "room": room, "content": content })).await.ok()
    }

    pub(crate) async fn room(&self, room: &str) -> Value {
        self.get(&format!("/chat/rooms/{room}/")).await.ok()
    }

    /// The participant id of a user in a room.
    pub(crate) async fn participant(&self, room: &str, user: &Actor) -> i64 {
        let room = self.room(room).await;
        let mut participants = room["participants"].as_array().unwrap().iter();
        participants.find(|row| row["user"]["id"] == user.id).unwrap()["id"].as_i64().unwrap()
    }

    pub(crate) fn socket_url(&self, room: &str) -> String {
        format!("{}/ws/chat/{room}/?token={}", self.sockets, self.token)
    }
}

impl Socket {
    /// Connects, or returns the status of the refusal.
    pub(crate) async fn connect(url: &str) -> Result<Self, u16> {
        match connect_async(url).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a frame, unless the connection has ended.
    pub(crate) async fn try_send(&mut self, message: Message) {
        self.0.send(message).await.ok();
    }

    /// The text of the next event, or a description of the end of the connection.
    pub(crate) async fn hear(&mut self) -> String {
        match timeout(TIMEOUT, self.0.next()).await.expect("no frame arrived") {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => format!("closed: {other:?}"),
        }
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(content_type, "application/json", "status {status}");
    Answer { status, body: response.json().await.unwrap() }
}

pub(crate) fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
