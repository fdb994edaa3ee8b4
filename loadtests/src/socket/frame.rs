//! Frames of the target, parsed only as far as a generator needs.

use std::borrow::Cow;

use hearback_contract::UserId;
use hearback_stats::{MessageTag, TagFinder, TagMatch};
use memchr::memmem::Finder;
use serde::Deserialize;

/// A frame of the target. Section *Event Types*.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    /// A message with a tag.
    Message(MessageTag),
    /// A message with a truncated or altered tag.
    Damaged,
    /// A message without a tag, from another client.
    Untagged,
    /// `connection_established`.
    Established {
        /// The user id of the member, if the event contains it.
        user: Option<UserId>,
    },
    /// `typing`.
    Typing {
        /// The user who types.
        user: UserId,
        /// True if the user is typing now.
        is_typing: bool,
    },
    /// `read_receipt`.
    Receipt {
        /// The user who read the message.
        user: UserId,
        /// Id of the message.
        message: Cow<'a, str>,
    },
    /// `room_marked_read`.
    RoomMarkedRead,
    /// `error`, with its message.
    Error(Cow<'a, str>),
    /// Any other frame.
    Unknown,
}

/// Parses frames. Created once, since it precomputes substring searches.
#[derive(Debug)]
pub(crate) struct FrameParser {
    tags: TagFinder,
    message: Finder<'static>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    user_id: Option<UserId>,
    is_typing: Option<bool>,
    #[serde(borrow)]
    message_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ErrorEvent<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Deserialize)]
struct MessageEvent<'a> {
    #[serde(borrow)]
    message: MessageId<'a>,
}

/// A message without its other fields.
#[derive(Deserialize)]
struct MessageId<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl Default for FrameParser {
    fn default() -> Self {
        Self { tags: TagFinder::default(), message: Finder::new("\"chat_message\"") }
    }
}

impl FrameParser {
    /// Parses a frame. Messages are recognized by substring search, without parsing their JSON.
    pub(crate) fn parse<'a>(&self, text: &'a str) -> Frame<'a> {
        let bytes = text.as_bytes();
        if self.message.find(bytes).is_some() {
            return match self.tags.find(bytes) {
                TagMatch::Valid(tag) => Frame::Message(tag),
                TagMatch::Damaged => Frame::Damaged,
                TagMatch::Absent => Frame::Untagged,
            };
        }
        let Ok(event) = serde_json::from_str::<Event<'_>>(text) else { return Frame::Unknown };
        match (&*event.kind, event.user_id, event.is_typing, event.message_id) {
            ("connection_established", user, ..) => Frame::Established { user },
            ("typing", Some(user), Some(is_typing), _) => Frame::Typing { user, is_typing },
            ("read_receipt", Some(user), _, Some(message)) => Frame::Receipt { user, message },
            ("room_marked_read", ..) => Frame::RoomMarkedRead,
            ("error", ..) => Frame::Error(
                serde_json::from_str::<ErrorEvent<'_>>(text)
                    .map_or("an error without a message".into(), |event| event.message),
            ),
            _ => Frame::Unknown,
        }
    }

    /// The id of the message in a `chat_message` frame.
    pub(crate) fn message_id(text: &str) -> Option<String> {
        let event: MessageEvent<'_> = serde_json::from_str(text).ok()?;
        Some(event.message.id.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_events_of_the_specification_are_recognized() {
        let parser = FrameParser::default();
        let tag =
            MessageTag { run: 1, room: 2, sender: 3, sequence: 4, intended: Nanoseconds::new(5) };
        let text = format!(
            r#"{{"type": "chat_message", "message": {{"id": "m-1", "content": "{tag} xxx"}}}}"#
        );
        assert!(matches!(parser.parse(&text), Frame::Message(found) if found == tag));
        assert_eq!(FrameParser::message_id(&text).as_deref(), Some("m-1"));
        let text =
            r#"{"type":"connection_established","room_id":"r","unread_count":0,"user_id":7}"#;
        assert!(matches!(parser.parse(text), Frame::Established { user: Some(user) } if user == 7));
        let text = r#"{"type":"typing","user_id":7,"username":"bob","is_typing":true}"#;
        assert!(matches!(parser.parse(text), Frame::Typing { user, is_typing: true } if user == 7));
        let text = r#"{"type":"read_receipt","message_id":"m","user_id":7,"read_at":"now"}"#;
        assert!(
            matches!(parser.parse(text), Frame::Receipt { user, message } if user == 7 && message == "m")
        );
        let text = r#"{"type":"room_marked_read","room_id":"r"}"#;
        assert!(matches!(parser.parse(text), Frame::RoomMarkedRead));
        let text = r#"{"type":"error","message":"no \"thanks\""}"#;
        assert!(matches!(parser.parse(text), Frame::Error(why) if why == "no \"thanks\""));
    }

    #[test]
    fn tags_in_other_frames_are_ignored() {
        let parser = FrameParser::default();
        let tag =
            MessageTag { run: 1, room: 2, sender: 3, sequence: 4, intended: Nanoseconds::new(5) };
        // A target may quote the message that it rejects.
        let text = format!(r#"{{"type":"error","message":"too long: {tag}"}}"#);
        assert!(matches!(parser.parse(&text), Frame::Error(_)));
        assert!(matches!(parser.parse("{\"type\":\"else\"}"), Frame::Unknown));
        assert!(matches!(parser.parse("not JSON"), Frame::Unknown));
        let text = r#"{"type":"chat_message","message":{"content":"hello"}}"#;
        assert!(matches!(parser.parse(text), Frame::Untagged));
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_parsed(text: String) {
            let _frame = FrameParser::default().parse(&text);
            let _id = FrameParser::message_id(&text);
        }

        #[test]
        fn damaged_events_are_parsed(
            kind in "(chat_message|connection_established|typing|read_receipt|error|x)",
            fields in prop::collection::vec(
                ("(type|user_id|is_typing|message_id|message)", "(7|true|null|\"m\"|\"hb~0\"|\\{\\}|[0-9\"{},:]{0,3})"),
                0..4,
            ),
        ) {
            let fields = fields.iter().map(|(key, value)| format!(", \"{key}\": {value}"));
            let text = format!("{{\"type\": \"{kind}\"{}}}", fields.collect::<String>());
            let frame = FrameParser::default().parse(&text);
            prop_assert_eq!(text.contains("\"chat_message\""), matches!(frame, Frame::Untagged | Frame::Damaged));
        }
    }
}
