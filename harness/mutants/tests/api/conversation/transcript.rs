//! Transcripts of conversations.

use std::collections::HashMap;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::tungstenite::Message;

use super::UNKNOWN;
use crate::support::{Actor, Socket};

/// The lines of a conversation, with ids replaced by numbers in order of appearance, and digits of
/// times by zeros.
#[derive(Default)]
pub(super) struct Transcript {
    pub(super) lines: Vec<String>,
    pub(super) ids: HashMap<String, usize>,
    /// The expected lines, and the receiver of the first line that differs.
    pub(super) expected: Option<(Vec<String>, UnboundedSender<String>)>,
}

impl Transcript {
    pub(super) async fn ask(&mut self, request: RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        let head = format!("{} {:?}", response.status(), response.headers().get("content-type"));
        let body = response.text().await.unwrap();
        self.note(&format!("{head} {body}"));
        serde_json::from_str(&body).unwrap_or_default()
    }

    pub(super) async fn get(&mut self, actor: &Actor, path: &str) -> Value {
        self.ask(actor.request(Method::GET, path)).await
    }

    pub(super) async fn post(&mut self, actor: &Actor, path: &str, body: Value) -> Value {
        self.ask(actor.request(Method::POST, path).json(&body)).await
    }

    pub(super) async fn patch(&mut self, actor: &Actor, path: &str, body: Value) {
        self.ask(actor.request(Method::PATCH, path).json(&body)).await;
    }

    pub(super) async fn delete(&mut self, actor: &Actor, path: &str) {
        self.ask(actor.request(Method::DELETE, path)).await;
    }

    pub(super) async fn say(&mut self, actor: &Actor, room: &str, content: &str) -> String {
        let body = json!({ "room": room, "content": content });
        let message = self.post(actor, "/chat/messages/", body).await;
        message["id"].as_str().unwrap_or(UNKNOWN).to_owned()
    }

    /// All views that one user has of a room.
    pub(super) async fn views(&mut self, actor: &Actor, room: &str) {
        for path in [
            format!("/chat/rooms/{room}/"),
            format!("/chat/rooms/{room}/stats/"),
            format!("/chat/messages/?room={room}"),
            format!("/chat/messages/?room={room}&ordering=-created_at"),
            format!("/chat/participants/?room={room}"),
            "/chat/rooms/".to_owned(),
        ] {
            self.get(actor, &path).await;
        }
    }

    pub(super) async fn knock(&mut self, url: &str) {
        let answer = match Socket::connect(url).await {
            Ok(mut socket) => socket.hear().await,
            Err(status) => status.to_string(),
        };
        self.note(&answer);
    }

    /// All frames that a socket received, up to the response to a frame that is always rejected.
    pub(super) async fn listen(&mut self, socket: &mut Socket) {
        socket.try_send(Message::binary(b"fence".to_vec())).await;
        loop {
            let heard = socket.hear().await;
            self.note(&heard);
            if heard.contains("text frames") || !heard.starts_with('{') {
                return;
            }
        }
    }

    /// Adds a line, without the parts that differ each time.
    pub(super) fn note(&mut self, line: &str) {
        let mut neutral = String::new();
        let mut rest = line;
        while let Some(start) = rest.find(|letter: char| letter.is_ascii_hexdigit()) {
            let token = rest[start..]
                .find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_:.".contains(letter))
                .map_or(&rest[start..], |length| &rest[start..start + length]);
            neutral.push_str(&rest[..start]);
            neutral.push_str(&self.neutral(token));
            rest = &rest[start + token.len()..];
        }
        neutral.push_str(rest);
        if let Some((expected, report)) = &self.expected
            && expected.get(self.lines.len()) != Some(&neutral)
        {
            report.send(neutral.clone()).ok();
        }
        self.lines.push(neutral);
    }

    fn neutral(&mut self, token: &str) -> String {
        if token.len() == 36 && token.matches('-').count() == 4 {
            let next = self.ids.len();
            return format!("#{}", self.ids.entry(token.to_owned()).or_insert(next));
        }
        if token.starts_with("eyJ") {
            let next = self.ids.len();
            return format!("token {}", self.ids.entry(token.to_owned()).or_insert(next));
        }
        if token.starts_with("20") && token.contains('T') {
            // Only the equality of times matters.
            let next = self.ids.len();
            let number = *self.ids.entry(token.to_owned()).or_insert(next);
            return format!("{} {number}", token.replace(|it: char| it.is_ascii_digit(), "0"));
        }
        if token.starts_with("127.0.0.1:") { "host".to_owned() } else { token.to_owned() }
    }
}
