//! Messages that this run sent.

use hearback_contract::{MessageId, MessageRef, RoomId};
use hearback_history::{ActorName, Call, Connection, Frame, Interval};

use super::mark::Mark;
use crate::evidence::Evidence;

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
    pub id: MessageId,
    /// The id of the room that it was sent to.
    pub room: RoomId,
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
    pub reply_to: Option<MessageRef<'h>>,
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
    /// Returns whether a read during `interval` may have seen the message deleted.
    pub fn maybe_deleted(&self, interval: Interval) -> bool {
        self.deletions.iter().any(|deletion| !interval.precedes(*deletion))
    }

    /// Returns whether the message was certainly deleted before `interval`.
    pub fn surely_deleted(&self, interval: Interval) -> bool {
        self.deletions.iter().any(|deletion| deletion.precedes(interval))
    }

    /// Returns whether the message was never edited or deleted.
    pub fn is_unaltered(&self) -> bool {
        self.versions.len() == 1 && self.deletions.is_empty()
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

    /// Returns whether the message was certainly edited, or certainly not, before `interval`;
    /// `None` if neither is certain.
    pub fn is_edited(&self, interval: Interval) -> Option<bool> {
        let mut edits = self.versions.iter().skip(1);
        if edits.clone().all(|edit| interval.precedes(edit.written)) {
            return Some(false);
        }
        edits.any(|edit| edit.written.precedes(interval)).then_some(true)
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;

    fn at(invoked: u64, returned: u64) -> Interval {
        let [invoked, returned] = [invoked, returned].map(Nanoseconds::from_millis);
        Interval { invoked, returned }
    }

    /// Queries a message that is sent at 10 to 20 ms, after `lines`.
    fn query<T>(lines: &str, query: impl FnOnce(&Message<'_>) -> T) -> T {
        let history = dsl::parse(&format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group"}} => 201 @room {{"id": "$r1"}}
            [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            {lines}"#
        ))
        .unwrap();
        let model = Model::of(&history);
        query(&model.messages[dsl::id("m1").as_str()])
    }

    #[test]
    fn a_read_may_see_every_content_that_is_not_certainly_replaced() {
        let lines = r#"[30..40] alice messages.edit $m1 {"content": "b"} => 200 @message
            [50..60] alice messages.edit $m1 {"content": "c"} => ?"#;
        query(lines, |message| {
            let contents = |interval| message.contents(interval).collect::<Vec<_>>();
            assert_eq!(contents(at(21, 29)), ["a"]);
            assert_eq!(contents(at(35, 36)), ["a", "b"]);
            assert_eq!(contents(at(41, 49)), ["b"]);
            // The outcome of the second edit is unknown.
            assert_eq!(contents(at(90, 99)), ["b", "c"]);
            assert_eq!(message.is_edited(at(21, 29)), Some(false));
            assert_eq!(message.is_edited(at(35, 36)), None);
            assert_eq!(message.is_edited(at(41, 49)), Some(true));
        });
    }

    #[test]
    fn a_deletion_is_certain_once_it_returned() {
        let deletion = |answer: &str, interval| {
            query(&format!("[30..40] alice messages.delete $m1 => {answer}"), |message| {
                (message.maybe_deleted(interval), message.surely_deleted(interval))
            })
        };
        assert_eq!(deletion("204", at(21, 29)), (false, false));
        assert_eq!(deletion("204", at(35, 36)), (true, false));
        assert_eq!(deletion("204", at(41, 42)), (true, true));
        assert_eq!(deletion("?", at(90, 99)), (true, false));
        assert_eq!(deletion("403 @error", at(90, 99)), (false, false));
    }
}
