//! The sockets of a scenario: opening, sending, waiting, and fences.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use hearback_client::{Awaited, AwaitedEvent, Circuit, SendError, UnusualHandshake};
use hearback_contract::{RoomId, ServerEvent};
use hearback_history::{CredentialKind, Obstacle, Probe};
use serde_json::{Value, json};

use super::context::{OpenSocket, ScenarioContext, Stop};
use crate::matcher;
use crate::step::Outgoing;

/// The delivery of a message to one socket.
struct Delivery {
    /// Name of the socket.
    receiver: String,
    /// Position and event.
    event: Awaited<(usize, Value)>,
}

impl Delivery {
    fn event(&self) -> Option<&(usize, Value)> {
        match &self.event {
            Awaited::Arrived(event) => Some(event),
            Awaited::Missed | Awaited::Abandoned => None,
        }
    }
}

/// The end of a scenario at an event whose absence is not proven.
pub(super) fn abandoned(socket: &str, event: ServerEvent) -> Stop {
    Stop::failed(format!(
        "{socket} did not receive `{event}` soon; it was missed too often to wait for it any longer"
    ))
}

impl ScenarioContext {
    /// Opens a socket; the result is `{opened, status, event}`.
    pub(super) async fn connect(
        &self,
        role: &str,
        name: &str,
        room: RoomId,
        credential: Option<&str>,
        unusual: UnusualHandshake,
    ) -> Result<Value, Stop> {
        let is_open = |open: &OpenSocket| !open.socket.is_closed();
        if self.best_effort && self.sockets.lock().get(name).is_some_and(is_open) {
            return Err(Stop::failed(format!("socket `{name}` is already open")));
        }
        let actor = self.actor(role);
        let kind = self.credential(credential)?.unwrap_or(CredentialKind::Access);
        actor.can_present(kind)?;
        let is_foreign = unusual.origin.is_some();
        let opened = match unusual == UnusualHandshake::default() {
            true => actor.connect(&self.scenario, &room, kind).await,
            false => actor.connect_unusually(unusual, &self.scenario, &room, kind).await,
        };
        let socket = match opened {
            Ok(socket) => socket,
            Err(error) if let Some(stop) = error.failure.as_ref().and_then(Stop::not_sent) => {
                return Err(stop);
            }
            Err(error) => {
                match &error.failure {
                    Some(failure) => self.impede_by(None, failure),
                    None if error.status.is_none() => self.impede(Obstacle::Throttled),
                    None => {}
                }
                return Ok(json!({"opened": false, "status": error.status}));
            }
        };
        let is_established = |event: &Value| {
            event.get("type") == Some(&json!(ServerEvent::ConnectionEstablished.id()))
        };
        let established = socket.wait_for(0, self.timeout, is_established).await;
        actor
            .client()
            .record_outcome(Circuit::Handshake, established.is_some() || socket.is_closed());
        let socket_lost = socket.lost_with();
        let mut result = json!({"opened": established.is_some(), "status": 101});
        if established.is_some() || kind.is_valid() && !socket.is_closed() {
            let open = OpenSocket {
                socket: Arc::new(socket),
                actor: role.to_owned(),
                room,
                matched: HashSet::new(),
                fenced: None,
            };
            self.sockets.lock().insert(name.to_owned(), open);
        }
        // The target may rightly close the socket of a page of another site.
        if established.is_none() && kind.is_valid() && !is_foreign {
            self.impede(match socket_lost {
                Some(code) => Obstacle::SocketClosed(code),
                None => Obstacle::HandshakeUnanswered,
            });
        }
        if let Some((_, event)) = established {
            result["event"] = event;
        }
        Ok(result)
    }

    pub(super) async fn disconnect(&self, name: &str) {
        let open = self.sockets.lock().remove(name);
        if let Some(open) = open {
            open.socket.close().await;
        }
    }

    pub(super) fn socket(&self, name: &str) -> Result<OpenSocket, Stop> {
        let open = self.sockets.lock().get(name).cloned();
        open.ok_or_else(|| Stop::failed(format!("socket `{name}` is not open")))
    }

    pub(super) async fn send(&self, socket: &str, frame: &Outgoing) -> Result<(), Stop> {
        let socket = self.socket(socket)?.socket;
        // The history records that the connection ended; later steps show the effect.
        let sent = match frame {
            Outgoing::Event(event) => socket.send_text(&self.resolve(event)?.to_string()).await,
            Outgoing::Text(text) => socket.send_text(&self.text(text)?).await,
            Outgoing::Binary(text) => socket.send_binary(self.text(text)?.as_bytes()).await,
        };
        match sent {
            Err(SendError::NotOurs(reason)) => Err(Stop::foreign(reason)),
            _ => Ok(()),
        }
    }

    /// Sends frames that show how the target handles a part of RFC 6455, and waits for its reaction.
    pub(super) async fn probe(&self, name: &str, probe: Probe) -> Result<(), Stop> {
        let socket = self.socket(name)?.socket;
        let text = self.text("in fragments {unique}")?;
        match socket.probe(probe, &text).await {
            Err(SendError::NotOurs(reason)) => return Err(Stop::foreign(reason)),
            Err(error) => return Err(Stop::failed(format!("{name} cannot send: {error}"))),
            Ok(_) => {}
        }
        if probe == Probe::Close || probe.is_invalid() {
            self.disconnect(name).await;
        }
        Ok(())
    }

