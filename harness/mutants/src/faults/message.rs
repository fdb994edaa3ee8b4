//! Faults of messages.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend,
};
use hearback_contract::RequirementId;
use hearback_reference::Refusal;
use hearback_reference::rules::{Content, Occasion};
use hearback_reference::store::messages::Message;
use serde_json::json;

use super::acknowledgement::{acknowledge_unknown_room, replace_id_with_previous};
use crate::distortion::{
    drop_fraction, image_is_a_file, increment, null_is_an_id, null_is_zero, replace_id,
    text_is_a_file,
};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::wire::{Change, RequestChange, When};

/// Stores a changed content.
macro_rules! stores {
    ($change:expr) => {
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                let change: fn(&str) -> String = $change;
                let message = base.compose(message);
                Message { content: change(&message.content), ..message }
            });
        }
    };
}

/// Operations whose responses contain messages.
const VIEWS: &[Operation] =
    &[MessagesSend, MessagesGet, MessagesList, MessagesSearch, MessagesEdit, MessagesDelete];

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "message/trims-content",
        RequirementId::MessageOuterSpaceIntact,
        "White space at both ends of the content is lost.",
        stores!(|text| text.trim().to_owned()),
    ),
    row(
        "message/escapes-markup",
        RequirementId::MessageContentIntact,
        "Markup in the content is replaced with entities.",
        stores!(|text| { text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") }),
    ),
    row(
        "message/loses-emoji",
        RequirementId::MessageContentIntact,
        "Characters of four bytes in UTF-8 are replaced with question marks.",
        stores!(|text| { text.replace(|letter: char| letter > '\u{ffff}', "?") }),
    ),
    row(
        "message/folds-lines",
        RequirementId::MessageContentIntact,
        "Line breaks in the content are replaced with spaces.",
        stores!(|text| text.replace('\n', " ")),
    ),
    row(
        "message/loses-256th-character",
        RequirementId::MessageContentIntact,
        "Content of exactly 256 characters loses the last one.",
        stores!(|text| match text.chars().count() {
            256 => text.chars().take(255).collect(),
            _ => text.to_owned(),
        }),
    ),
    row(
        "message/ends-at-line-separator",
        RequirementId::MessageContentIntact,
        "Content ends at the first line separator (U+2028).",
        stores!(|text| { text.split('\u{2028}').next().unwrap_or_default().to_owned() }),
    ),
    row(
        "message/replies-with-type-answer-none",
        RequirementId::MessageReply,
        "Replies with a `message_type` lose `reply_to`.",
        |fault| {
            fault.change_requests(
                MessagesSend,
                RequestChange::Rewrite(|request| {
                    if request.has("message_type") {
                        request.forget("reply_to");
                    }
                }),
            )
        },
    ),
    row(
        "message/edits-lose-joiners",
        RequirementId::MessageEditContent,
        "Edited content loses zero-width joiners.",
        |fault| {
            fault.change_requests(
                MessagesEdit,
                RequestChange::Rewrite(|request| {
                    let content = request.text("content").replace('\u{200d}', "");
                    if request.body.get("content").is_some_and(|content| content.is_string()) {
                        request.body["content"] = json!(content);
                    }
                }),
            )
        },
    ),
    row(
        "message/wrong-sender",
        RequirementId::MessageSender,
        "The `sender` of messages is the next user.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/sender/id", "/results/*/sender/id"], increment),
            )
        },
    ),
    row(
        "message/wrong-room",
        RequirementId::MessageRoom,
        "The `room` of messages is another room.",
        |fault| {
            fault.edit_responses(
                &[MessagesSend, MessagesGet, MessagesList, MessagesEdit],
                Edit::Map(&["/room", "/results/*/room"], replace_id),
            )
        },
    ),
    row(
        "message/born-edited",
        RequirementId::MessageFreshFlags,
        "New messages appear as edited.",
        |fault| fault.edit_responses(&[MessagesSend], Edit::Set(&["/is_edited"], "true")),
    ),
    row(
        "message/answers-with-previous-id",
        RequirementId::MessageUniqueId,
        "Sending a message returns the id of the previous one.",
        |fault| {
            let change = Change::With(replace_id_with_previous);
            fault.change_responses(&[MessagesSend], When::Success, change);
        },
    ),
    row(
        "message/text-becomes-file",
        RequirementId::MessageTypeAsSent,
        "The type of text messages is `file`.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/message_type", "/results/*/message_type"], text_is_a_file),
            )
        },
    ),
    row(
        "message/forgets-reply",
        RequirementId::MessageReply,
        "`reply_to` is always null.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/reply_to", "/results/*/reply_to"], |id| *id = json!(null)),
            )
        },
    ),
    row(
        "message/everything-is-a-reply",
        RequirementId::MessageNoReply,
        "`reply_to` is never null.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/reply_to", "/results/*/reply_to"], null_is_an_id),
            )
        },
    ),
    row(
        "message/accepts-replies-across-rooms",
        RequirementId::MessageReplyAcrossRoomsRefused,
        "Replies to messages of other rooms are accepted.",
        |fault| {
            fault.validation.reply_target = Some(|base, _, store, room, id| {
                base.reply_target(store, room, id).or_else(|refusal| match store.message(id)? {
                    Some(_) => Ok(Some(id)),
                    None => Err(refusal),
                })
            });
        },
    ),
    row(
        "message/ignores-unknown-replies",
        RequirementId::MessageReplyToUnknownRefused,
        "Replies to messages that do not exist are sent without `reply_to`.",
        |fault| {
            fault.validation.reply_target = Some(|base, _, store, room, id| {
                base.reply_target(store, room, id).or_else(|refusal| match store.message(id)? {
                    Some(_) => Err(refusal),
                    None => Ok(None),
                })
            });
        },
    ),
    row(
        "message/attachment-one-byte-larger",
        RequirementId::MessageAttachment,
        "`attachment_size` is one byte too high.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/attachment_size", "/results/*/attachment_size"], increment),
            )
        },
    ),
    row(
        "message/truncates-files",
        RequirementId::MessageAttachmentContent,
        "Downloaded attachments lack the last byte.",
        |fault| {
            fault.storage.attachment = Some(|base, _, store, message| {
                let mut attachment = base.attachment(store, message)?;
                attachment.as_mut().and_then(|attachment| attachment.bytes.pop());
                Ok(attachment)
            });
        },
    ),
    row(
        "message/images-are-files",
        RequirementId::MessageAttachmentType,
        "The type of image messages is `file`.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/message_type", "/results/*/message_type"], image_is_a_file),
            )
        },
    ),
    row(
        "message/size-of-nothing",
        RequirementId::MessageNoAttachment,
        "`attachment_size` of messages without an attachment is 0.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/attachment_size", "/results/*/attachment_size"], null_is_zero),
            )
        },
    ),
    row(
        "message/accepts-empty",
        RequirementId::MessageEmptyRefused,
        "Messages without content are accepted.",
        |fault| {
            fault.validation.check_content = Some(|base, _, content| match content.occasion {
                Occasion::OperationSend => {
                    base.check_content(&Content { has_attachment: true, ..*content })
                }
                _ => base.check_content(content),
            });
        },
    ),
    row(
        "message/refuses-long-content",
        RequirementId::MessageLargeContent,
        "Content of more than 5,000 characters is rejected.",
        |fault| {
            fault.validation.check_content =
                Some(|base, _, content| match content.text.chars().count() > 5_000 {
                    true => Err(Refusal::invalid("`content` is too long.")),
                    false => base.check_content(content),
                });
        },
    ),
    row(
        "message/refuses-markup",
        RequirementId::MessageSend,
        "Content with `<` is rejected.",
        |fault| {
            fault.validation.check_content =
                Some(|base, _, content| match content.text.contains('<') {
                    true => Err(Refusal::invalid("`content` looks dangerous.")),
                    false => base.check_content(content),
                });
        },
    ),
    row(
        "message/acknowledges-unknown-rooms",
        RequirementId::MessageSendToUnknownRoomRefused,
        "Messages to rooms that do not exist are acknowledged.",
        |fault| {
            let change = Change::With(acknowledge_unknown_room);
            fault.change_responses(&[MessagesSend], When::Status(404), change);
        },
    ),
    row(
        "message/send-honours-flags",
        RequirementId::MessageSendIgnoresOtherFields,
        "Senders can set `is_deleted` and `is_edited`.",
        |fault| {
            fault.change_responses(
                &[MessagesSend],
                When::Success,
                Change::Echo(&["is_deleted", "is_edited"]),
            )
        },
    ),
    row(
        "message/modified-to-the-second",
        RequirementId::MessageGetEqualsList,
        "`modified_at` of a single message lacks the fraction of a second.",
        |fault| fault.edit_responses(&[MessagesGet], Edit::Map(&["/modified_at"], drop_fraction)),
    ),
    row(
        "message/edit-answers-without-content",
        RequirementId::MessageEditContent,
        "Editing a message returns empty content.",
        |fault| fault.edit_responses(&[MessagesEdit], Edit::Set(&["/content"], "\"\"")),
    ),
    row(
        "message/edit-without-time",
        RequirementId::MessageEditFlags,
        "Editing a message returns no `edited_at`.",
        |fault| fault.edit_responses(&[MessagesEdit], Edit::Set(&["/edited_at"], "null")),
    ),
    row(
        "message/edit-renews-created-at",
        RequirementId::MessageEditChangesNothingElse,
        "Editing a message returns the time of the edit as `created_at`.",
        |fault| {
            fault.edit_responses(
                &[MessagesEdit],
                Edit::Map(&[""], |message| message["created_at"] = message["edited_at"].clone()),
            )
        },
    ),
    row(
        "message/edit-honours-created-at",
        RequirementId::MessageEditIgnoresOtherFields,
        "Editors can set `created_at`.",
        |fault| {
            fault.change_responses(&[MessagesEdit], When::Success, Change::Echo(&["created_at"]))
        },
    ),
    row(
        "message/any-member-edits",
        RequirementId::MessageEditByOthersRefused,
        "Every member can edit every message.",
        |fault| fault.permissions.check_edit = Some(|_, _, _, _| Ok(())),
    ),
    row(
        "message/any-member-deletes",
        RequirementId::MessageDeleteByOthersRefused,
        "Every member can delete every message.",
        |fault| fault.permissions.check_delete = Some(|_, _, _, _| Ok(())),
    ),
    row(
        "message/accepts-empty-edits",
        RequirementId::MessageEditToNothingRefused,
        "Edits to empty content are accepted.",
        |fault| {
            fault.validation.check_content = Some(|base, _, content| match content.occasion {
                Occasion::Edit => base.check_content(&Content { has_attachment: true, ..*content }),
                _ => base.check_content(content),
            });
        },
    ),
];
