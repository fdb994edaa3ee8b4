//! Messages that this run sent.

use hearback_history::{ActorName, Call, Connection, Frame, Interval};

use super::read_state::Mark;
use crate::rule_context::Evidence;

/// The content of a deleted message (REST API Endpoints, Messages, Delete Message).
pub const DELETED_CONTENT: &str = "[Message deleted]";

/// The request that sent a message.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'h> {
    /// A call of messages.send.
    Rest(&'h Call),
    /// A frame on a socket.
    Socket(&'h Connection, &'h Frame),
}

impl<'h> From<Origin<'h>> for Evidence<'h> {
    fn from(origin: Origin<'h>) -> Self {
        match origin {
            Origin::Rest(call) => Self::Call(call),
            Origin::Socket(connection, frame) => Self::Frame(connection, frame),
        }
    }
}

/// A content of a message.
#[derive(Clone, Copy, Debug)]
pub struct Version<'h> {
    /// The content.
    pub content: &'h str,
    /// The time of the write.
    pub written: Interval,
}

/// A file that was sent with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile<'h> {
    /// The file name.
    pub name: &'h str,
    /// The declared content type.
    pub content_type: &'h str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A message that this run sent.
#[derive(Clone, Debug)]
pub struct Message<'h> {
    /// The id.
    pub id: String,
    /// The id of the room that it was sent to.
    pub room: String,
    /// The actor that sent it.
    pub sender: ActorName,
    /// The request that sent it.
    pub origin: Origin<'h>,
    /// The time of sending. For sockets it lasts from the frame to the first time that a socket
    /// received the message.
    pub sent: Interval,
    /// Its contents, beginning with the first.
    pub versions: Vec<Version<'h>>,
    /// The requested `reply_to`.
    pub reply_to: Option<&'h str>,
    /// The requested `message_type`.
    pub message_type: Option<&'h str>,
    /// The file that was sent with it.
    pub file: Option<SentFile<'h>>,
    /// Deletions that succeeded or may have succeeded.
    pub deletions: Vec<Interval>,
    /// Read receipts that were accepted or may have been.
    pub receipts: Vec<Mark<'h>>,
}

impl<'h> Message<'h> {
    /// Whether a read during `interval` may have seen the message deleted.
    pub fn maybe_deleted(&self, interval: Interval) -> bool {
        self.deletions.iter().any(|deletion| !interval.precedes(*deletion))
    }

    /// Whether the message was certainly deleted before `interval`.
    pub fn surely_deleted(&self, interval: Interval) -> bool {
        self.deletions.iter().any(|deletion| deletion.precedes(interval))
    }

    /// The contents that a read during `interval` may have seen.
    pub fn contents(&self, interval: Interval) -> impl Iterator<Item = &'h str> {
        self.versions
            .iter()
            .filter(move |version| {
                version.written.invoked <= interval.returned
                    && !self.versions.iter().any(|later| {
                        version.written.precedes(later.written) && later.written.precedes(interval)
                    })
            })
            .map(|version| version.content)
    }

    /// Whether the message was certainly edited, or certainly not, before `interval`; `None` if
    /// neither is certain.
    pub fn is_edited(&self, interval: Interval) -> Option<bool> {
        let mut edits = self.versions.iter().skip(1);
        if edits.clone().all(|edit| interval.precedes(edit.written)) {
            return Some(false);
        }
        edits.any(|edit| edit.written.precedes(interval)).then_some(true)
    }
}
