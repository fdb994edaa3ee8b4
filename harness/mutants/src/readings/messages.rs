//! Readings of messages.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend,
};
use hearback_contract::{ReadingId, RequirementId, ServerEvent};
use hearback_reference::delivery::{Audience, Event, MessageEvent};
use hearback_reference::rules::{Content, Occasion};
use hearback_reference::views::MessageView;
use hearback_reference::{MessageType, Refusal};
use serde_json::json;

use super::lookup::{json_of, objects};
use super::switch::{ReadingSwitch, row};
use crate::distortion::change_text;
use crate::edit::Edit;
use crate::wire::{Change, When};

/// Operations whose responses contain messages.
pub(super) const VIEWS: &[Operation] =
    &[MessagesSend, MessagesGet, MessagesList, MessagesSearch, MessagesEdit, MessagesDelete];

/// The signature of every URL of a file.
const SIGNATURE: &str = "signature=5ca1ab1e";

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::RestReplyToObject, |reading| {
        reading.change_responses(
            VIEWS,
            When::Success,
            Change::With(|app, _, exchange| {
                let base_url = exchange.base_url();
                let chat = app.chat();
                for message in objects(&mut exchange.body) {
                    let id = message["reply_to"].as_str().and_then(|id| id.parse().ok());
                    let Some(id) = id else { continue };
                    if let Ok(Some(original)) = chat.store.message(id) {
                        let view = MessageView::of(&chat, &base_url, original);
                        message["reply_to"] = view.map(json_of).unwrap_or_default();
                    }
                }
            }),
        );
    }),
    row(ReadingId::AttachmentUrlRelative, |reading| {
        let relative = Edit::Map(&["/attachment", "/results/*/attachment"], |url| {
            change_text(url, |url| {
                let path = url.find("/media/").map(|start| &url[start..]);
                path.unwrap_or(url).to_owned()
            });
        });
        reading.edit_responses(VIEWS, relative);
    }),
    row(ReadingId::AttachmentAccessSigned, |reading| {
        let signed = Edit::Map(&["/attachment", "/results/*/attachment"], |url| {
            change_text(url, |url| format!("{url}?{SIGNATURE}"));
        });
        reading.edit_responses(VIEWS, signed);
        reading.permissions.check_download =
            Some(|base, _, readable, download| match download.query.contains(SIGNATURE) {
                true => Ok(()),
                false => base.check_download(readable, download),
            });
    })
    .leaving_open(&[
        RequirementId::MessageAttachmentNeedsToken,
        RequirementId::MessageAttachmentMembersOnly,
    ]),
    row(ReadingId::SocketSenderEmailPresent, |reading| {
        reading.edit_events(
            ServerEvent::ChatMessage,
            Edit::Map(&["/message/sender"], |sender| {
                let username = sender["username"].as_str().unwrap_or_default();
                sender["email"] = json!(format!("{username}@example.com"));
            }),
        );
    }),
    row(ReadingId::EditsOverSocketRepeated, |reading| {
        reading.change_responses(
            &[MessagesEdit],
            When::Success,
            Change::With(|app, _, exchange| {
                let Some(id) = exchange.received().id_in_path() else { return };
                let chat = &mut *app.chat();
                if let Ok(Some(message)) = chat.store.message(id) {
                    let sender = chat.directory.known(message.sender);
                    let event =
                        Event::ChatMessage { message: MessageEvent::new(&message, &sender) };
                    chat.hub.deliver(message.room, &event, Audience::Everyone);
                }
            }),
        );
    }),
    row(ReadingId::EmptyContentRefused, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            base.check_content(&Content { has_attachment: false, ..*content })
        });
    }),
    row(ReadingId::EmptyContentBlank, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            let is_blank = !content.text.is_empty() && content.text.trim().is_empty();
            base.check_content(&Content {
                has_attachment: content.has_attachment || is_blank,
                ..*content
            })
        });
    }),
    row(ReadingId::ContentLength10000, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            base.check_content(content)?;
            match content.text.chars().count() {
                0..=10_000 => Ok(()),
                _ => Err(Refusal::invalid("`content` has more than 10,000 characters.")),
            }
        });
    }),
    row(ReadingId::ContentLengthUnlimited, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            let beginning: String = content.text.trim_start().chars().take(10_000).collect();
            match content.text.chars().count() {
                0..=10_000 => base.check_content(content),
                _ => base.check_content(&Content { text: &beginning, ..*content }),
            }
        });
    }),
    row(ReadingId::ClientMessageTypeAccepted, |reading| {
        reading.validation.check_message_type = Some(|_, _, _, _| Ok(()));
    }),
    row(ReadingId::ClientMessageTypeRefused, |reading| {
        reading.validation.check_message_type =
            Some(|base, _, given, has_attachment| match given {
                MessageType::Image | MessageType::File if !has_attachment => {
                    Err(Refusal::invalid("A file is missing."))
                }
                given => base.check_message_type(given, has_attachment),
            });
    }),
    row(ReadingId::ReplyToOtherRoom404, |reading| {
        reading.validation.reply_target = Some(|base, _, store, room, id| {
            let target = base.reply_target(store, room, id);
            match store.message(id)? {
                Some(message) if message.room != room.id => {
                    Err(Refusal::NotFound("There is no such message in this room."))
                }
                _ => target,
            }
        });
    }),
    row(ReadingId::HugeFramesError, |reading| {
        reading.validation.check_content = Some(|base, _, content| {
            let is_huge = content.text.len() > LARGE_FRAME;
            match content.occasion {
                Occasion::SocketSend if is_huge => Err(Refusal::invalid("The frame is too large.")),
                _ => base.check_content(content),
            }
        });
    }),
    row(ReadingId::HugeFrames1009, |reading| {
        reading.validation.frame_limit = Some(|_, _| LARGE_FRAME);
    }),
];

/// Size from which hearback expects that a frame may be too large, in bytes.
const LARGE_FRAME: usize = 64 << 10;
