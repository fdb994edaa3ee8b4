//! What a frame is, found out with as little reading as that takes.

use std::borrow::Cow;

use hearback_stats::{MessageTag, TagFinder, TagMatch};
use memchr::memmem::Finder;
use serde::Deserialize;

/// A frame of the target. Section *Event Types*.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    /// A message with a tag.
    Message(MessageTag),
    /// A message whose stamp was cut or altered.
    Damaged,
    /// A message without tag: of somebody else.
    Unstamped,
    /// The connection is confirmed.
    Established {
        /// The own user id, where it is given.
        user: Option<i64>,
    },
    /// Somebody types, or has stopped to.
    Typing {
        /// Who.
        user: i64,
        /// Whether.
        is_typing: bool,
    },
    /// Somebody has read a message.
    Receipt {
        /// Who.
        user: i64,
        /// Which message.
        message: Cow<'a, str>,
    },
    /// The room is marked as read.
    RoomMarkedRead,
    /// Something was refused.
    Error(Cow<'a, str>),
    /// Anything else.
    Unknown,
}

/// Reads frames; made once, used for all.
#[derive(Debug)]
pub(crate) struct Reader {
    tags: TagFinder,
    message: Finder<'static>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    user_id: Option<i64>,
    is_typing: Option<bool>,
    #[serde(borrow)]
    message_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Complaint<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

/// A message's id, beside all that a generator does not need.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    message: Identified<'a>,
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { tags: TagFinder::default(), message: Finder::new("\"chat_message\"") }
    }
}

impl Reader {
    /// What a frame is. A message is recognised without parsing it.
    pub(crate) fn read<'a>(&self, text: &'a str) -> Frame<'a> {
        let bytes = text.as_bytes();
        if self.message.find(bytes).is_some() {
            return match self.tags.find(bytes) {
                TagMatch::Valid(tag) => Frame::Message(tag),
                TagMatch::Damaged => Frame::Damaged,
                TagMatch::Absent => Frame::Unstamped,
            };
        }
        let Ok(event) = serde_json::from_str::<Event<'_>>(text) else { return Frame::Unknown };
        match (&*event.kind, event.user_id, event.is_typing, event.message_id) {
            ("connection_established", user, ..) => Frame::Established { user },
            ("typing", Some(user), Some(is_typing), _) => Frame::Typing { user, is_typing },
            ("read_receipt", Some(user), _, Some(message)) => Frame::Receipt { user, message },
            ("room_marked_read", ..) => Frame::RoomMarkedRead,
            ("error", ..) => Frame::Error(
                serde_json::from_str::<Complaint<'_>>(text)
                    .map_or("an error without a message".into(), |complaint| complaint.message),
            ),
            _ => Frame::Unknown,
        }
    }

    /// The id of a message.
    pub(crate) fn message_id(text: &str) -> Option<String> {
        let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
        Some(envelope.message.id.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_the_document_is_recognised() {
        let reader = Reader::default();
        let tag = MessageTag { run: 1, room: 2, sender: 3, sequence: 4, intended: 5 };
        let text = format!(
            r#"{{"type": "chat_message", "message": {{"id": "m-1", "content": "{tag} xxx"}}}}"#
        );
        assert!(matches!(reader.read(&text), Frame::Message(found) if found == tag));
        assert_eq!(Reader::message_id(&text).as_deref(), Some("m-1"));
        let text =
            r#"{"type":"connection_established","room_id":"r","unread_count":0,"user_id":7}"#;
        assert!(matches!(reader.read(text), Frame::Established { user: Some(7) }));
        let text = r#"{"type":"typing","user_id":7,"username":"bob","is_typing":true}"#;
        assert!(matches!(reader.read(text), Frame::Typing { user: 7, is_typing: true }));
        let text = r#"{"type":"read_receipt","message_id":"m","user_id":7,"read_at":"now"}"#;
        assert!(matches!(reader.read(text), Frame::Receipt { user: 7, message } if message == "m"));
        let text = r#"{"type":"room_marked_read","room_id":"r"}"#;
        assert!(matches!(reader.read(text), Frame::RoomMarkedRead));
        let text = r#"{"type":"error","message":"no \"thanks\""}"#;
        assert!(matches!(reader.read(text), Frame::Error(why) if why == "no \"thanks\""));
    }

    #[test]
    fn what_only_looks_like_a_message_is_none() {
        let reader = Reader::default();
        let tag = MessageTag { run: 1, room: 2, sender: 3, sequence: 4, intended: 5 };
        // A target may show in an error what it refuses.
        let text = format!(r#"{{"type":"error","message":"too long: {tag}"}}"#);
        assert!(matches!(reader.read(&text), Frame::Error(_)));
        assert!(matches!(reader.read("{\"type\":\"else\"}"), Frame::Unknown));
        assert!(matches!(reader.read("no json"), Frame::Unknown));
        let text = r#"{"type":"chat_message","message":{"content":"hello"}}"#;
        assert!(matches!(reader.read(text), Frame::Unstamped));
    }
}
