//! Readings of deletion.

use hearback_contract::Operation::{MessagesDelete, MessagesGet, MessagesMarkRead, RoomsStats};
use hearback_contract::{ReadingId, RequirementId};
use hearback_reference::Refusal;
use hearback_reference::store::messages::{Message, Ordering};
use hearback_reference::store::{Store, Window};
use rusqlite::Result;
use serde_json::json;
use uuid::Uuid;

use super::lookup::{member, newest_kept, part, refusal};
use super::switch::{ReadingSwitch, row};
use crate::mutation::Mutation;
use crate::wire::{AnswerOf, Change, When};

const GONE: Refusal = Refusal::NotFound("There is no such message, or you cannot see it.");

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::WhoMayDeleteSender, |reading| {
        reading.permissions.check_delete = Some(|_, _, membership, message| {
            if message.sender == membership.user() {
                Ok(())
            } else {
                Err(Refusal::Forbidden("Only the sender may delete a message."))
            }
        });
    }),
    row(ReadingId::DeleteTwice404, |reading| {
        reading.permissions.check_delete = Some(|base, _, membership, message| {
            base.check_delete(membership, message)?;
            if message.deleted_at.is_some() { Err(GONE) } else { Ok(()) }
        });
    }),
    row(ReadingId::DeleteTwice400, |reading| {
        reading.permissions.check_delete = Some(|base, _, membership, message| {
            base.check_delete(membership, message)?;
            match message.deleted_at {
                Some(_) => Err(Refusal::invalid("The message is deleted already.")),
                None => Ok(()),
            }
        });
    }),
    row(ReadingId::EditDeleted403, |reading| {
        reading.validation.check_editable = Some(|base, _, message| {
            let refused = Refusal::Forbidden("A deleted message cannot be edited.");
            base.check_editable(message).map_err(|_| refused)
        });
    }),
    row(ReadingId::EditDeleted404, |reading| {
        reading.validation.check_editable =
            Some(|base, _, message| base.check_editable(message).map_err(|_| GONE));
    }),
    row(ReadingId::DeletedMessageReadsGone, gone)
        .leaving_open(&[
            RequirementId::DeletionDeletedAtKept,
            RequirementId::DeletionPlaceholder,
            RequirementId::DeletionFlags,
            RequirementId::DeletionTextIsGone,
            RequirementId::DeletionChangesNothingElse,
        ])
        .implying(&[ReadingId::DeleteTwice404, ReadingId::EditDeleted404]),
];

/// Deleted messages are neither listed nor found by their id, and nothing else shows or counts them.
fn gone(reading: &mut Mutation) {
    reading.listing.messages = Some(|base, _, store, membership, ordering, window| {
        let (_, mut messages) = base.messages(store, membership, ordering, Window::ALL)?;
        messages.retain(|message| message.deleted_at.is_none());
        Ok(part(messages, window))
    });
    reading.rendering.last_message = Some(|_, _, store, room| newest_kept(store, room));
    reading.validation.check_editable =
        Some(|base, _, message| base.check_editable(message).map_err(|_| GONE));
    reading.permissions.check_delete = Some(|base, _, membership, message| {
        base.check_delete(membership, message)?;
        if message.deleted_at.is_some() { Err(GONE) } else { Ok(()) }
    });
    reading.validation.reply_target = Some(|base, _, store, room, id| {
        let target = base.reply_target(store, room, id)?;
        match target.map(|id| store.message(id)).transpose()?.flatten() {
            Some(message) if message.deleted_at.is_some() => {
                Err(Refusal::invalid("There is no such message in this room."))
            }
            _ => Ok(target),
        }
    });
    let is_gone: AnswerOf = |app, request, user| {
        let id = request.id_in_path()?;
        let chat = app.chat();
        let message = chat.store.message(id).ok()??;
        let is_gone = message.deleted_at.is_some();
        is_gone.then(|| (404, refusal(&GONE.to_string()))).filter(|_| {
            // Others get the refusal for outsiders.
            member(&chat.store, message.room, user.id).is_some()
        })
    };
    for operation in [MessagesGet, MessagesMarkRead, MessagesDelete] {
        reading.answer_requests(operation, is_gone);
    }
    reading.change_responses(
        &[RoomsStats],
        When::Success,
        Change::With(|app, _, exchange| {
            let Some(room) = exchange.received().id_in_path() else { return };
            if let Ok(kept) = kept(&app.chat().store, room) {
                exchange.body["message_count"] = json!(kept.len());
                let newest = kept.last().map(|message| message.created_at);
                exchange.body["last_message_at"] = json!(newest);
            }
        }),
    );
}

/// The messages of a room that are not deleted, oldest first.
fn kept(store: &Store, room: Uuid) -> Result<Vec<Message>> {
    let mut messages = store.messages(room, Ordering::OldestFirst, Window::ALL)?;
    messages.retain(|message| message.deleted_at.is_none());
    Ok(messages)
}
