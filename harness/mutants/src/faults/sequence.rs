//! Faults that show only after certain commands in a certain order, or when two coincide; of all families.

use hearback_contract::Operation::{MessagesEdit, MessagesMarkRead, MessagesSend};
use hearback_contract::RequirementId;
use hearback_reference::delivery::{Audience, Event, Source};
use hearback_reference::store::Store;
use hearback_reference::store::messages::Message;
use hearback_reference::users::UserId;
use rusqlite::params;

use crate::fault::{FaultSpec, row};
use crate::race;
use crate::wire::RequestChange;

/// Key of a count that belongs to a room, not to a user.
const NOBODY: UserId = 0;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "receipts/second-edit-forgets-readers",
        RequirementId::ReceiptsStored,
        "The second edit of a message removes its readers.",
        |fault| {
            fault.storage.edit_message = Some(|base, _, store, message, content, now| {
                base.edit_message(store, message, content, now)?;
                if message.edited_at.is_some() {
                    store.execute("DELETE FROM receipts WHERE message = ?", [message.id])?;
                }
                Ok(())
            });
        },
    )
    .in_sequences(),
    row(
        "message/edit-moves-what-was-read",
        RequirementId::MessageEditChangesNothingElse,
        "An edit of a message that was read updates its `created_at`.",
        |fault| {
            fault.storage.edit_message = Some(|base, _, store, message, content, now| {
                base.edit_message(store, message, content, now)?;
                if has_readers(store, message)? {
                    let sql = "UPDATE messages SET created_at = ? WHERE id = ?";
                    store.execute(sql, params![now, message.id])?;
                }
                Ok(())
            });
        },
    )
    .in_sequences(),
    row(
        "message/unties-replies-to-edited-and-read",
        RequirementId::MessageReply,
        "Replies to a message that was edited and read lose `reply_to`.",
        |fault| {
            fault.validation.reply_target = Some(|base, _, store, room, id| {
                let target = base.reply_target(store, room, id)?;
                match store.message(id)? {
                    Some(message)
                        if message.edited_at.is_some() && has_readers(store, &message)? =>
                    {
                        Ok(None)
                    }
                    _ => Ok(target),
                }
            });
        },
    )
    .in_sequences(),
    row(
        "message/edits-lose-files",
        RequirementId::MessageEditChangesNothingElse,
        "An edit of a message with a file removes the file.",
        |fault| {
            fault.storage.edit_message = Some(|base, _, store, message, content, now| {
                base.edit_message(store, message, content, now)?;
                store.execute("DELETE FROM attachments WHERE message = ?", [message.id]).map(drop)
            });
        },
    )
    .in_sequences(),
    row(
        "device/edits-separate-devices",
        RequirementId::DeviceReceivesOwnMessages,
        "After a user has edited a message, their own messages reach only the socket that sent them.",
        |fault| {
            fault.storage.edit_message = Some(|base, memory, store, message, content, now| {
                memory.counts.set((message.room, message.sender), 1);
                base.edit_message(store, message, content, now)
            });
            fault.delivery.deliver = Some(|base, memory, hub, room, event, source| {
                let sender = event.actor().unwrap_or_default();
                match (event, source) {
                    (Event::ChatMessage { .. }, Source::Connection(connection))
                        if memory.counts.get((room, sender)).is_some() =>
                    {
                        hub.deliver(room, event, Audience::Except(sender));
                        hub.deliver(room, event, Audience::Only(connection));
                    }
                    _ => base.deliver(hub, room, event, source),
                }
            });
        },
    )
    .in_sequences(),
    row(
        "unread/deleted-edits-count-twice",
        RequirementId::UnreadDetail,
        "Deleting an edited message reduces the unread counts by two.",
        |fault| {
            fault.storage.delete_message = Some(|base, _, store, message, now| {
                if message.edited_at.is_some() {
                    let sql =
                        "UPDATE participants SET seen = seen + 1 WHERE room = ? AND user <> ?";
                    store.execute(sql, params![message.room, message.sender])?;
                }
                base.delete_message(store, message, now)
            });
        },
    )
    .in_sequences(),
    row(
        "unread/mark-leaves-one-below-deleted",
        RequirementId::UnreadZeroAfterMarkRead,
        "Marking a room as read leaves one message unread if the newest one is deleted.",
        |fault| {
            fault.storage.read_room = Some(|base, _, store, reader, source, now| {
                base.read_room(store, reader, source, now)?;
                let newest = store.last_message(reader.room)?;
                if reader.unread_count > 0 && newest.is_some_and(|it| it.deleted_at.is_some()) {
                    let sql = "UPDATE participants SET seen = seen - 1 WHERE id = ?";
                    store.execute(sql, [reader.id])?;
                }
                Ok(())
            });
        },
    )
    .in_sequences(),
    row(
        "deletion/receipts-reveal-deleted-edits",
        RequirementId::DeletionTextIsGone,
        "Marking a message as read that was edited and deleted restores its text.",
        |fault| {
            fault.storage.delete_message = Some(|base, memory, store, message, now| {
                memory.keep_text(message);
                base.delete_message(store, message, now)
            });
            fault.storage.read_message = Some(|base, memory, store, message, reader, now| {
                let first = base.read_message(store, message, reader, now)?;
                if let (Some(text), Some(_)) = (memory.texts.get(message.id), message.edited_at) {
                    let sql = "UPDATE messages SET content = ? WHERE id = ?";
                    store.execute(sql, params![text, message.id])?;
                }
                Ok(first)
            });
        },
    )
    .in_sequences(),
    row(
        "participant/mark-unmutes",
        RequirementId::ParticipantMute,
        "Marking a room as read unmutes it.",
        |fault| {
            fault.storage.read_room = Some(|base, _, store, reader, source, now| {
                base.read_room(store, reader, source, now)?;
                let sql = "UPDATE participants SET is_muted = 0 WHERE id = ?";
                store.execute(sql, [reader.id]).map(drop)
            });
        },
    )
    .in_sequences(),
    row(
        "participant/returning-admins-are-none",
        RequirementId::ParticipantAddAsAdmin,
        "Former members who are added again as admins are not admins.",
        |fault| {
            fault.storage.add_participant = Some(|base, _, store, room, user, is_admin, now| {
                let returns = store.participant_of(room, user)?.is_some();
                base.add_participant(store, room, user, is_admin && !returns, now)
            });
        },
    )
    .in_sequences(),
    row(
        "room/muted-returns-count-twice",
        RequirementId::RoomStatsParticipantCount,
        "Former members who had muted the room and are added again count twice.",
        |fault| {
            fault.storage.add_participant =
                Some(|base, memory, store, room, user, is_admin, now| {
                    let before = store.participant_of(room, user)?;
                    if before.is_some_and(|participant| participant.is_muted) {
                        let extra = memory.counts.get((room, NOBODY)).unwrap_or(0);
                        memory.counts.set((room, NOBODY), extra + 1);
                    }
                    base.add_participant(store, room, user, is_admin, now)
                });
            fault.rendering.participant_count = Some(|base, memory, store, room| {
                let extra = memory.counts.get((room, NOBODY)).unwrap_or(0);
                Ok(base.participant_count(store, room)? + extra)
            });
        },
    )
    .in_sequences(),
    row(
        "receipts/edit-overwrites-readers",
        RequirementId::ReceiptsStored,
        "An edit restores the readers from when it began, and loses readers since then.",
        |fault| {
            fault.change_requests(MessagesEdit, RequestChange::Outlast(race::readers));
            fault.change_requests(MessagesMarkRead, RequestChange::Hold);
            fault.storage.read_message = Some(|base, memory, store, message, reader, now| {
                let read_at = base.read_message(store, message, reader, now);
                memory.race.release(message.id);
                read_at
            });
            fault.storage.edit_message = Some(|base, memory, store, message, content, now| {
                base.edit_message(store, message, content, now)?;
                let snapshot = memory.race.snapshot(message.id, message.sender);
                race::restore_readers(store, message, snapshot, message.sender)
            });
        },
    )
    .in_sequences(),
    row(
        "receipts/simultaneous-readers-overwrite",
        RequirementId::ReceiptsStored,
        "If two users mark a message as read by REST at the same time, one is lost.",
        |fault| {
            fault.change_requests(MessagesMarkRead, RequestChange::Race(race::readers));
            fault.storage.read_message = Some(|base, memory, store, message, reader, now| {
                let first = base.read_message(store, message, reader, now)?;
                let snapshot = memory.race.snapshot(message.id, reader.user);
                race::restore_readers(store, message, snapshot, reader.user)?;
                Ok(first)
            });
        },
    )
    .in_sequences(),
    row(
        "room/simultaneous-sends-count-once",
        RequirementId::RoomStatsMessageCount,
        "Messages that are sent by REST at the same time count once.",
        |fault| {
            fault.change_requests(MessagesSend, RequestChange::Race(race::message_count));
            fault.storage.add_message = Some(|base, memory, store, message, attachment, source| {
                base.add_message(store, message, attachment, source)?;
                let snapshot = memory.race.snapshot(message.room, message.sender);
                race::restore_message_count(store, message, snapshot)
            });
        },
    )
    .in_sequences(),
];

fn has_readers(store: &Store, message: &Message) -> rusqlite::Result<bool> {
    Ok(!store.readers(message.id)?.is_empty())
}
