//! Faults of messages.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend,
};
use serde_json::json;

use super::{Edit, FaultSpec, behaviour, changed, edited, misread, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::content::Mangling;
use crate::faults::request::Misreading;
use crate::faults::response::{Change, When};
use crate::faults::values::{
    drop_fraction, image_is_a_file, increment, null_is_an_id, null_is_zero, text_is_a_file,
};

/// Operations that answer with messages.
const VIEWS: &[Operation] =
    &[MessagesSend, MessagesGet, MessagesList, MessagesSearch, MessagesEdit, MessagesDelete];

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "message/trims-content",
        "message/content-intact",
        "White space at both ends of content is lost.",
        behaviour(Behaviour::Mangles(Mangling::Trims)),
    ),
    row(
        "message/escapes-markup",
        "message/content-intact",
        "Markup in content becomes entities.",
        behaviour(Behaviour::Mangles(Mangling::EscapesMarkup)),
    ),
    row(
        "message/loses-emoji",
        "message/content-intact",
        "Characters that need four bytes in UTF-8 become question marks.",
        behaviour(Behaviour::Mangles(Mangling::LosesEmoji)),
    ),
    row(
        "message/folds-lines",
        "message/content-intact",
        "Line breaks in content become spaces.",
        behaviour(Behaviour::Mangles(Mangling::FoldsLines)),
    ),
    row(
        "message/loses-256th-character",
        "message/content-intact",
        "A content of exactly 256 characters loses the last one.",
        behaviour(Behaviour::Mangles(Mangling::Loses256th)),
    ),
    row(
        "message/ends-at-line-separator",
        "message/content-intact",
        "Nothing is kept from a line separator (U+2028) on.",
        behaviour(Behaviour::Mangles(Mangling::EndsAtLineSeparator)),
    ),
    row(
        "message/replies-with-type-answer-none",
        "message/reply",
        "A reply that says its `message_type` answers no message.",
        misread(
            MessagesSend,
            Misreading::Rewrites(|asked| {
                if asked.has("message_type") {
                    asked.forget("reply_to");
                }
            }),
        ),
    ),
    row(
        "message/edits-lose-joiners",
        "message/edit-content",
        "Zero-width joiners are lost when a message is edited.",
        misread(
            MessagesEdit,
            Misreading::Rewrites(|asked| {
                let content = asked.text("content").replace('\u{200d}', "");
                if asked.body.get("content").is_some_and(|content| content.is_string()) {
                    asked.body["content"] = json!(content);
                }
            }),
        ),
    ),
    row(
        "message/wrong-sender",
        "message/sender",
        "Operations name the user after the sender.",
        edited(VIEWS, Edit::Map(&["/sender/id", "/results/*/sender/id"], increment)),
    ),
    row(
        "message/wrong-room",
        "message/room",
        "Messages are said to be of another room.",
        edited(
            &[MessagesSend, MessagesGet, MessagesList, MessagesEdit],
            Edit::Map(&["/room", "/results/*/room"], |room| {
                *room = json!(null);
                null_is_an_id(room);
            }),
        ),
    ),
    row(
        "message/born-edited",
        "message/fresh-flags",
        "A new message is said to be edited.",
        edited(&[MessagesSend], Edit::Set(&["/is_edited"], "true")),
    ),
    row(
        "message/answers-with-previous-id",
        "message/unique-id",
        "Sending answers with the id of the message before.",
        behaviour(Behaviour::SendAnswersWithPreviousId),
    ),
    row(
        "message/text-becomes-file",
        "message/type-as-sent",
        "A text is said to be a file.",
        edited(VIEWS, Edit::Map(&["/message_type", "/results/*/message_type"], text_is_a_file)),
    ),
    row(
        "message/forgets-reply",
        "message/reply",
        "`reply_to` is always null.",
        edited(VIEWS, Edit::Map(&["/reply_to", "/results/*/reply_to"], |id| *id = json!(null))),
    ),
    row(
        "message/everything-is-a-reply",
        "message/no-reply",
        "Messages that answer none name one.",
        edited(VIEWS, Edit::Map(&["/reply_to", "/results/*/reply_to"], null_is_an_id)),
    ),
    row(
        "message/accepts-replies-across-rooms",
        "message/reply-across-rooms-refused",
        "A message of another room can be answered.",
        behaviour(Behaviour::AcceptsRepliesAcrossRooms),
    ),
    row(
        "message/ignores-unknown-replies",
        "message/reply-to-unknown-refused",
        "A reply to a message that does not exist is sent as no reply.",
        behaviour(Behaviour::IgnoresUnknownReplies),
    ),
    row(
        "message/attachment-one-byte-larger",
        "message/attachment",
        "`attachment_size` is one byte too large.",
        edited(VIEWS, Edit::Map(&["/attachment_size", "/results/*/attachment_size"], increment)),
    ),
    row(
        "message/truncates-files",
        "message/attachment-content",
        "The last byte of a file is missing when it is fetched.",
        behaviour(Behaviour::TruncatesFiles),
    ),
    row(
        "message/images-are-files",
        "message/attachment-type",
        "An image is said to be a file.",
        edited(VIEWS, Edit::Map(&["/message_type", "/results/*/message_type"], image_is_a_file)),
    ),
    row(
        "message/size-of-nothing",
        "message/no-attachment",
        "Without an attachment, `attachment_size` is 0.",
        edited(VIEWS, Edit::Map(&["/attachment_size", "/results/*/attachment_size"], null_is_zero)),
    ),
    row(
        "message/accepts-empty",
        "message/empty-refused",
        "Messages without content are sent.",
        behaviour(Behaviour::AcceptsEmptyMessages),
    ),
    row(
        "message/refuses-long-content",
        "message/large-content",
        "Content of more than 5,000 characters is refused.",
        behaviour(Behaviour::RefusesLongContent),
    ),
    row(
        "message/refuses-markup",
        "message/send",
        "Content that holds `<` is refused.",
        behaviour(Behaviour::RefusesMarkup),
    ),
    row(
        "message/acknowledges-unknown-rooms",
        "message/send-to-unknown-room-refused",
        "A message to a room that does not exist is acknowledged.",
        behaviour(Behaviour::AcknowledgesUnknownRooms),
    ),
    row(
        "message/send-honours-flags",
        "message/send-ignores-other-fields",
        "A sender can set `is_deleted` and `is_edited`.",
        changed(&[MessagesSend], When::Success, Change::Echo(&["is_deleted", "is_edited"])),
    ),
    row(
        "message/modified-to-the-second",
        "message/get-equals-list",
        "`modified_at` of a message fetched alone lacks the fraction that it has in the list.",
        edited(&[MessagesGet], Edit::Map(&["/modified_at"], drop_fraction)),
    ),
    row(
        "message/edit-answers-without-content",
        "message/edit-content",
        "An edit answers with empty content.",
        edited(&[MessagesEdit], Edit::Set(&["/content"], "\"\"")),
    ),
    row(
        "message/edit-without-time",
        "message/edit-flags",
        "An edit answers with no `edited_at`.",
        edited(&[MessagesEdit], Edit::Set(&["/edited_at"], "null")),
    ),
    row(
        "message/edit-renews-created-at",
        "message/edit-changes-nothing-else",
        "An edited message is said to be created when it was edited.",
        edited(
            &[MessagesEdit],
            Edit::Map(&[""], |message| message["created_at"] = message["edited_at"].clone()),
        ),
    ),
    row(
        "message/edit-honours-created-at",
        "message/edit-ignores-other-fields",
        "An editor can set `created_at`.",
        changed(&[MessagesEdit], When::Success, Change::Echo(&["created_at"])),
    ),
    row(
        "message/any-member-edits",
        "message/edit-by-others-refused",
        "Every member can edit every message.",
        behaviour(Behaviour::AnyMemberEdits),
    ),
    row(
        "message/accepts-empty-edits",
        "message/edit-to-nothing-refused",
        "A message can be edited to nothing.",
        behaviour(Behaviour::AcceptsEmptyEdits),
    ),
    row(
        "message/search-lags",
        "message/search-finds",
        "Search does not find the newest message.",
        edited(
            &[MessagesSearch],
            Edit::Map(&[""], |found| {
                if let Some(results) = found["results"].as_array_mut()
                    && !results.is_empty()
                {
                    results.remove(0);
                    found["count"] = json!(found["count"].as_i64().unwrap_or(1) - 1);
                }
            }),
        ),
    ),
    row(
        "message/searches-for-beginnings",
        "message/search-only-matches",
        "Search compares the first three characters of the query only.",
        behaviour(Behaviour::SearchesForBeginnings),
    ),
    row(
        "message/searches-all-rooms",
        "message/search-within-room",
        "Search ignores `room`.",
        behaviour(Behaviour::SearchesAllRooms),
    ),
    row(
        "message/searches-foreign-rooms",
        "message/search-own-rooms-only",
        "Search finds messages of rooms that one is not in.",
        behaviour(Behaviour::SearchesForeignRooms),
    ),
    row(
        "message/searches-short-texts",
        "message/search-minimum",
        "Search takes queries of any length.",
        behaviour(Behaviour::SearchesShortTexts),
    ),
];
