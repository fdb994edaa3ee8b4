//! Readings of read receipts.

use hearback_contract::ReadingId;
use hearback_reference::delivery::{Audience, Event, Source};
use hearback_reference::users::UserId;
use serde_json::json;
use uuid::Uuid;

use super::lookup::objects;
use super::messages::VIEWS;
use super::switch::{ReadingSwitch, row};
use crate::wire::{Change, When};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::OwnReceiptEveryone, |reading| {
        reading.delivery.deliver = Some(|base, _, hub, room, event, source| match event {
            Event::ReadReceipt { .. } => hub.deliver(room, event, Audience::Everyone),
            _ => base.deliver(hub, room, event, source),
        });
    }),
    row(ReadingId::ReceiptRecipientsSender, |reading| {
        reading.storage.read_message = Some(|base, memory, store, message, reader, now| {
            memory.senders.set(message.id, message.sender);
            base.read_message(store, message, reader, now)
        });
        // A room marked as read sends receipts under `room-mark-and-read-by=receipts`.
        reading.storage.read_room = Some(|base, memory, store, reader, source, now| {
            base.read_room(store, reader, source, now)?;
            let sql = "SELECT message, sender FROM receipts JOIN messages ON messages.id = message
                       WHERE reader = ? AND read_at = ?";
            let read: Vec<(Uuid, UserId)> =
                store.query(sql, (reader.user, now), |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (message, sender) in read {
                memory.senders.set(message, sender);
            }
            Ok(())
        });
        reading.delivery.deliver = Some(|base, memory, hub, room, event, source| match event {
            Event::ReadReceipt { message_id, .. } => match memory.senders.get(*message_id) {
                Some(sender) => hub.deliver(room, event, Audience::User(sender)),
                None => base.deliver(hub, room, event, source),
            },
            _ => base.deliver(hub, room, event, source),
        });
    }),
    row(ReadingId::RestReceiptReachesSocketsNo, |reading| {
        reading.delivery.deliver = Some(|base, _, hub, room, event, source| {
            let is_receipt = matches!(event, Event::ReadReceipt { .. });
            if !(is_receipt && source == Source::Operation) {
                base.deliver(hub, room, event, source);
            }
        });
    }),
    row(ReadingId::RoomMarkAndReadByReceipts, |reading| {
        reading.storage.read_room = Some(|base, memory, store, reader, source, now| {
            base.read_room(store, reader, source, now)?;
            let sql = "SELECT message FROM receipts WHERE reader = ? AND read_at = ?";
            let read: Vec<_> = store.query(sql, (reader.user, now), |row| row.get(0))?;
            memory.read.lock().extend(read.into_iter().map(|message| (message, reader.user, now)));
            Ok(())
        });
        reading.delivery.deliver = Some(|base, memory, hub, room, event, source| {
            if matches!(event, Event::RoomMarkedRead { .. }) {
                for (message_id, user_id, read_at) in memory.read.lock().drain(..) {
                    let receipt = Event::ReadReceipt { message_id, user_id, read_at };
                    base.deliver(hub, room, &receipt, source);
                }
            }
            base.deliver(hub, room, event, source);
        });
    }),
    row(ReadingId::IsReadViewer, |reading| {
        reading.change_responses(
            VIEWS,
            When::Success,
            Change::With(|app, _, exchange| {
                let Some(viewer) = exchange.caller(app) else { return };
                let viewer = viewer.id.to_string();
                for message in objects(&mut exchange.body) {
                    if message.get("is_read").is_some() {
                        message["is_read"] = json!(message["read_by"].get(&viewer).is_some());
                    }
                }
            }),
        );
    }),
];
