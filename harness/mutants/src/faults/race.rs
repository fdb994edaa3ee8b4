//! Faults that show only when two requests coincide; of all families.

use hearback_contract::Operation::{
    MessagesDelete, MessagesEdit, MessagesList, MessagesSend, ParticipantsAdd, ParticipantsRemove,
    RoomsArchive, RoomsCreate, RoomsLeave,
};
use hearback_contract::RequirementId;
use hearback_reference::App;
use hearback_reference::store::Window;
use hearback_reference::store::participants::Participant;
use serde_json::Value;
use uuid::Uuid;

use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::race::{self, Snapshot};
use crate::wire::{Change, Exchange, RequestChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "room/creates-two-at-once",
        RequirementId::RoomDirectCreatedOnce,
        "Two direct rooms can be created for the same users; later requests return the first.",
        |fault| {
            fault.change_requests(RoomsCreate, RequestChange::Race(race::nothing));
            let is_direct = |room: &Value| room["room_type"] == "direct";
            fault.change_responses(
                &[RoomsCreate],
                When::SuccessWhere(is_direct),
                Change::With(return_first),
            );
        },
    ),
    row(
        "message/search-keeps-first-of-two-edits",
        RequirementId::MessageEditsSettle,
        "Search shows the first of two edits that were made at the same time.",
        |fault| {
            fault.change_requests(MessagesEdit, RequestChange::Race(race::nothing));
            fault.storage.edit_message = Some(|base, memory, store, message, content, now| {
                if memory.race.has_met(message.id) && memory.texts.get(message.id).is_none() {
                    memory.texts.set(message.id, content.to_owned());
                }
                base.edit_message(store, message, content, now)
            });
            fault.listing.search = Some(|base, memory, store, search, window| {
                let (count, mut found) = base.search(store, search, window)?;
                for message in &mut found {
                    if let Some(text) = memory.texts.get(message.id) {
                        message.content = text;
                    }
                }
                Ok((count, found))
            });
        },
    ),
    row(
        "deletion/simultaneous-edit-restores",
        RequirementId::DeletionTextIsGone,
        "An edit at the same time as the deletion of the message replaces the placeholder.",
        |fault| {
            fault.change_requests(MessagesEdit, RequestChange::Outlast(race::nothing));
            fault.change_requests(MessagesDelete, RequestChange::Hold);
            fault.validation.check_editable = Some(|base, memory, message| {
                if memory.race.has_met(message.id) { Ok(()) } else { base.check_editable(message) }
            });
            fault.storage.delete_message = Some(|base, memory, store, message, now| {
                base.delete_message(store, message, now)?;
                memory.race.release(message.id);
                Ok(())
            });
        },
    ),
    row(
        "participant/simultaneous-changes-hide",
        RequirementId::ParticipantListedCanRead,
        "A member who is added while being removed is a member, and not listed.",
        |fault| {
            fault.change_requests(ParticipantsAdd, RequestChange::Outlast(race::nothing));
            fault.change_requests(ParticipantsRemove, RequestChange::Hold);
            fault.storage.end_membership = Some(|base, memory, store, participant, now| {
                base.end_membership(store, participant, now)?;
                memory.race.release(participant.room);
                Ok(())
            });
            fault.storage.add_participant = Some(|base, memory, store, room, user, admin, now| {
                if memory.race.has_met(room) {
                    memory.counts.set((room, user), 1);
                }
                base.add_participant(store, room, user, admin, now)
            });
            fault.rendering.participants = Some(|base, memory, store, room| {
                Ok(visible(memory, room, base.participants(store, room)?))
            });
            fault.rendering.participant_count = Some(|_, memory, store, room| {
                let all = store.participants(room, Window::ALL)?;
                Ok(visible(memory, room, all).len() as i64)
            });
            fault.listing.participants = Some(|base, memory, store, room, window| {
                let (count, all) = base.participants(store, room, window)?;
                let total = all.len();
                let shown = visible(memory, room, all);
                Ok((count - (total - shown.len()) as i64, shown))
            });
        },
    ),
    row(
        "participant/simultaneous-leaving-demotes",
        RequirementId::ParticipantListEqualsRoom,
        "A member who is made an admin while leaving is an admin, and listed as none.",
        |fault| {
            fault.change_requests(ParticipantsAdd, RequestChange::Outlast(race::nothing));
            fault.change_requests(RoomsLeave, RequestChange::Hold);
            fault.storage.end_membership = Some(|base, memory, store, participant, now| {
                base.end_membership(store, participant, now)?;
                memory.race.release(participant.room);
                Ok(())
            });
            fault.storage.add_participant = Some(|base, memory, store, room, user, admin, now| {
                if memory.race.has_met(room) {
                    memory.counts.set((room, user), 1);
                }
                base.add_participant(store, room, user, admin, now)
            });
            fault.listing.participants = Some(|base, memory, store, room, window| {
                let (count, mut all) = base.participants(store, room, window)?;
                for participant in &mut all {
                    participant.is_admin &= memory.counts.get((room, participant.user)).is_none();
                }
                Ok((count, all))
            });
        },
    ),
    row(
        "delivery/archiving-loses-messages",
        RequirementId::DeliveryAcknowledgedIsKept,
        "A message that is sent while its room is being archived is acknowledged and not stored.",
        |fault| {
            fault.change_requests(RoomsArchive, RequestChange::Outlast(race::nothing));
            fault.change_requests(MessagesSend, RequestChange::Hold);
            fault.storage.add_message = Some(|base, memory, store, message, attachment, source| {
                if !memory.race.is_awaited(message.room) {
                    return base.add_message(store, message, attachment, source);
                }
                memory.race.release(message.room);
                Ok(())
            });
        },
    ),
    row(
        "page/counts-then-selects",
        RequirementId::PageWholeWhileWriting,
        "Lists count the messages first, and select as many of the newest ones afterwards.",
        |fault| {
            fault.change_requests(MessagesList, RequestChange::Outlast(race::message_count));
            fault.change_requests(MessagesSend, RequestChange::Hold);
            fault.storage.add_message = Some(|base, memory, store, message, attachment, source| {
                base.add_message(store, message, attachment, source)?;
                memory.race.release(message.room);
                Ok(())
            });
            fault.listing.messages = Some(|base, memory, store, membership, ordering, window| {
                let (count, mut messages) = base.messages(store, membership, ordering, window)?;
                let snapshot = memory.race.snapshot(membership.room.id, membership.user());
                let Some(Snapshot::MessageCount(counted)) = snapshot else {
                    return Ok((count, messages));
                };
                let left = usize::try_from(counted - window.offset).unwrap_or(0);
                messages.truncate(left);
                Ok((counted, messages))
            });
        },
    ),
];

/// The participants without those who are hidden.
fn visible(memory: &Memory, room: Uuid, mut all: Vec<Participant>) -> Vec<Participant> {
    all.retain(|participant| memory.counts.get((room, participant.user)).is_none());
    all
}

/// Replaces the third and later direct rooms of the same users with the first.
fn return_first(_: &App, memory: &Memory, exchange: &mut Exchange) {
    let participants = exchange.body["participants"].as_array().into_iter().flatten();
    let mut users: Vec<_> = participants.filter_map(|it| it["user"]["id"].as_i64()).collect();
    users.sort_unstable();
    let pair = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{users:?}").as_bytes());
    let known = memory.counts.get((pair, 0)).unwrap_or(0);
    memory.counts.set((pair, 0), known + 1);
    match (known, memory.texts.get(pair)) {
        (0, _) => drop(memory.texts.set(pair, exchange.body.to_string())),
        (1, _) | (_, None) => {}
        (_, Some(first)) => exchange.replace(200, serde_json::from_str(&first).unwrap_or_default()),
    }
}