    /// Sends a chat message and waits for it on every open socket of the room.
    pub(super) async fn say(
        &self,
        name: &str,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<Value, Stop> {
        let deliveries = self.send_message(name, text, reply_to).await?;
        let own = deliveries.iter().find(|delivery| delivery.receiver == name);
        let received = own.and_then(|delivery| delivery.event());
        received
            .or_else(|| deliveries.iter().find_map(Delivery::event))
            .and_then(|(_, event)| event.get("message").cloned())
            .ok_or_else(|| Stop::failed(format!("no socket received the message of {name}")))
    }

    /// Sends a chat message, and marks its position among the frames of every socket of the room.
    pub(super) async fn fence(&self, name: &str) -> Result<(), Stop> {
        let text = self.text("fence {unique}")?;
        let deliveries = self.send_message(name, &text, None).await?;
        let mut sockets = self.sockets.lock();
        for Delivery { receiver, event } in deliveries {
            if let Some(open) = sockets.get_mut(&receiver) {
                let start = open.fenced.map_or(0, |(_, end)| end);
                open.fenced = match event {
                    Awaited::Arrived((end, _)) => Some((start, end)),
                    // A socket that did not receive it, within the timeout, has no pending events either.
                    Awaited::Missed => Some((start, open.socket.received_count())),
                    Awaited::Abandoned => None,
                };
            }
        }
        Ok(())
    }

    /// Sends a chat message; returns its delivery to every open socket of the room.
    async fn send_message(
        &self,
        name: &str,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<Vec<Delivery>, Stop> {
        let sender = self.socket(name)?;
        let client = self.actor(&sender.actor).client();
        client.permit(Circuit::Message).map_err(|failure| {
            self.impede(Obstacle::NotDelivered);
            Stop::failed(failure)
        })?;
        let sent_from = sender.socket.received_count();
        let receivers: Vec<_> = self
            .sockets
            .lock()
            .iter()
            .filter(|(_, open)| open.room == sender.room && !open.socket.is_closed())
            .map(|(name, open)| {
                let kind = match open.actor == sender.actor {
                    true => AwaitedEvent::OwnMessage,
                    false => AwaitedEvent::Message,
                };
                (name.clone(), open.socket.clone(), open.socket.received_count(), kind)
            })
            .collect();
        let mut event = json!({"type": "chat_message", "message": text});
        if let Some(id) = reply_to {
            event["reply_to"] = Value::from(id);
        }
        sender.socket.send_text(&event.to_string()).await.map_err(|error| match error {
            SendError::NotOurs(reason) => Stop::foreign(reason),
            error => {
                if let Some(code) = sender.socket.lost_with() {
                    self.impede(Obstacle::SocketClosed(code));
                }
                Stop::failed(format!("{name} cannot send: {error}"))
            }
        })?;
        let user_id = self.actor(&sender.actor).user_id();
        // An altered message counts as received; the checker reports the alteration.
        let is_message = |_: usize, event: &Value| {
            event.get("type") == Some(&json!("chat_message"))
                && (event.pointer("/message/content") == Some(&json!(text))
                    || user_id
                        .is_some_and(|id| event.pointer("/message/sender/id") == Some(&json!(id))))
        };
        // Sequences send in rooms that they archived, too.
        let is_refusal = |event: &Value| {
            self.best_effort && event.get("type") == Some(&json!(ServerEvent::Error.id()))
        };
        let sender_socket = &sender.socket;
        let deliveries = receivers.into_iter().map(|(receiver, socket, from, kind)| async move {
            let event = tokio::select! {
                biased;
                event = socket.wait_for_event(kind, from, self.timeout, is_message) => event,
                () = sender_socket.refused(sent_from, self.timeout, is_message, is_refusal) => Awaited::Abandoned,
            };
            Delivery { receiver, event }
        });
        let deliveries = join_all(deliveries).await;
        if deliveries.iter().any(|delivery| delivery.event().is_some()) {
            client.record_outcome(Circuit::Message, true);
            return Ok(deliveries);
        }
        if deliveries.iter().all(|delivery| delivery.event == Awaited::Missed) {
            client.record_outcome(Circuit::Message, false);
        }
        self.impede(match sender.socket.lost_with() {
            Some(code) => Obstacle::SocketClosed(code),
            None => Obstacle::NotDelivered,
        });
        Ok(deliveries)
    }

    pub(super) async fn wait(
        &self,
        name: &str,
        event: ServerEvent,
        fields: &Value,
    ) -> Result<(), Stop> {
        let open = self.socket(name)?;
        let fields = self.resolve(fields)?;
        let is_awaited = |_: usize, value: &Value| {
            value.get("type") == Some(&json!(event.id()))
                && fields
                    .as_object()
                    .into_iter()
                    .flatten()
                    .all(|(path, expected)| matcher::at(value, path) == Some(expected))
        };
        let kind = AwaitedEvent::Expected(event);
        match open.socket.wait_for_event(kind, 0, self.timeout, is_awaited).await {
            Awaited::Arrived(_) => Ok(()),
            Awaited::Missed => Err(Stop::failed(format!("{name} did not receive `{event}`"))),
            Awaited::Abandoned => Err(abandoned(name, event)),
        }
    }
}
