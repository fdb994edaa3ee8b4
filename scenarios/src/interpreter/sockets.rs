//! The sockets of a scenario: opening, sending, saying, waiting, fences.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use hearback_client::{Circuit, Socket};
use hearback_contract::ServerEvent;
use hearback_history::CredentialKind;
use serde_json::{Value, json};

use super::stage::{Stage, Stop};
use crate::matcher;
use crate::step::Outgoing;

/// A socket that is open in the scenario.
#[derive(Clone)]
pub(super) struct OpenSocket {
    pub(super) socket: Arc<Socket>,
    pub(super) actor: String,
    pub(super) room: String,
    /// Positions of received frames that an expectation has taken.
    pub(super) taken: HashSet<usize>,
    /// The frames between the last two fences: those of which it is known that nothing is missing.
    pub(super) fenced: Option<(usize, usize)>,
}

impl Stage {
    /// Opens a socket; what came of it is `{opened, status, event}`.
    pub(super) async fn connect(
        &self,
        role: &str,
        name: &str,
        room: String,
        credential: Option<&str>,
    ) -> Result<Value, Stop> {
        let is_open = |open: &OpenSocket| !open.socket.is_closed();
        if self.best_effort && self.sockets.lock().get(name).is_some_and(is_open) {
            return Err(Stop::Failed(format!("{name} is open already")));
        }
        let actor = self.actor(role);
        let kind = self.kind(credential)?.unwrap_or(CredentialKind::Access);
        actor.can_present(kind).map_err(|error| Stop::NotPossible(error.to_string()))?;
        let socket = match actor.connect(&self.scenario, &room.as_str().into(), kind).await {
            Ok(socket) => socket,
            Err(refused) => return Ok(json!({"opened": false, "status": refused.status})),
        };
        let is_established = |event: &Value| {
            event.get("type") == Some(&json!(ServerEvent::ConnectionEstablished.id()))
        };
        let established = socket.wait_for(0, self.timeout, is_established).await;
        actor
            .client()
            .record_outcome(Circuit::Handshake, established.is_some() || socket.is_closed());
        let mut seen = json!({"opened": established.is_some(), "status": 101});
        if established.is_some() || kind.is_valid() && !socket.is_closed() {
            let open = OpenSocket {
                socket: Arc::new(socket),
                actor: role.to_owned(),
                room,
                taken: HashSet::new(),
                fenced: None,
            };
            self.sockets.lock().insert(name.to_owned(), open);
        }
        if let Some((_, event)) = established {
            seen["event"] = event;
        }
        Ok(seen)
    }

    pub(super) async fn disconnect(&self, name: &str) {
        let open = self.sockets.lock().remove(name);
        if let Some(open) = open {
            open.socket.close().await;
        }
    }

    pub(super) fn socket(&self, name: &str) -> Result<OpenSocket, Stop> {
        let open = self.sockets.lock().get(name).cloned();
        open.ok_or_else(|| Stop::Failed(format!("{name} has no open socket")))
    }

    pub(super) async fn send(&self, socket: &str, frame: &Outgoing) -> Result<(), Stop> {
        let socket = self.socket(socket)?.socket;
        // A connection that has ended is in the record; what follows shows it.
        let _sent = match frame {
            Outgoing::Event(event) => socket.send_text(&self.resolve(event)?.to_string()).await,
            Outgoing::Text(text) => socket.send_text(&self.text(text)?).await,
            Outgoing::Binary(text) => socket.send_binary(self.text(text)?.as_bytes()).await,
        };
        Ok(())
    }

    /// Sends a chat message and waits for it on every open socket of the room.
    pub(super) async fn say(
        &self,
        name: &str,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<Value, Stop> {
        let heard = self.speak(name, text, reply_to).await?;
        let own = heard.iter().find(|(listener, _)| listener == name);
        let received = own.and_then(|(_, event)| event.clone());
        received
            .or_else(|| heard.into_iter().find_map(|(_, event)| event))
            .and_then(|(_, event)| event.get("message").cloned())
            .ok_or_else(|| Stop::Failed(format!("nobody received what {name} said")))
    }

    /// Says something, and notes for every socket of the room which frames came before it.
    pub(super) async fn fence(&self, name: &str) -> Result<(), Stop> {
        let text = self.text("fence {unique}")?;
        let heard = self.speak(name, &text, None).await?;
        let mut sockets = self.sockets.lock();
        for (listener, event) in heard {
            if let Some(open) = sockets.get_mut(&listener) {
                // Who does not get it is no member any more; the wait for it was the grace.
                let end = event.map_or_else(|| open.socket.received_count(), |(at, _)| at);
                let start = open.fenced.map_or(0, |(_, end)| end);
                open.fenced = Some((start, end));
            }
        }
        Ok(())
    }

    /// Sends a chat message; what every open socket of the room received of it, with the position.
    async fn speak(
        &self,
        name: &str,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<Vec<(String, Option<(usize, Value)>)>, Stop> {
        let speaker = self.socket(name)?;
        let client = self.actor(&speaker.actor).client();
        client.permit(Circuit::Message).map_err(|failure| Stop::Failed(failure.to_string()))?;
        let listeners: Vec<_> = self
            .sockets
            .lock()
            .iter()
            .filter(|(_, open)| open.room == speaker.room && !open.socket.is_closed())
            .map(|(name, open)| (name.clone(), open.socket.clone(), open.socket.received_count()))
            .collect();
        let mut event = json!({"type": "chat_message", "message": text});
        if let Some(id) = reply_to {
            event["reply_to"] = Value::from(id);
        }
        speaker
            .socket
            .send_text(&event.to_string())
            .await
            .map_err(|error| Stop::Failed(format!("{name} cannot speak: {error}")))?;
        let user_id = self.actor(&speaker.actor).user_id();
        // A message that comes back altered is still the answer; what is wrong with it is judged later.
        let is_answer = |event: &Value| {
            event.get("type") == Some(&json!("chat_message"))
                && (event.pointer("/message/content") == Some(&json!(text))
                    || user_id
                        .is_some_and(|id| event.pointer("/message/sender/id") == Some(&json!(id))))
        };
        let heard = listeners.into_iter().map(|(name, socket, from)| async move {
            (name, socket.wait_for(from, self.timeout, is_answer).await)
        });
        let heard = join_all(heard).await;
        client.record_outcome(Circuit::Message, heard.iter().any(|(_, event)| event.is_some()));
        Ok(heard)
    }

    pub(super) async fn wait(
        &self,
        name: &str,
        event: ServerEvent,
        fields: &Value,
    ) -> Result<(), Stop> {
        let open = self.socket(name)?;
        let fields = self.resolve(fields)?;
        let is_wanted = |value: &Value| {
            value.get("type") == Some(&json!(event.id()))
                && fields
                    .as_object()
                    .into_iter()
                    .flatten()
                    .all(|(path, expected)| matcher::at(value, path) == Some(expected))
        };
        match open.socket.wait_for(0, self.timeout, is_wanted).await {
            Some(_) => Ok(()),
            None => Err(Stop::Failed(format!("{name} did not receive `{event}`"))),
        }
    }
}
