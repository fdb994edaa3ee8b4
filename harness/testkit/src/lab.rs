//! A server under test and its users, over real HTTP and sockets.
//!
//! The kit knows a server by its addresses only: the reference server comes before the kit in the order of the crates,
//! and most tests of other crates need no server.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Maximum time for one event; only a failing test waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A server that runs as long as the lab exists.
#[derive(Debug)]
pub struct Lab<S> {
    /// The server.
    pub server: S,
    /// The client of all users.
    pub client: Client,
    base: String,
    sockets: String,
}

/// A user who is logged in.
#[derive(Debug)]
pub struct Actor {
    /// The user id.
    pub id: i64,
    /// The access token.
    pub token: String,
    base: String,
    sockets: String,
    client: Client,
}

/// A socket to a room.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// A response with a JSON body.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// The body of a successful response.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }

    /// Asserts a refusal with this status and the documented error body.
    #[track_caller]
    pub fn refused(self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.body["error"].is_string() && self.body["detail"].is_string(), "{self:?}");
    }
}

impl<S> Lab<S> {
    /// A lab with a server at these addresses. Labs can share a client, because creating one takes longer than starting
    /// a server.
    pub fn new(server: S, base: String, sockets: String, client: Client) -> Self {
        Self { server, client, base, sockets }
    }

    /// Logs a user in, whose password is `<username>-password`.
    pub async fn actor(&self, username: &str) -> Actor {
        let body = json!({ "username": username, "password": format!("{username}-password") });
        let request = self.client.post(format!("{}/token/", self.base)).json(&body);
        let tokens = answer(request).await.ok();
        let token = tokens["access"].as_str().unwrap().to_owned();
        Actor {
            id: user_id(&token),
            token,
            base: self.base.clone(),
            sockets: self.sockets.clone(),
            client: self.client.clone(),
        }
    }

    /// Logs several users in.
    pub async fn actors<const N: usize>(&self, usernames: [&str; N]) -> [Actor; N] {
        let mut actors = Vec::new();
        for username in usernames {
            actors.push(self.actor(username).await);
        }
        actors.try_into().ok().unwrap()
    }
}

/// The claim `user_id` of a token.
fn user_id(token: &str) -> i64 {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims["user_id"].as_i64().unwrap()
}

impl Actor {
    /// A request with the token of the user.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// Sends a GET request.
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// Sends a POST request.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    /// Sends a PATCH request.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Sends a DELETE request.
    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Creates a group with these members; returns its id.
    pub async fn group(&self, members: &[&Self]) -> String {
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        let body = json!({ "room_type": "group", "name": "Team", "participant_ids": ids });
        id_of(&self.post("/chat/rooms/", body).await.ok())
    }

    /// Sends a message by REST.
    pub async fn say(&self, room: &str, content: &str) -> Value {
        self.post("/chat/messages/", json!({ "room": room, "content": content })).await.ok()
    }

    /// The room as the user sees it.
    pub async fn room(&self, room: &str) -> Value {
        self.get(&format!("/chat/rooms/{room}/")).await.ok()
    }

    /// The participant id of a user in a room.
    pub async fn participant(&self, room: &str, user: &Self) -> i64 {
        let room = self.room(room).await;
        let mut participants = room["participants"].as_array().unwrap().iter();
        participants.find(|row| row["user"]["id"] == user.id).unwrap()["id"].as_i64().unwrap()
    }

    /// The URL of a socket to a room.
    pub fn socket_url(&self, room: &str) -> String {
        format!("{}/ws/chat/{room}/?token={}", self.sockets, self.token)
    }

    /// Opens a socket and reads `connection_established`.
    pub async fn socket(&self, room: &str) -> Socket {
        let mut socket = Socket::connect(&self.socket_url(room)).await.unwrap();
        let first = socket.next().await;
        assert_eq!(first["type"], "connection_established", "{first}");
        assert_eq!(first["user_id"], self.id);
        assert_eq!(first["room_id"], room);
        socket
    }
}

impl Socket {
    /// Connects, or returns the status of the refusal.
    ///
    /// # Errors
    /// If the handshake is refused.
    pub async fn connect(url: &str) -> Result<Self, u16> {
        match connect_async(url).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends an event.
    pub async fn send(&mut self, event: Value) {
        self.send_raw(Message::text(event.to_string())).await;
    }

    /// Sends a frame.
    pub async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// Sends a frame, unless the connection has ended.
    pub async fn try_send(&mut self, message: Message) {
        self.0.send(message).await.ok();
    }

    /// The next event.
    pub async fn next(&mut self) -> Value {
        match self.next_raw().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?} is not an event"),
        }
    }

    /// The text of the next event, or a description of the end of the connection.
    pub async fn hear(&mut self) -> String {
        match timeout(TIMEOUT, self.0.next()).await.expect("no frame arrived") {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => format!("closed: {other:?}"),
        }
    }

    /// The close code, which must come before any other frame.
    pub async fn closed(&mut self) -> u16 {
        match self.next_raw().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("{other:?} is not a close frame"),
        }
    }

    /// Reads the next frame; false at the end of the connection.
    pub async fn try_next(&mut self) -> bool {
        matches!(timeout(TIMEOUT, self.0.next()).await.expect("no frame arrived"), Some(Ok(_)))
    }

    async fn next_raw(&mut self) -> Message {
        timeout(TIMEOUT, self.0.next()).await.expect("no frame arrived").unwrap().unwrap()
    }
}

/// Sends a request whose response must be JSON.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(content_type, "application/json", "status {status}");
    Answer { status, body: response.json().await.unwrap() }
}

/// The `id` of a room or message.
pub fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
