//! Faults of messages.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend,
};
use hearback_contract::RequirementId;
use hearback_reference::input::parse_uuid;
use hearback_reference::rules::{Content, Occasion};
use hearback_reference::store::messages::Message;
use hearback_reference::store::search::Search;
use hearback_reference::timestamp::Timestamp;
use hearback_reference::{App, Refusal};
use serde_json::json;
use uuid::Uuid;

use super::outsiders::messages_of_outsider;
use crate::distortion::{
    drop_fraction, image_is_a_file, increment, null_is_an_id, null_is_zero, replace_id,
    text_is_a_file,
};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, Exchange, RequestChange, When};

/// Operations whose responses contain messages.
const VIEWS: &[Operation] =
    &[MessagesSend, MessagesGet, MessagesList, MessagesSearch, MessagesEdit, MessagesDelete];

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "message/trims-content",
        RequirementId::MessageContentIntact,
        "White space at both ends of content is lost.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| text.trim().to_owned())
            });
        },
    ),
    row(
        "message/escapes-markup",
        RequirementId::MessageContentIntact,
        "Markup in content becomes entities.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| {
                    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
                })
            });
        },
    ),
    row(
        "message/loses-emoji",
        RequirementId::MessageContentIntact,
        "Characters that need four bytes in UTF-8 become question marks.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| {
                    text.replace(|letter: char| letter > '\u{ffff}', "?")
                })
            });
        },
    ),
    row(
        "message/folds-lines",
        RequirementId::MessageContentIntact,
        "Line breaks in content become spaces.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| text.replace('\n', " "))
            });
        },
    ),
    row(
        "message/loses-256th-character",
        RequirementId::MessageContentIntact,
        "A content of exactly 256 characters loses the last one.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| match text.chars().count() {
                    256 => text.chars().take(255).collect(),
                    _ => text.to_owned(),
                })
            });
        },
    ),
    row(
        "message/ends-at-line-separator",
        RequirementId::MessageContentIntact,
        "Nothing is kept from a line separator (U+2028) on.",
        |fault| {
            fault.storage.compose = Some(|base, _, message| {
                change_content(base.compose(message), |text| {
                    text.split('\u{2028}').next().unwrap_or_default().to_owned()
                })
            });
        },
    ),
    row(
        "message/replies-with-type-answer-none",
        RequirementId::MessageReply,
        "A reply that says its `message_type` answers no message.",
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
        "Zero-width joiners are lost when a message is edited.",
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
        "Operations name the user after the sender.",
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
        "Messages are said to be of another room.",
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
        "A new message is said to be edited.",
        |fault| fault.edit_responses(&[MessagesSend], Edit::Set(&["/is_edited"], "true")),
    ),
    row(
        "message/answers-with-previous-id",
        RequirementId::MessageUniqueId,
        "Sending answers with the id of the message before.",
        |fault| {
            let change = Change::With(replace_id_with_previous);
            fault.change_responses(&[MessagesSend], When::Success, change);
        },
    ),
    row(
        "message/text-becomes-file",
        RequirementId::MessageTypeAsSent,
        "A text is said to be a file.",
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
        "Messages that answer none name one.",
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
        "A message of another room can be answered.",
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
        "A reply to a message that does not exist is sent as no reply.",
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
        "`attachment_size` is one byte too large.",
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
        "The last byte of a file is missing when it is fetched.",
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
        "An image is said to be a file.",
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
        "Without an attachment, `attachment_size` is 0.",
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
        "Messages without content are sent.",
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
        "Content of more than 5,000 characters is refused.",
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
        "Content that holds `<` is refused.",
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
        "A message to a room that does not exist is acknowledged.",
        |fault| {
            let change = Change::With(acknowledge_unknown_room);
            fault.change_responses(&[MessagesSend], When::Status(404), change);
        },
    ),
    row(
        "message/send-honours-flags",
        RequirementId::MessageSendIgnoresOtherFields,
        "A sender can set `is_deleted` and `is_edited`.",
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
        "`modified_at` of a message fetched alone lacks the fraction that it has in the list.",
        |fault| fault.edit_responses(&[MessagesGet], Edit::Map(&["/modified_at"], drop_fraction)),
    ),
    row(
        "message/edit-answers-without-content",
        RequirementId::MessageEditContent,
        "An edit answers with empty content.",
        |fault| fault.edit_responses(&[MessagesEdit], Edit::Set(&["/content"], "\"\"")),
    ),
    row(
        "message/edit-without-time",
        RequirementId::MessageEditFlags,
        "An edit answers with no `edited_at`.",
        |fault| fault.edit_responses(&[MessagesEdit], Edit::Set(&["/edited_at"], "null")),
    ),
    row(
        "message/edit-renews-created-at",
        RequirementId::MessageEditChangesNothingElse,
        "An edited message is said to be created when it was edited.",
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
        "An editor can set `created_at`.",
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
        "message/accepts-empty-edits",
        RequirementId::MessageEditToNothingRefused,
        "A message can be edited to nothing.",
        |fault| {
            fault.validation.check_content = Some(|base, _, content| match content.occasion {
                Occasion::Edit => base.check_content(&Content { has_attachment: true, ..*content }),
                _ => base.check_content(content),
            });
        },
    ),
    row(
        "message/search-lags",
        RequirementId::MessageSearchFinds,
        "Search does not find the newest message.",
        |fault| {
            fault.edit_responses(
                &[MessagesSearch],
                Edit::Map(&[""], |found| {
                    if let Some(results) = found["results"].as_array_mut()
                        && !results.is_empty()
                    {
                        results.remove(0);
                        found["count"] = json!(found["count"].as_i64().unwrap_or(1) - 1);
                    }
                }),
            )
        },
    ),
    row(
        "message/searches-for-beginnings",
        RequirementId::MessageSearchOnlyMatches,
        "Search compares the first three characters of the query only.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                let text = search.text.get(..3).unwrap_or(search.text);
                base.search(store, Search { text, ..search }, window)
            });
        },
    ),
    row(
        "message/searches-all-rooms",
        RequirementId::MessageSearchWithinRoom,
        "Search ignores `room`.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                base.search(store, Search { room: None, ..search }, window)
            });
        },
    ),
    row(
        "message/searches-foreign-rooms",
        RequirementId::MessageSearchOwnRoomsOnly,
        "Search finds messages of rooms that one is not in.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                let (count, mut messages) = base.search(store, search, window)?;
                messages.extend(messages_of_outsider(store, search)?);
                Ok((count, messages))
            });
        },
    ),
    row(
        "message/searches-short-texts",
        RequirementId::MessageSearchMinimum,
        "Search takes queries of any length.",
        |fault| fault.validation.check_search = Some(|_, _, _| Ok(())),
    ),
];

