//! Messages that the run sent.

use hearback_history::{ActorName, Call, Connection, Frame, Interval};

use super::read_state::Mark;
use crate::rule_context::Evidence;

/// The content of a deleted message (REST API Endpoints, Messages, Delete Message).
pub const DELETED_CONTENT: &str = "[Message deleted]";

/// How a message was sent.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'h> {
    /// By messages.send.
    Rest(&'h Call),
    /// By an event on a socket.
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

/// A content that the message had, and when it was given it.
#[derive(Clone, Copy, Debug)]
pub struct Version<'h> {
    /// The content.
    pub content: &'h str,
    /// Written within this.
    pub written: Interval,
}

/// A file that was sent with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile<'h> {
    /// Its name.
    pub name: &'h str,
    /// Its content type as declared.
    pub content_type: &'h str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message that the run sent.
#[derive(Clone, Debug)]
pub struct Message<'h> {
    /// Its id.
    pub id: String,
    /// Its room's id.
    pub room: String,
    /// Who sent it.
    pub sender: ActorName,
    /// How.
    pub origin: Origin<'h>,
    /// Sent within this: for a socket, from the frame to the first time that anybody received it.
    pub sent: Interval,
    /// Its contents, the first first.
    pub versions: Vec<Version<'h>>,
    /// The id of the answered message, as asked for.
    pub reply_to: Option<&'h str>,
    /// The `message_type` asked for.
    pub message_type: Option<&'h str>,
    /// The file sent with it.
    pub file: Option<SentFile<'h>>,
    /// Deletions that succeeded or may have.
    pub deletions: Vec<Interval>,
    /// Receipts for it that were given or may have been.
    pub receipts: Vec<Mark<'h>>,
}

impl<'h> Message<'h> {
    /// Whether a read during `interval` may have seen the message deleted.
    pub fn maybe_deleted(&self, interval: Interval) -> bool {
        self.deletions.iter().any(|deletion| !interval.precedes(*deletion))
    }

    /// Whether it surely was deleted before `interval`.
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

    /// Whether an edit surely came before `interval`, or none can have: `None` if it cannot be told.
    pub fn is_edited(&self, interval: Interval) -> Option<bool> {
        let mut edits = self.versions.iter().skip(1);
        if edits.clone().all(|edit| interval.precedes(edit.written)) {
            return Some(false);
        }
        edits.any(|edit| edit.written.precedes(interval)).then_some(true)
    }
}
