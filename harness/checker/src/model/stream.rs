//! Messages in the order in which sockets received them.

use ahash::AHashSet;
use hearback_history::{Connection, Frame, Interval};
use serde_json::Value;

use super::Model;
use super::message::Message;
use super::observation::Transport;
use crate::rule_context::Evidence;

/// A message where a socket received it.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedMessage<'h> {
    /// The frame.
    pub frame: &'h Frame,
    /// The message object in it.
    pub value: &'h Value,
    /// Its id.
    pub id: &'h str,
    /// The position of the message in [`Model::messages`], if this run sent it.
    pub message: Option<usize>,
    /// Whether the socket had not received it before.
    pub is_first: bool,
    /// Whether its place tells when it was sent: received first, not in ambiguity, of the socket's own room,
    /// and surely not told again because it was altered (edits-over-socket).
    pub has_place: bool,
}

/// What one socket received.
#[derive(Clone, Debug)]
pub struct Stream<'h> {
    /// The socket's connection.
    pub connection: &'h Connection,
    /// Every received message with an id, in order.
    pub messages: Vec<ReceivedMessage<'h>>,
}

impl<'h> Stream<'h> {
    /// Receipts whose place tells when the message was sent, with the position of the message.
    pub fn in_place(&self) -> impl Iterator<Item = (usize, &ReceivedMessage<'h>)> {
        let in_place = self.messages.iter().filter(|received| received.has_place);
        in_place.filter_map(|received| Some((received.message?, received)))
    }
}

/// Whether a message may be told again because it was altered (edits-over-socket).
pub(crate) fn may_be_repeated(value: &Value, message: Option<&Message<'_>>, frame: &Frame) -> bool {
    let at = Interval { invoked: frame.at, returned: frame.at };
    let is_altered =
        |message: &Message<'_>| message.is_edited(at) != Some(false) || message.maybe_deleted(at);
    value.get("is_edited") == Some(&Value::Bool(true)) || message.is_some_and(is_altered)
}

/// The stream of every socket with a valid token that received anything.
pub(super) fn streams<'h>(model: &Model<'h>) -> Vec<Stream<'h>> {
    let mut streams: Vec<Stream<'h>> = Vec::new();
    // The number of the last stream that each message came in.
    let mut last = vec![0; model.messages.len()];
    let mut unknown: AHashSet<&str> = AHashSet::new();
    for (observation, message) in model.observations.iter().zip(&model.identities) {
        let Evidence::Frame(connection, frame) = observation.evidence else { continue };
        let Some(id) = observation.id().filter(|_| observation.transport == Transport::Socket)
        else {
            continue;
        };
        if streams.last().is_none_or(|stream| stream.connection.id != connection.id) {
            // Sightings stand connection by connection.
            unknown.clear();
            streams.push(Stream { connection, messages: Vec::new() });
        }
        let number = streams.len();
        let is_first = match message {
            Some(message) => std::mem::replace(&mut last[*message], number) != number,
            None => unknown.insert(id),
        };
        let known = message.and_then(|message| model.messages.get_index(message));
        let has_place = is_first
            && known.is_some_and(|(_, message)| {
                message.room.as_str() == connection.room.as_str()
                    && !model.is_ambiguous(message)
                    && !may_be_repeated(observation.value, Some(message), frame)
            });
        let (value, message) = (observation.value, *message);
        let received = ReceivedMessage { frame, value, id, message, is_first, has_place };
        if let Some(stream) = streams.last_mut() {
            stream.messages.push(received);
        }
    }
    streams.retain(|stream| model.sockets.listener(stream.connection).is_some());
    streams
}
