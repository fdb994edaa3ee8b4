//! Messages that were sent by socket.

use hearback_contract::{MessageId, MessageRef};
use hearback_history::{Connection, Frame};

/// A message that was sent by socket.
#[derive(Clone, Debug)]
pub struct SocketSend<'h> {
    /// The connection that it was sent on.
    pub connection: &'h Connection,
    /// The frame that sent it.
    pub frame: &'h Frame,
    /// The text.
    pub text: &'h str,
    /// The id of the message that it replies to.
    pub reply_to: Option<MessageRef<'h>>,
    /// True if the text was used only once in the room. Otherwise the message may be confused with
    /// another.
    pub is_distinct: bool,
    /// The frame in which the sender received it on the same connection.
    pub echo: Option<&'h Frame>,
    /// The id of the message, if a socket received it.
    pub id: Option<MessageId>,
}
