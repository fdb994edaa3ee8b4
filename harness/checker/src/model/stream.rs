//! Messages in the order in which sockets received them.

use hearback_contract::MessageRef;
use hearback_history::{Connection, Frame, Interval};
use serde_json::Value;

use super::message::Message;

/// A frame in which a socket received a message.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedMessage<'h> {
    /// The frame.
    pub frame: &'h Frame,
    /// The message object.
    pub value: &'h Value,
    /// The message id.
    pub id: MessageRef<'h>,
    /// The position of the message in [`Model::messages`](super::Model::messages), if this run sent it.
    pub message: Option<usize>,
    /// True if the socket received the message for the first time.
    pub is_first: bool,
    /// True if its position is determined by the order of sending: received first, unambiguous, of
    /// the socket's own room, and not sent again because of an edit or deletion
    /// (edits-over-socket).
    pub is_in_order: bool,
}

/// The messages that one socket received.
#[derive(Clone, Debug)]
pub struct Stream<'h> {
    /// The connection.
    pub connection: &'h Connection,
    /// Every received message with an id, in order.
    pub messages: Vec<ReceivedMessage<'h>>,
}

impl<'h> Stream<'h> {
    /// The messages whose position is determined by the order of sending, with their positions in
    /// [`Model::messages`](super::Model::messages).
    pub fn in_order(&self) -> impl Iterator<Item = (usize, &ReceivedMessage<'h>)> {
        let in_order = self.messages.iter().filter(|received| received.is_in_order);
        in_order.filter_map(|received| Some((received.message?, received)))
    }
}

/// Returns whether the frame may repeat a message because it was edited or deleted
/// (edits-over-socket).
pub(crate) fn may_be_repeated(value: &Value, message: Option<&Message<'_>>, frame: &Frame) -> bool {
    is_edited(value) || message.is_some_and(|message| is_altered(message, frame))
}

/// Returns whether a message object says that it was edited.
pub(super) fn is_edited(value: &Value) -> bool {
    value.get("is_edited") == Some(&Value::Bool(true))
}

/// Returns whether a message may have been edited or deleted before a frame.
pub(super) fn is_altered(message: &Message<'_>, frame: &Frame) -> bool {
    let at = Interval { invoked: frame.at, returned: frame.at };
    message.is_edited(at) != Some(false) || message.maybe_deleted(at)
}
