//! Faults of deletion.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesSearch, MessagesSend,
};
use hearback_contract::RequirementId;
use hearback_reference::App;
use hearback_reference::input::parse_uuid;
use hearback_reference::rules::Storage;
use hearback_reference::store::Store;
use hearback_reference::store::messages::Message;
use hearback_reference::store::search::Search;
use hearback_reference::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::distortion::drop_fraction;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, Exchange, When};

/// Operations whose responses contain deleted messages.
const VIEWS: &[Operation] = &[MessagesGet, MessagesList, MessagesSearch, MessagesDelete];

/// Operations whose responses contain replies.
const REPLIES: &[Operation] =
    &[MessagesSend, MessagesGet, MessagesList, MessagesSearch, MessagesEdit, MessagesDelete];

const GONE: &str =
    r#"{"error":"Resource not found","detail":"There is no such message, or you cannot see it."}"#;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "deletion/leaves-nothing",
        RequirementId::DeletionPlaceholder,
        "Deleted messages have empty content.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["", "/results/*"], |message| {
                    if message["is_deleted"] == true {
                        message["content"] = json!("");
                    }
                }),
            )
        },
    ),
    row(
        "deletion/without-time",
        RequirementId::DeletionFlags,
        "`deleted_at` is always null.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["/deleted_at", "/results/*/deleted_at"], |time| *time = json!(null)),
            )
        },
    ),
    row(
        "deletion/shows-text",
        RequirementId::DeletionTextIsGone,
        "Deleted messages still show their text.",
        |fault| {
            fault.storage.delete_message = Some(keep_text);
            fault.rendering.message =
                Some(|base, memory, message| reveal(memory, base.message(message)));
        },
    ),
    row(
        "deletion/finds-text",
        RequirementId::DeletionNotInSearch,
        "Search finds deleted messages by their former text.",
        |fault| {
            fault.storage.delete_message = Some(keep_text);
            fault.listing.search = Some(|base, memory, store, search, window| {
                let (count, mut messages) = base.search(store, search, window)?;
                messages.extend(deleted_messages(memory, store, search)?);
                Ok((count, messages))
            });
        },
    ),
    row(
        "deletion/previews-text",
        RequirementId::DeletionNotInPreview,
        "Rooms still show the text of a deleted last message.",
        |fault| {
            fault.storage.delete_message = Some(keep_text);
            fault.rendering.last_message = Some(|base, memory, store, room| {
                Ok(base.last_message(store, room)?.map(|message| reveal(memory, message)))
            });
        },
    ),
    row(
        "deletion/replies-show-text",
        RequirementId::DeletionNotInReplies,
        "Replies embed the text of the deleted message that they refer to.",
        |fault| {
            fault.storage.delete_message = Some(keep_text);
            fault.change_responses(REPLIES, When::Success, Change::With(embed_deleted_texts));
        },
    ),
    row(
        "deletion/edits-deleted",
        RequirementId::DeletionStaysDeleted,
        "Deleted messages can be edited.",
        |fault| fault.validation.check_editable = Some(|_, _, _| Ok(())),
    ),
    row(
        "deletion/deletes-again",
        RequirementId::DeletionDeletedAtKept,
        "Deleting a deleted message sets `deleted_at` again.",
        |fault| {
            let delete = |_: &App, memory: &Memory, exchange: &mut Exchange| {
                if let Some(id) = exchange.received().id_in_path() {
                    memory.deletions.set(id, Timestamp::now());
                }
            };
            fault.change_responses(&[MessagesDelete], When::Success, Change::With(delete));
            fault.rendering.message = Some(|base, memory, message| {
                let message = base.message(message);
                let deleted_at = memory.deletions.get(message.id).or(message.deleted_at);
                Message { deleted_at, ..message }
            });
        },
    ),
    row(
        "deletion/get-hides-listed",
        RequirementId::DeletionGetAgreesWithList,
        "Deleted messages are listed, but return 404 on their own.",
        |fault| {
            fault.change_responses(
                &[MessagesGet],
                When::SuccessWhere(|message| message["is_deleted"] == true),
                Change::Replace(404, GONE),
            )
        },
    ),
    row(
        "deletion/created-to-the-second",
        RequirementId::DeletionChangesNothingElse,
        "`created_at` of deleted messages lacks the fraction of a second.",
        |fault| {
            fault.edit_responses(
                VIEWS,
                Edit::Map(&["", "/results/*"], |message| {
                    if message["is_deleted"] == true {
                        drop_fraction(&mut message["created_at"]);
                    }
                }),
            )
        },
    ),
    row(
        "deletion/only-admins-delete",
        RequirementId::DeletionDeleteOwn,
        "Senders who are not admins cannot delete their messages.",
        |fault| {
            fault.permissions.check_delete = Some(|_, _, membership, _| membership.require_admin());
        },
    ),
];

/// Deletes a message and keeps its text.
fn keep_text(
    base: &dyn Storage,
    memory: &Memory,
    store: &Store,
    message: &Message,
    now: Timestamp,
) -> rusqlite::Result<()> {
    memory.keep_text(message);
    base.delete_message(store, message, now)
}

/// The message with its text, if it is deleted.
fn reveal(memory: &Memory, message: Message) -> Message {
    let content = memory.texts.get(message.id).unwrap_or(message.content);
    Message { content, ..message }
}

/// Deleted messages whose text contains the search, as far as the user may see them.
fn deleted_messages(
    memory: &Memory,
    store: &Store,
    search: Search<'_>,
) -> rusqlite::Result<Vec<Message>> {
    let mut messages = Vec::new();
    for (id, text) in memory.texts.entries() {
        let Some(message) = store.message(id)? else { continue };
        let member = store.participant_of(message.room, search.user)?;
        if text.contains(search.text)
            && member.is_some_and(|member| member.left_at.is_none())
            && search.room.is_none_or(|room| room == message.room)
        {
            messages.push(message);
        }
    }
    Ok(messages)
}

/// Replaces the ids of deleted messages in `reply_to` by objects with id and text.
fn embed_deleted_texts(_: &App, memory: &Memory, exchange: &mut Exchange) {
    let embed = |message: &mut Value| {
        let id = message.get("reply_to").and_then(Value::as_str).and_then(parse_uuid);
        if let Some((id, content)) = id.and_then(|id| Some((id, memory.texts.get(id)?))) {
            message["reply_to"] = json!({ "id": id, "content": content });
        }
    };
    match exchange.body.get_mut("results").and_then(Value::as_array_mut) {
        Some(messages) => messages.iter_mut().for_each(embed),
        None => embed(&mut exchange.body),
    }
}
