//! Faults of receipts.

use hearback_contract::Operation::{
    self, MessagesGet, MessagesList, MessagesSearch, ParticipantsList, RoomsGet,
};
use hearback_contract::RequirementId;
use hearback_contract::ServerEvent::ReadReceipt;
use rusqlite::params;
use serde_json::json;

use crate::distortion::increment;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};

/// Operations whose responses contain receipts.
const READS: &[Operation] = &[MessagesGet, MessagesList, MessagesSearch];

/// A user who appears as a reader of every message.
const PHANTOM: &str = "8";

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "receipts/forgets-readers",
        RequirementId::ReceiptsStored,
        "Messages never show readers.",
        |fault| {
            fault.edit_responses(
                READS,
                Edit::Map(&["", "/results/*"], |message| {
                    if message["read_by"].is_object() {
                        message["read_by"] = json!({});
                        message["read_count"] = json!(0);
                        message["is_read"] = json!(false);
                    }
                }),
            )
        },
    ),
    row(
        "receipts/counts-one-more",
        RequirementId::ReceiptsCount,
        "`read_count` is one too high.",
        |fault| {
            fault.edit_responses(
                READS,
                Edit::Map(&["/read_count", "/results/*/read_count"], increment),
            )
        },
    ),
    row(
        "receipts/everything-is-read",
        RequirementId::ReceiptsIsRead,
        "`is_read` is always true.",
        |fault| {
            fault.edit_responses(
                READS,
                Edit::Map(&["/is_read", "/results/*/is_read"], |is_read| *is_read = json!(true)),
            )
        },
    ),
    row(
        "receipts/restamps",
        RequirementId::ReceiptsIdempotent,
        "Marking a message as read again updates `read_at`.",
        |fault| {
            fault.storage.read_message = Some(|base, _, store, message, reader, now| {
                let first = base.read_message(store, message, reader, now)?;
                let sql = "UPDATE receipts SET read_at = ? WHERE message = ? AND reader = ?";
                store.execute(sql, params![now, message.id, reader.user])?;
                Ok(first)
            });
        },
    ),
    row(
        "receipts/phantom-reader",
        RequirementId::ReceiptsNoPhantom,
        "`read_by` contains a user who read nothing.",
        |fault| {
            fault.edit_responses(
                READS,
                Edit::Map(&["", "/results/*"], |message| {
                    let time = message["created_at"].clone();
                    if let Some(readers) = message["read_by"].as_object_mut() {
                        readers.insert(PHANTOM.to_owned(), time);
                        message["read_count"] = json!(readers.len());
                        message["is_read"] = json!(true);
                    }
                }),
            )
        },
    ),
    row(
        "receipts/loses-earlier-readers",
        RequirementId::ReceiptsNeverLost,
        "Only the last reader of a message is stored.",
        |fault| {
            fault.storage.read_message = Some(|base, _, store, message, reader, now| {
                let first = base.read_message(store, message, reader, now)?;
                let sql = "DELETE FROM receipts WHERE message = ? AND reader <> ?";
                store.execute(sql, params![message.id, reader.user])?;
                Ok(first)
            });
        },
    ),
    row(
        "receipts/read-before-written",
        RequirementId::ReceiptsTime,
        "`read_at` of `read_receipt` is earlier than the message.",
        |fault| {
            fault.edit_events(
                ReadReceipt,
                Edit::Map(&["/read_at"], |time| *time = json!("2001-01-01T00:00:00Z")),
            )
        },
    ),
    row(
        "receipts/last-read-never",
        RequirementId::ReceiptsLastReadAt,
        "`last_read_at` is always null.",
        |fault| {
            fault.edit_responses(
                &[RoomsGet, ParticipantsList],
                Edit::Set(&["/participants/*/last_read_at", "/results/*/last_read_at"], "null"),
            )
        },
    ),
];