fn change_content(message: Message, change: impl FnOnce(&str) -> String) -> Message {
    Message { content: change(&message.content), ..message }
}

/// Replaces the id of a new message by that of the previous message in its room.
fn replace_id_with_previous(_: &App, memory: &Memory, exchange: &mut Exchange) {
    let message = &mut exchange.body;
    let id = message["id"].as_str().unwrap_or_default().to_owned();
    let room = message["room"].as_str().and_then(parse_uuid);
    if let Some(previous) = room.and_then(|room| memory.previous.set(room, id)) {
        message["id"] = json!(previous);
    }
}

/// Acknowledges a message to a room that does not exist.
fn acknowledge_unknown_room(app: &App, _: &Memory, exchange: &mut Exchange) {
    let request = exchange.request_json();
    let room = request["room"].as_str().and_then(parse_uuid);
    let exists = room.is_none_or(|room| !matches!(app.chat().store.room(room), Ok(None)));
    let Some(sender) = exchange.caller(app).filter(|_| !exists) else { return };
    let now = Timestamp::now();
    exchange.replace(
        201,
        json!({
            "id": Uuid::new_v4(), "room": room, "sender": *sender, "message_type": "text",
            "content": request["content"], "attachment": null, "attachment_name": "",
            "attachment_size": null, "reply_to": null, "created_at": now, "modified_at": now,
            "is_edited": false, "edited_at": null, "is_deleted": false, "deleted_at": null,
            "is_read": false, "read_count": 0, "read_by": {},
        }),
    );
}
